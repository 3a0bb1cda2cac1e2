"""operator demo: made-up data to look at and to measure with."""

from pathlib import Path
from typing import Annotated

import typer

from dure.cli.common import JsonOption, WorkspaceOption, print_json, workspace_root

app = typer.Typer(no_args_is_help=True, help="Made-up data. Example: operator demo data --output /tmp/demo")


@app.callback()
def group() -> None:
    """Made-up data to look at. Example: operator demo data --output /tmp/demo"""


@app.command()
def data(
    output: Annotated[Path, typer.Option("--output", help="Directory of the new workspace; it must be empty.")],
    months: Annotated[int, typer.Option("--months", help="How many months of past.")] = 6,
    customers: Annotated[int, typer.Option("--customers", help="How many companies.", min=1, max=10_000)] = 50,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same data.")] = 1,
    until: Annotated[str, typer.Option("--until", help="The last month of the past.")] = "2026-06",
    close: Annotated[bool, typer.Option("--close/--no-close", help="Close the months as well.")] = True,
    as_json: JsonOption = False,
) -> None:
    """Make a workspace of made-up companies with a realistic past; every name says that it is made up.

    Weekends, the Lunar New Year, a carrier's outage over many customers, maintenance that overran, a gap in monitoring.

    Example: operator demo data --output /tmp/demo --months 6 --customers 50 --seed 1
    """
    from dataclasses import asdict

    from dure.runs.promise.demo.making import make
    from dure.runs.promise.due import checked_month
    from dure.text.writing import filled

    def progress(text: str) -> None:
        if not as_json:
            typer.echo(text, err=True)

    made = make(output, months, customers, seed, checked_month(until), close=close, progress=progress)
    if as_json:
        print_json({**asdict(made), "months": [*made.months]})
    else:
        told = "{customers:customer}, {months}, {checks:check}, {spans:span}, {closed:service} closed"
        counts = {"customers": made.customers, "checks": made.checks, "spans": made.spans, "closed": made.closed}
        shown = filled(told, {**counts, "months": f"{made.months[0]} to {made.months[-1]}"})
        typer.echo(f"made-up data in {made.workspace}: {shown}")
        typer.echo(f"next: operator sla credits {made.months[-1]} -w {made.workspace}")


@app.command()
def past(
    customer: Annotated[str, typer.Argument(help="A customer with a contract.")],
    until: Annotated[str, typer.Option("--until", help="The last month of the past.")],
    months: Annotated[int, typer.Option("--months", help="How many months of past.", min=1, max=60)] = 3,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same data.")] = 1,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Give one customer of a demonstration a made-up past and close its months; no other workspace takes it.

    Example: operator demo past hansol-plastics --until 2026-10
    """
    from dataclasses import asdict

    from dure.runs.context import open_context
    from dure.runs.promise.demo.past import make_past
    from dure.runs.promise.due import checked_month
    from dure.text.writing import filled

    made = make_past(open_context(workspace_root(workspace)), customer, checked_month(until), months, seed)
    if as_json:
        print_json({**asdict(made), "months": [*made.months]})
    else:
        counts = {"spans": made.spans, "checks": made.checks, "closed": made.closed}
        told = filled("{spans:span} of {checks:check}, {closed:service} closed", counts)
        typer.echo(f"made-up past of {customer}, {made.months[0]} to {made.months[-1]}: {told}")
        typer.echo(f"next: operator report {customer} --month {made.months[-1]}")
