"""operator exclude: what the contract takes out of the agreed time."""

from typing import Annotated, get_args

import typer
from pydantic import JsonValue

from dure.cli.common import (
    CheckOption,
    JsonOption,
    LanguageOption,
    Tongue,
    WorkspaceOption,
    plain_text,
    print_json,
    workspace_root,
)
from dure.cli.promise_options import (
    CustomerArgument,
    EvidenceOption,
    FromOption,
    SelectorArgument,
    ServicesOption,
    ToOption,
    WordOption,
)

app = typer.Typer(
    no_args_is_help=True,
    help="Exclusions with their evidence: add, approve, list. Example: operator exclude list hansol-plastics",
)


@app.callback()
def group() -> None:
    """Exclusions with their evidence. Example: operator exclude list hansol-plastics"""


@app.command()
def add(
    start: FromOption,
    end: ToOption,
    evidence: EvidenceOption,
    reason: Annotated[str, typer.Option("--reason", callback=plain_text, help="Why; the customer reads it.")],
    customer: Annotated[str, typer.Argument(help="The customer; with --supplier a selector.")] = "",
    cause: Annotated[str, typer.Option("--cause", help="One of the contract's causes.")] = "customer_action",
    supplier: Annotated[
        str, typer.Option("--supplier", help="Propose it for every customer who hangs on it and was down.")
    ] = "",
    name: WordOption = "exclusion",
    services: ServicesOption = None,
    language: LanguageOption = Tongue.EN,
    check: CheckOption = False,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Propose an exclusion; it counts once two engineers have signed it.

    Example: operator exclude add --supplier KT --from 2026-06-20T00:00 --to 2026-06-20T01:00
    --evidence "KT notice 2026-0620" --reason "KT 회선 장애"
    """
    from dure.errors import UsageError
    from dure.model.promise.agreement import ExclusionAgreement, ExclusionWord
    from dure.runs.context import open_context
    from dure.runs.promise.exclusions import Proposal, add_exclusion, propose_for_supplier
    from dure.runs.promise.selection import selected_customers
    from dure.text.commands import say

    context = open_context(workspace_root(workspace))
    causes: tuple[ExclusionWord, ...] = get_args(ExclusionWord)
    known = next((one for one in causes if one == cause), None)
    if known is None:
        why, mend = "the contract names its causes", f"one of {', '.join(causes)}"
        raise UsageError(f'"{cause}" is no cause', why=why, mend=mend)
    proposal = Proposal((start, end), known, evidence, reason, name)
    found: list[ExclusionAgreement]
    if supplier:
        found = propose_for_supplier(context, selected_customers(context, customer), supplier, proposal, check=check)
    elif customer:
        found = [add_exclusion(context, customer, services or [], proposal, check=check)]
    else:
        raise UsageError(
            "for whom?", why="neither a customer nor --supplier is given", mend="operator exclude add CUSTOMER"
        )
    if as_json:
        rows: list[JsonValue] = [one.model_dump(mode="json") for one in found]
        print_json(rows)
    else:
        for one in found:
            concerned = ", ".join(one.services) or say("all-services", language.value)
            typer.echo(f"exclusions/{one.customer}/{one.id}.yaml: {concerned}")
        key = "exclusions-would-be-written" if check else "exclusions-written"
        typer.echo(say(key if found else "nobody-down", language.value))
    if check and found:
        raise typer.Exit(3)


@app.command()
def approve(
    customer: CustomerArgument,
    name: Annotated[str, typer.Argument(help="The exclusion, such as 2026-06-20-kt.")],
    language: LanguageOption = Tongue.EN,
    check: CheckOption = False,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Sign an exclusion; two different engineers make it count.

    Example: operator exclude approve hansol-plastics 2026-06-20-kt
    """
    from dure.runs.context import open_context
    from dure.runs.promise import clock
    from dure.runs.promise.exclusions import approve_exclusion
    from dure.text.commands import say

    one = approve_exclusion(open_context(workspace_root(workspace)), customer, name, clock.now(), check=check)
    if as_json:
        print_json(one.model_dump(mode="json"))
    else:
        key = "would-be-signed" if check else "signed"
        typer.echo(say(key, language.value, name=name, signers=", ".join(one.signers())))
        if not one.agreed:
            typer.echo(say("another-signs", language.value), err=True)
    if check:
        raise typer.Exit(3)


@app.command("list")
def list_exclusions(
    selector: SelectorArgument = "",
    language: LanguageOption = Tongue.EN,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """List exclusions in order of time, with who signed them. Example: operator exclude list hansol-plastics"""
    from dure.cli.agreement_lines import EXCLUSIONS, print_agreements

    print_agreements(workspace_root(workspace), selector, EXCLUSIONS, language.value, as_json=as_json)
