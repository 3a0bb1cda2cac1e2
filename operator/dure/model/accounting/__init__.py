"""The accounting case: one JSON object that says all that decides one service's figure; see docs/sla.md."""

from dure.model.accounting.case_file import CaseInvalid, accounts_of_lines, read_case
from dure.model.accounting.result import result_of

__all__ = ["CaseInvalid", "accounts_of_lines", "read_case", "result_of"]
