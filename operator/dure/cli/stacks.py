"""operator stacks: the cloud layer, many stacks at once."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import JsonValue

from dure.cli import stacks_change
from dure.cli.common import CheckOption, JsonOption, ReasonOption, WorkspaceOption, print_json, workspace_root
from dure.cli.stacks_common import AllOption, ChangedOption, ParallelOption, Person, SelectorArgument

if TYPE_CHECKING:
    from dure.runs.stacks.result import StackPreview

HELP = (
    "The cloud layer: list, preview, up, refresh, drift, destroy, expire, outputs, unlock."
    " Example: operator stacks list"
)
RESOURCES = {"preview": {"resources"}}
"""What rules and prices read; a diff has no use for what stays."""
app = typer.Typer(no_args_is_help=True, help=HELP)


@app.command("list")
def list_stacks(
    selector: SelectorArgument = "", as_json: JsonOption = False, workspace: WorkspaceOption = None
) -> None:
    """List stacks: what the workspace wants, what stands, what was applied. Example: operator stacks list"""
    from dure.runs.context import open_context
    from dure.runs.stacks.listing import rows
    from dure.runs.stacks.selection import selected

    context = open_context(workspace_root(workspace))
    everything = not selector
    found = rows(context, selected(context, selector, everything=everything), everything=everything)
    if as_json:
        print_json([row.as_json() for row in found])
        return
    for row in found:
        drift = "" if row.drift is None else f"  {row.drift} drifted" if row.drift else "  no drift"
        after = f"  after {', '.join(row.upstream)}" if row.upstream else ""
        typer.echo(f"{row.site:<32} {row.state:<9} {row.resources:>4}  {row.plan:<8}{after}{drift}".rstrip())


@app.command("preview")
def preview(
    selector: SelectorArgument = "",
    everything: AllOption = False,
    changed: ChangedOption = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="As one comment on a pull request.")] = False,
    save: Annotated[Path | None, typer.Option("--save", help="Keep it in this file for `up --plan`.")] = None,
    parallel: ParallelOption = 4,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show what `up` would change, by resource and property, what it would cost, and the rules that forbid it.

    Exit 3 when something would change, 4 when a rule forbids it.

    Example: operator stacks preview --all --changed
    """
    import tempfile

    from dure.runs.context import open_context
    from dure.runs.stacks.fleet import open_fleet
    from dure.runs.stacks.judged import Judge, comment_lines, judgement_json, judgement_lines
    from dure.runs.stacks.markdown import markdown as as_comment
    from dure.runs.stacks.preview import preview_all
    from dure.runs.stacks.selection import selected
    from dure.runs.stacks.text import preview_text

    if markdown and as_json:
        from dure.errors import UsageError

        raise UsageError("--markdown and --json exclude each other", mend="give one of them")
    context = open_context(workspace_root(workspace))
    plans = selected(context, selector, everything=everything)
    person = Person(quiet=as_json or len(plans) == 1, yes=False)
    with (
        person.listening(),
        tempfile.TemporaryDirectory(prefix="dure-plans-") as place,
        open_fleet(context, changing=False) as fleet,
    ):
        previews = preview_all(
            fleet,
            plans,
            parallel=parallel,
            changed=changed,
            cancel=person.cancelled,
            tell=person.tell,
            save=Path(place) if save else None,
        )
        if save:
            _save(save, previews, Path(place), context.engineer, context.workspace)
    found = Judge(context).judge(previews)
    if as_json:
        stacks: list[JsonValue] = [one.model_dump(mode="json", exclude=RESOURCES) for one in previews]
        print_json({"stacks": stacks, **judgement_json(found)})
    elif markdown:
        typer.echo(as_comment(previews, comment_lines(found)), nl=False)
    else:
        typer.echo("\n".join([preview_text(previews), "", *judgement_lines(found)]))
    _leave(previews, refused=found.refused)


def _save(file: Path, previews: "list[StackPreview]", plans: Path, engineer: str, workspace: Path) -> None:
    from dure.runs.checkout import head_commit
    from dure.runs.stacks.plan_file import save

    saved = save(file, previews, plans, engineer, head_commit(workspace))
    for site, why in saved.left_out.items():
        typer.echo(f"not in {file}: {site}, since {why}", err=True)


def _leave(previews: "list[StackPreview]", *, refused: bool) -> None:
    """1 when a stack could not be looked at, 4 when a rule forbids one, 3 when something would change."""
    if any(one.fault for one in previews):
        raise typer.Exit(1)
    if refused:
        raise typer.Exit(4)
    if any(one.would_change for one in previews):
        raise typer.Exit(3)


@app.command("drift")
def drift(
    selector: SelectorArgument = "",
    everything: AllOption = False,
    parallel: ParallelOption = 4,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Find what was changed by hand, is missing, or is ours and in no stack; exit 3 when there is any.

    Example: operator stacks drift --all
    """
    from dure.runs.context import open_context
    from dure.runs.stacks.drift import drift as look
    from dure.runs.stacks.selection import selected

    context = open_context(workspace_root(workspace))
    plans = selected(context, selector, everything=everything)
    person = Person(quiet=True, yes=False)
    with person.listening():
        report = look(
            context, plans, everything=everything, parallel=parallel, cancel=person.cancelled, tell=person.tell
        )
    if as_json:
        print_json(report.as_json())
    else:
        for one in report.stacks:
            typer.echo("\n".join(one.lines()))
        if report.skipped:
            typer.echo(f"{len(report.skipped)} stacks do not stand and were not looked at", err=True)
    if report.exit_code:
        raise typer.Exit(report.exit_code)


@app.command("outputs")
def outputs(
    site: Annotated[str, typer.Argument(help="customer/site, or landing-zone.")],
    show_secrets: Annotated[bool, typer.Option("--show-secrets", help="Secret ones in clear, not masked.")] = False,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Print what a stack puts out. Example: operator stacks outputs landing-zone"""
    from dure.errors import DureError
    from dure.runs.context import open_context
    from dure.runs.stacks.fleet import open_fleet
    from dure.runs.stacks.selection import plan_of_site

    context = open_context(workspace_root(workspace))
    plan = plan_of_site(context, site)
    with open_fleet(context, changing=False) as fleet:
        if not fleet.stands(site):
            raise DureError(
                f"{site} puts out nothing", why="its stack does not stand", mend=f"operator stacks up {site}"
            )
        found = fleet.at_rest(plan).outputs(reveal=show_secrets)
    if as_json:
        print_json(dict(found))
        return
    for name, value in sorted(found.items()):
        typer.echo(f"{name}: {value}")


@app.command("unlock")
def unlock(
    site: Annotated[str, typer.Argument(help="customer/site, or landing-zone.")],
    force: Annotated[
        bool, typer.Option("--force", help="Also what may live on another host; you know that it does not.")
    ] = False,
    check: CheckOption = False,
    reason: ReasonOption = "",
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show who holds a stack, and clear what a dead process left; the living are left alone.

    Rarely needed: `up` clears a dead holder of this workstation by itself.

    Example: operator stacks unlock hansol-plastics/erp
    """
    from dure.runs.context import open_context
    from dure.runs.stacks.selection import plan_of_site
    from dure.runs.stacks.unlock import unlock as clear

    context = open_context(workspace_root(workspace))
    plan_of_site(context, site)
    found = clear(context, site, check=check, force=force, reason=reason)
    if as_json:
        print_json({"site": site, "cleared": not check, "held": [one.as_json() for one in found]})
    else:
        for one in found:
            typer.echo(one.line())
        verb = "would be cleared" if check else "cleared"
        typer.echo(f"{site}: {len(found)} {verb}" if found else f"{site}: nothing holds it")
    if check and found:
        raise typer.Exit(3)


app.command("up")(stacks_change.up)
app.command("refresh")(stacks_change.refresh)
app.command("destroy")(stacks_change.destroy)
app.command("expire")(stacks_change.expire)
