"""operator runs: what was done, what is being done, and how to stop it or go on with it."""

from typing import TYPE_CHECKING, Annotated

import typer

from dure.cli.common import JsonOption, WorkspaceOption, print_json, workspace_root
from dure.escaping import escaped, escaped_json

if TYPE_CHECKING:
    from dure.runs.context import Context
    from dure.store.tables import Proof

app = typer.Typer(no_args_is_help=True, help="Runs: list, show, logs, resume, cancel. Example: operator runs list")

RunArgument = Annotated[str, typer.Argument(help="Id of the run, or its beginning.")]


def _context(workspace: WorkspaceOption) -> "Context":
    from dure.runs.context import open_context

    return open_context(workspace_root(workspace))


@app.command("list")
def list_runs(
    site: Annotated[str, typer.Argument(help="Only of this site.")] = "",
    limit: Annotated[int, typer.Option(help="At most so many.", min=1)] = 20,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """List runs, newest first. Example: operator runs list hansol-plastics/ansan"""
    from dure.runs import journal
    from dure.runs.selector import require_site

    context = _context(workspace)
    runs = journal.list_runs(context.store, site, limit)
    if site and not runs:
        require_site(context.workspace, site)
    if as_json:
        print_json([journal.run_json(run) for run in runs])
        return
    if not runs:
        typer.echo(f"no runs yet; next: operator provision {site or 'SITE'}", err=True)
    for run in runs:
        started = run.started_at.astimezone().strftime("%Y-%m-%d %H:%M")
        line = f"{run.id}  {run.state:<9}  {started}  {run.engineer:<12}  {run.site}  {run.reason}"
        typer.echo(escaped(line.rstrip()))


@app.command("show")
def show(run: RunArgument, as_json: JsonOption = False, workspace: WorkspaceOption = None) -> None:
    """Show a run's steps and its acceptance table. Example: operator runs show 20261122-0455"""
    from dure.runs.journal import find_run

    context = _context(workspace)
    show_run(context, find_run(context.store, run).id, as_json=as_json, steps=True)


@app.command("logs")
def logs(run: RunArgument, as_json: JsonOption = False, workspace: WorkspaceOption = None) -> None:
    """Print everything that a run said, in order. Example: operator runs logs 20261122-0455"""
    import json
    from datetime import UTC, datetime

    from dure.runs.journal import event_json, events_of, find_run

    context = _context(workspace)
    for event in events_of(context.artifacts(find_run(context.store, run).id)):
        if as_json:
            typer.echo(escaped_json(json.dumps(event_json(event), ensure_ascii=False)))
            continue
        at = datetime.fromtimestamp(event.at, UTC).astimezone().strftime("%H:%M:%S")
        state = f" [{event.state}]" if event.state else ""
        typer.echo(escaped(f"{at} {event.step:<10} {event.kind:<12}{state} {event.text}".rstrip()))


@app.command("resume")
def resume(run: RunArgument, as_json: JsonOption = False, workspace: WorkspaceOption = None) -> None:
    """Go on with a run whose process died. Example: operator runs resume 20261122-0455"""
    from dure.cli.progress import Progress
    from dure.runs.provision.command import resume as go_on

    context = _context(workspace)
    progress = Progress(quiet=as_json)
    try:
        with progress.shown():
            go_on(context, run, progress)
    finally:
        if progress.live is not None:
            show_run(context, progress.live.run, as_json=as_json, steps=False)


@app.command("cancel")
def cancel(run: RunArgument, as_json: JsonOption = False, workspace: WorkspaceOption = None) -> None:
    """Ask a run to stop; says where it will. Example: operator runs cancel 20261122-0455"""
    from dure.runs.cancel import cancel as cancel_run

    stops = cancel_run(_context(workspace), run)
    if as_json:
        print_json({"run": stops.run, "step": stops.step, "stops": stops.where, "note": stops.note})
        return
    typer.echo(f"run {stops.run} starts nothing new; it stops {stops.where}")
    if stops.note:
        typer.echo(f"note: {escaped(stops.note)}", err=True)


def show_run(context: "Context", run_id: str, *, as_json: bool, steps: bool) -> None:
    """Print a run with its acceptance table; its steps too where they were not just seen live."""
    from dure.runs import journal
    from dure.runs.audit_runs import NOTE
    from dure.runs.proofs import proof_json, proofs_of

    run = journal.find_run(context.store, run_id)
    done = journal.steps_of(context.store, run.id)
    rows = proofs_of(context.store, run.id)
    notes = journal.notes_of(context.artifacts(run.id), NOTE)
    if as_json:
        print_json(
            {
                **journal.run_json(run),
                "steps": [journal.step_json(step) for step in done],
                "proofs": [proof_json(row) for row in rows],
                "notes": [*notes],
            }
        )
        return
    if steps:
        typer.echo(f"run {run.id} of {run.engineer} on {run.site}: {run.state}")
        for step in done:
            spent = "" if step.seconds is None else f"{step.seconds:7.1f} s"
            typer.echo(escaped(f"  {step.name:<10} {step.state:<9}{spent:>10}  {step.summary}"))
        if run.error:
            typer.echo(f"  {escaped(run.error)}")
    _table(rows)
    for note in notes:
        typer.echo(f"note: {escaped(note)}", err=True)


def _table(rows: "list[Proof]") -> None:
    """The acceptance table: what, expected, seen, seconds."""
    if not rows:
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(title="Acceptance", title_justify="left")
    for heading in ("", "what", "expected", "seen"):
        table.add_column(heading, overflow="fold")
    table.add_column("seconds", justify="right")
    for row in rows:
        told = (escaped(text, keep="\n") for text in (row.what, row.expected, row.seen))
        table.add_row("✔" if row.ok else "✘", *told, f"{row.seconds:.1f}")
    console = Console(highlight=False)
    console.width = console.width if console.is_terminal else 140
    console.print(table, markup=False)
