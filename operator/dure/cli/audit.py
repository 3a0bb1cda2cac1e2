"""operator audit: who did what, when, where and why; and whether the record is whole."""

from typing import Annotated

import typer
from pydantic import JsonValue

from dure.cli.common import JsonOption, ReasonOption, WorkspaceOption, print_json, workspace_root
from dure.escaping import escaped

app = typer.Typer(no_args_is_help=True, help="The audit log: show, verify, accept. Example: operator audit verify")


@app.command("show")
def show(
    site: Annotated[
        str, typer.Argument(help="Only of this site, or of this customer: also what closes of many froze of it.")
    ] = "",
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show the audit log, oldest first. Example: operator audit show hansol-plastics/ansan

    Example: operator audit show hansol-plastics
    """
    from dure.runs.audit import entries
    from dure.runs.context import open_context
    from dure.runs.promise.sealing import acts_of_customer
    from dure.runs.selector import require_site

    context = open_context(workspace_root(workspace))
    with context.store.transaction() as session:
        froze = acts_of_customer(session, site) if site else {}
    shown = [one for one in entries(context.store) if site in ("", one.where) or one.run in froze]
    if site and not shown:
        require_site(context.workspace, site)
    if as_json:
        rows: list[JsonValue] = []
        for one in shown:
            told: list[JsonValue] = [act.as_json() for act in froze.get(one.run, ())]
            rows.append({**one.model_dump(mode="json", exclude={"acts"}), "froze": told})
        print_json(rows)
        return
    if not shown:
        typer.echo("no entries yet" + (f" of {site}" if site else ""), err=True)
    for one in shown:
        why = f' "{one.why}"' if one.why else ""
        typer.echo(escaped(f"{one.number:>5}  {one.at}  {one.who}  {one.what} {one.where}{why}: {one.result}"))
        for act in froze.get(one.run, ()):
            typer.echo(escaped(f"{'':>7}{act.words()}"))


@app.command("verify")
def verify(
    offline: Annotated[
        bool, typer.Option("--offline", help="Without asking the hub; a cut-off end stays unseen.")
    ] = False,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Find changed, missing and cut-off links, and acts whose end is not in the log; exit 3 when there are any.

    Example: operator audit verify
    """
    from dure.runs.audit_verify import verify_chain
    from dure.runs.context import open_context
    from dure.text.writing import filled

    count, found = verify_chain(open_context(workspace_root(workspace)), ask_hub=not offline)
    if as_json:
        print_json({"links": count, "findings": [one.as_json() for one in found]})
    else:
        for one in found:
            typer.echo(escaped(f"link {one.number}: {one.text}" if one.number else one.text))
        if all(one.kind == "unfinished" for one in found):
            rest = filled("; {count:act} without an end", {"count": len(found)}) if found else ""
            whole = filled("{count:link}, whole", {"count": count})
            typer.echo(whole + rest + (" (the hub was not asked)" if offline else ""))
    if found:
        raise typer.Exit(3)


@app.command("accept")
def accept(
    chain: Annotated[str, typer.Argument(help="Id of the lost chain, as `operator audit verify` names it.")],
    reason: ReasonOption = "",
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Sign that a lost log is known, and why it was lost. Example: operator audit accept 9f2c --reason "disk died\""""
    from dure.runs.audit_verify import accept as accept_loss
    from dure.runs.context import open_context

    entry = accept_loss(open_context(workspace_root(workspace)), chain, reason)
    if as_json:
        print_json(entry)
    else:
        typer.echo(f"link {entry.number}, signed by {entry.who}: {entry.result}")
