"""operator policy: rules on what is planned."""

from typing import Annotated

import typer

from dure.cli.common import JsonOption, SubjectsOption, WorkspaceOption, print_json, workspace_root

app = typer.Typer(
    no_args_is_help=True, help="Rules on what is planned. Example: operator policy check hansol-plastics/ansan"
)


@app.callback()
def group() -> None:
    """Rules on what is planned. Example: operator policy check hansol-plastics/ansan"""


@app.command("list")
def list_rules(as_json: JsonOption = False) -> None:
    """Show every rule with its severity, reason and mending.

    Example: operator policy list
    """
    from dure.policy import RULES

    if as_json:
        print_json(
            [
                {"id": one.id, "severity": one.severity, "demand": one.demand, "reason": one.reason, "mend": one.mend}
                for one in RULES
            ]
        )
        return
    for one in RULES:
        typer.echo(f"{one.id} ({one.severity}): {one.demand}\n  because {one.reason}\n  to mend: {one.mend}")


@app.command()
def check(
    selector: Annotated[
        str, typer.Argument(help="customer, customer/site, or tag=…, joined by `and`; all when absent.")
    ] = "",
    subjects: SubjectsOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Check planned stacks by all rules; exit 4 when a mandatory one does not hold and is not waived.

    Example: operator policy check hansol-plastics/ansan
    """
    from dure.errors import UsageError
    from dure.runs.context import open_context
    from dure.runs.judgement import judge
    from dure.runs.stacks.judged import Judge
    from dure.runs.subjects import read_subjects, subjects_of

    if subjects and selector:
        raise UsageError("--subjects and a selector exclude each other", mend="give one of them")
    context = open_context(workspace_root(workspace))
    stacks = read_subjects(subjects) if subjects else subjects_of(context, selector)
    found = judge(context, stacks) if subjects else Judge(context).judge_subjects(stacks)
    refusing = sum(1 for one in found.findings if one.refuses)
    if as_json:
        print_json(
            {
                "stacks": [one.stack for one in stacks],
                "findings": [one.as_json() for one in found.findings],
                "expired_waivers": list(found.expired),
                "refused": found.refused,
            }
        )
    else:
        for one in found.findings:
            typer.echo(one.line())
        for line in found.expired:
            typer.echo(line, err=True)
        summary = f"{len(stacks)} stack{'s' if len(stacks) != 1 else ''}, "
        summary += f"{len(found.findings)} findings, {refusing} of them refuse" if found.findings else "no findings"
        typer.echo(summary, err=bool(refusing))
    if found.refused:
        raise typer.Exit(4)
