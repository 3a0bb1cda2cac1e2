"""operator sla status: this month so far, worst first."""

from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import JsonValue

from dure.cli.common import JsonOption, LanguageOption, Tongue, WorkspaceOption, print_json, workspace_root
from dure.cli.promise_options import SelectorArgument

if TYPE_CHECKING:
    from fractions import Fraction

    from dure.runs.context import Context
    from dure.runs.promise.low_use import CaseStatus
    from dure.runs.promise.running import ServiceStatus
    from dure.text.writing import Language

HEADER = {
    "ko": ("서비스", "가용률", "하한-상한", "목표", "남은 예산", "소진 속도", "월말 예상", "판정"),
    "en": ("service", "so far", "bounds", "target", "budget left", "burn", "projected", "verdict"),
}


def status(
    selector: SelectorArgument = "",
    language: LanguageOption = Tongue.EN,
    exact: Annotated[
        bool, typer.Option("--exact", help="Compute everyone from spans, and not from the running month's sheets.")
    ] = False,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show this month so far: figure, bounds, budget left, burn and projected end, worst first.

    One customer is shown with its outages and their causes, and its open cases of low utilisation.

    Example: operator sla status hansol-plastics
    """
    from dure.cli.use_lines import case_json, case_line
    from dure.runs.context import open_context
    from dure.runs.promise import clock
    from dure.runs.promise.running import status_of
    from dure.runs.promise.selection import selected_customers
    from dure.store.promise.months import is_made_up
    from dure.text.commands import say

    spoken: Language = language.value
    context = open_context(workspace_root(workspace))
    customers = selected_customers(context, selector)
    rows = status_of(context, customers, clock.now(), exact=exact)
    cases = _open_cases(context, customers[0]) if len(customers) == 1 else []
    if as_json:
        print_json(
            {
                "made_up": is_made_up(context.store),
                "services": [_as_json(one) for one in rows],
                "use_cases": [case_json(one) for one in cases],
            }
        )
        return
    if not rows:
        typer.echo(say("no-contract", spoken))
        return
    if is_made_up(context.store):
        typer.echo(say("made-up", spoken))
    lines = [HEADER[spoken], *(_cells(one, spoken) for one in rows)]
    widths = [max(_width(line[index]) for line in lines) for index in range(len(lines[0]))]
    told = []
    for line in lines:
        cells = (cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True))
        told.append("  ".join(cells).rstrip())
    typer.echo("\n".join(told))
    if len(customers) == 1:
        _incidents(rows, spoken)
    for case in cases:
        typer.echo(case_line(case, spoken))


def _open_cases(context: "Context", customer: str) -> "list[CaseStatus]":
    """Of one customer alone: the models are loaded for them, which a look at the fleet need not wait for."""
    from dure.runs.promise import clock
    from dure.runs.promise.low_use import open_cases

    return open_cases(context, customer, clock.now())


def _width(text: str) -> int:
    """Columns on a terminal: Hangul takes two."""
    if text.isascii():
        return len(text)
    return sum(2 if "\u1100" <= one <= "\ud7a3" else 1 for one in text)


def _cells(one: "ServiceStatus", language: "Language") -> tuple[str, ...]:
    from dure.sla.ratio import percent
    from dure.text.commands import say

    figures = one.figures
    if figures.availability is None or figures.lower is None or figures.upper is None:
        shown, bounds = "-", "-"
    else:
        shown = percent(figures.availability)
        bounds = f"{percent(figures.lower)}-{percent(figures.upper)}"
    share = one.budget.left_share
    has_left = one.is_known or one.budget.left < 0
    left = "-"
    if share is not None and has_left:
        left = say("left", language, count=_whole(one.budget.left), share=percent(share, 1))
    burn = "-" if one.burn is None else f"{percent(one.burn / 100, 2)}x" + (f" {one.alarms[0]}" if one.alarms else "")
    ends = "-"
    if one.ends is not None:
        ends = say("ends", language, count=_whole(one.ends), total=_whole(one.budget.total))
    name = f"{one.customer}/{one.service}"
    return name, shown, bounds, percent(one.target), left, burn, ends, one.verdict.value


def _whole(number: "Fraction") -> str:
    """Whole seconds, floored."""
    return f"{number.numerator // number.denominator:,}"


def _incidents(rows: "list[ServiceStatus]", language: "Language") -> None:
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    from dure.text.commands import say

    for one in rows:
        zone = ZoneInfo(one.zone)
        for incident in one.incidents or ():
            start, end = (
                datetime.fromtimestamp(at, UTC).astimezone(zone).strftime("%m-%d %H:%M:%S")
                for at in (incident.start, incident.end)
            )
            seconds = {"down": incident.down, "counted": incident.counted}
            cause = say("outage-cause", language, cause=incident.cause) if incident.cause else ""
            words = {"service": one.service, "checks": ", ".join(incident.checks), "cause": cause}
            typer.echo(say("outage", language, start=start, end=end, **words, **seconds))


def _as_json(one: "ServiceStatus") -> JsonValue:
    from dataclasses import asdict

    from dure.model.accounting.result import exact_and_percent

    figures = one.figures
    return {
        "customer": one.customer,
        "service": one.service,
        "month": one.month,
        "availability": exact_and_percent(figures.availability),
        "lower": exact_and_percent(figures.lower),
        "upper": exact_and_percent(figures.upper),
        "coverage": exact_and_percent(figures.coverage),
        "target": exact_and_percent(one.target),
        "budget": str(one.budget.total),
        "left": str(one.budget.left) if one.is_known or one.budget.left < 0 else None,
        "burn": None if one.burn is None else str(one.burn),
        "alarms": [*one.alarms],
        "projected": None if one.ends is None else str(one.ends),
        "verdict": one.verdict.value,
        "incidents": None if one.incidents is None else [asdict(incident) for incident in one.incidents],
    }
