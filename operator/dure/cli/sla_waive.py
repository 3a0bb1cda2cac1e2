"""operator sla waive: a credit that the customer does without."""

from typing import Annotated

import typer

from dure.cli.common import (
    CheckOption,
    JsonOption,
    LanguageOption,
    ReasonOption,
    Tongue,
    WorkspaceOption,
    print_json,
    workspace_root,
)
from dure.cli.promise_options import CustomerArgument, EvidenceOption, MonthArgument


def waive(
    month: MonthArgument,
    customer: CustomerArgument,
    service: Annotated[str, typer.Argument(help="The service whose credit is waived.")],
    evidence: EvidenceOption = "",
    language: LanguageOption = Tongue.EN,
    check: CheckOption = False,
    reason: ReasonOption = "",
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Waive a credit: one engineer proposes and signs it, another signs and applies it as a new revision.

    Example: operator sla waive 2026-06 hansol-plastics erp --reason "무상 점검으로 대신" --evidence "메일 07-06"
    """
    from dataclasses import asdict

    from dure.runs.context import open_context
    from dure.runs.promise import clock
    from dure.runs.promise.due import checked_month
    from dure.runs.promise.waiving import waive as waive_credit
    from dure.text.commands import say

    context = open_context(workspace_root(workspace))
    found = waive_credit(context, customer, checked_month(month), service, reason, evidence, clock.now(), check=check)
    if as_json:
        print_json(asdict(found))
    else:
        key = "would-be-waived" if check else "waived" if found.revision else "waiver-proposed"
        told = {"month": month, "customer": customer, "service": service, "signers": ", ".join(found.signers)}
        typer.echo(say(key, language.value, amount=found.amount, revision=found.revision, **told))
    if check:
        raise typer.Exit(3)
