"""operator sla waive: a credit that the customer does without."""

from typing import Annotated

import typer

from dure.cli.common import (
    CheckOption,
    JsonOption,
    ReasonOption,
    WorkspaceOption,
    plain_text,
    print_json,
    workspace_root,
)


def waive(
    month: Annotated[str, typer.Argument(help="A closed month, such as 2026-06.")],
    customer: Annotated[str, typer.Argument(help="The customer.")],
    service: Annotated[str, typer.Argument(help="The service whose credit is waived.")],
    evidence: Annotated[
        str, typer.Option("--evidence", callback=plain_text, help="What shows that the customer agreed.")
    ] = "",
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

    context = open_context(workspace_root(workspace))
    found = waive_credit(context, customer, checked_month(month), service, reason, evidence, clock.now(), check=check)
    if as_json:
        print_json(asdict(found))
    else:
        shown = f"the credit of {found.amount:,} KRW for {service} in {month}"
        if check:
            typer.echo(f"{shown} would be waived, signed by {', '.join(found.signers)}")
        elif found.revision:
            typer.echo(f"{shown} is waived in revision {found.revision}, signed by {', '.join(found.signers)}")
        else:
            typer.echo(
                f"to waive {shown} is proposed and signed by {', '.join(found.signers)}; to apply it, another engineer "
                f"runs: operator sla waive {month} {customer} {service}"
            )
    if check:
        raise typer.Exit(3)
