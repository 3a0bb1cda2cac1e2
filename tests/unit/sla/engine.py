"""What `operator sla explain --json` prints for a case, without a process for each."""

from typing import Any

from dure.model.accounting.case_model import AccountingCase
from dure.model.accounting.conversion import to_case
from dure.model.accounting.result import result_of
from dure.sla.case import Account, account


def account_of(case: dict[str, Any]) -> Account:
    return account(to_case(AccountingCase.model_validate(case)))


def explained(case: dict[str, Any]) -> dict[str, Any]:
    return dict(result_of(account_of(case)))
