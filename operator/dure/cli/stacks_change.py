"""operator stacks up, refresh, destroy, expire: the commands that change the cloud or its states."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dure.cli.common import print_json, workspace_root
from dure.cli.stacks_common import (
    AllOption,
    ChangedOption,
    Person,
    SelectorArgument,
    WorkOptions,
    show_report,
    with_work_options,
)

if TYPE_CHECKING:
    from dure.plan.stacks import StackPlan
    from dure.runs.context import Context
    from dure.runs.stacks.plan_file import Saved


@with_work_options
def up(
    selector: SelectorArgument = "",
    everything: AllOption = False,
    changed: ChangedOption = False,
    plan: Annotated[
        Path | None, typer.Option("--plan", help="Just what `preview --save` put into this file, or nothing.")
    ] = None,
    *,
    given: WorkOptions,
) -> None:
    """Bring stacks to what the workspace says, upstream first.

    Example: operator stacks up --all --changed --max-failed 2
    """
    from dure.runs.context import open_context
    from dure.runs.stacks.judged import Judge
    from dure.runs.stacks.up import up as bring_up

    if given.check:
        from dure.cli.stacks import preview
        from dure.errors import UsageError

        if plan is not None:
            mend = "operator stacks preview shows what would change now"
            raise UsageError("--plan and --check exclude each other", mend=mend)

        preview(
            selector, everything, changed, parallel=given.parallel, as_json=given.as_json, workspace=given.workspace
        )
        return
    context = open_context(workspace_root(given.workspace))
    plans, saved = _asked_for(context, selector, plan, everything=everything)
    person = Person(quiet=given.as_json, yes=given.yes)
    with person.listening():
        report = bring_up(
            context,
            plans,
            given.options(),
            person.listener(),
            changed=changed,
            ask=not given.yes and saved is None,
            saved=saved,
            judge=Judge(context),
        )
    show_report(report, as_json=given.as_json, nothing="nothing would change")


def _asked_for(
    context: "Context", selector: str, plan: Path | None, *, everything: bool
) -> "tuple[list[StackPlan], Saved | None]":
    """The stacks, and the plan file that says what may become of them. A file names its stacks itself."""
    from dure.errors import UsageError
    from dure.plan.stacks import order
    from dure.runs.stacks.plan_file import load, refuse_changed_workspace
    from dure.runs.stacks.selection import plan_of_site, selected

    if plan is None:
        return selected(context, selector, everything=everything), None
    if selector or everything:
        raise UsageError("--plan names its stacks itself", mend="give it without selector and --all")
    saved = load(plan)
    return order(refuse_changed_workspace(saved, lambda site: plan_of_site(context, site))), saved


@with_work_options
def refresh(
    selector: SelectorArgument = "",
    everything: AllOption = False,
    *,
    given: WorkOptions,
) -> None:
    """Bring the states up to what is really in the cloud; the cloud stays as it is.

    Example: operator stacks refresh hansol-plastics/erp
    """
    from dure.runs.context import open_context
    from dure.runs.stacks.refresh import refresh as write_states
    from dure.runs.stacks.selection import selected

    if given.check:
        from dure.cli.stacks import drift

        drift(selector, everything, given.parallel, given.as_json, given.workspace)
        return
    context = open_context(workspace_root(given.workspace))
    plans = selected(context, selector, everything=everything)
    person = Person(quiet=given.as_json, yes=given.yes)
    with person.listening():
        report = write_states(context, plans, given.options(), person.listener(), ask=not given.yes)
    show_report(report, as_json=given.as_json, nothing="the states are as the cloud is")


@with_work_options
def destroy(
    sites: Annotated[list[str], typer.Argument(help="Sites by name: customer/site, or landing-zone.")],
    unprotect: Annotated[
        list[str] | None, typer.Option("--unprotect", help="URN of a protected resource that goes too; repeatable.")
    ] = None,
    confirm: Annotated[
        list[str] | None, typer.Option("--confirm", help="The site's name once more, where it holds data; for CI.")
    ] = None,
    *,
    given: WorkOptions,
) -> None:
    """Take named stacks down, dependents first. What holds data is named by its URN, and its site once more.

    Example: operator stacks destroy hansol-plastics/trial --reason "the trial has ended"
    """
    from dure.runs.context import open_context
    from dure.runs.stacks.destroy import Consent, plans_of, would_destroy
    from dure.runs.stacks.destroy import destroy as take_down

    context = open_context(workspace_root(given.workspace))
    plans = plans_of(context, sites)
    if given.check:
        _would_destroy(would_destroy(context, plans), as_json=given.as_json)
        return
    person = Person(quiet=given.as_json, yes=given.yes)
    ask_name = person.ask_name if sys.stdin.isatty() else None
    consent = Consent(tuple(unprotect or ()), frozenset(confirm or ()), ask_name)
    with person.listening():
        report = take_down(context, plans, given.options(), person.listener(), consent)
    show_report(report, as_json=given.as_json, nothing="none of them stands")


@with_work_options
def expire(*, given: WorkOptions) -> None:
    """Take down the sandboxes whose last day (`expires`) has passed, and nothing else; exit 3 with --check and any.

    Example: operator stacks expire --yes
    """
    from dataclasses import replace

    from dure.runs.context import open_context
    from dure.runs.stacks.expire import REASON, expired
    from dure.runs.stacks.expire import expire as take_down

    context = open_context(workspace_root(given.workspace))
    found = expired(context)
    if given.check:
        _would_destroy(
            [one.line() for one in found], as_json=given.as_json, nothing="no sandbox has passed its last day"
        )
        return
    person = Person(quiet=given.as_json, yes=given.yes)
    for one in found:
        person.tell(one.line())
    options = replace(given.options(), reason=given.reason or REASON)
    with person.listening():
        report = take_down(context, found, options, person.listener()) if found else None
    show_report(report, as_json=given.as_json, nothing="no sandbox has passed its last day")


def _would_destroy(lines: list[str], *, as_json: bool, nothing: str = "none of them stands") -> None:
    if as_json:
        print_json({"would_destroy": list(lines)})
    else:
        typer.echo("\n".join(lines or [nothing]))
    if lines:
        raise typer.Exit(3)
