"""An account as the JSON that docs/sla.md specifies: exact fractions as text, percentages floored to five places."""

from dataclasses import asdict
from fractions import Fraction

from pydantic import JsonValue

from dure.sla.case import Account
from dure.sla.checks import CheckTimeline
from dure.sla.ratio import percent
from dure.sla.spans import Spans

PLACES = 5


def result_of(account: Account) -> dict[str, JsonValue]:
    """The result, its keys in the order of the specification."""
    figures = account.figures
    return {
        "seconds": dict(asdict(account.seconds)),
        "bad": str(figures.bad),
        "known": figures.known,
        "availability": exact_and_percent(figures.availability),
        "lower": exact_and_percent(figures.lower),
        "upper": exact_and_percent(figures.upper),
        "coverage": exact_and_percent(figures.coverage),
        "verdict": account.verdict.value,
        "budget": str(account.budget),
        "checks": {name: _check(check) for name, check in account.checks.items()},
        "spans": _spans(account.spans),
        "incidents": [dict(asdict(one)) for one in account.incidents],
    }


def exact_and_percent(fraction: Fraction | None) -> JsonValue:
    """{"exact", "percent"}; null of null."""
    return None if fraction is None else {"exact": str(fraction), "percent": percent(fraction, PLACES)}


def _spans(spans: Spans) -> JsonValue:
    return [[one.start, one.end, one.state.value] for one in spans]


def _check(check: CheckTimeline) -> JsonValue:
    return {
        "spans": _spans(check.spans),
        "outages": [dict(asdict(one)) for one in check.outages],
        "blips": list(check.blips),
    }
