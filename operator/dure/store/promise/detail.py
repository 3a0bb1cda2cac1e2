"""What a closed month tells besides its seconds, as one JSON value of its row.

It stays with its revision, so that an old report can be written again word for word.
"""

from dataclasses import dataclass

from pydantic import JsonValue, TypeAdapter

Text2 = tuple[str, str]
"""Korean and English; the English one may be empty."""


@dataclass(frozen=True, slots=True)
class IncidentFact:
    """An incident that started in the month, seconds UTC; it may end in the next one.

    `down` are all its seconds of downtime, `counted` those in agreed time of this month. `cause` is the root object,
    such as a supplier; empty when it is the service's own. `checks` are those that were down in it. `detected` is None
    where the data came as spans, which do not tell it.
    """

    start: int
    end: int
    down: int
    counted: int
    detected: int | None
    cause: str
    checks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WindowFact:
    """A maintenance window that meets the month: as agreed, what of it counted, and why not when it did not.

    `late` says that it was approved after it had started, as a correction of two engineers.
    """

    id: str
    start: int
    end: int
    announced: int | None
    approved: int | None
    approvers: tuple[str, ...]
    reason: str
    counted: int
    objection: str
    late: bool


@dataclass(frozen=True, slots=True)
class ExclusionFact:
    """A period that the contract lets us take out, with its evidence and the engineers who signed for it."""

    id: str
    start: int
    end: int
    kind: str
    evidence: str
    approvers: tuple[str, ...]
    counted: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MonthDetail:
    """`observed` is the exact availability round the clock with nothing taken out; None: nothing was known.

    `blips` are DOWN samples that nothing confirmed; their seconds are up.
    """

    customer: Text2
    service: Text2
    tier: str
    zone: str
    checks: tuple[str, ...]
    mode: str
    degraded_weight: str
    min_coverage: str
    observed: str | None
    incidents: tuple[IncidentFact, ...]
    windows: tuple[WindowFact, ...]
    exclusions: tuple[ExclusionFact, ...]
    blips: int


_ADAPTER = TypeAdapter(MonthDetail)


def as_json(detail: MonthDetail) -> dict[str, JsonValue]:
    """Plain data for the row."""
    plain: dict[str, JsonValue] = _ADAPTER.dump_python(detail, mode="json")
    return plain


def from_json(data: dict[str, JsonValue]) -> MonthDetail:
    """The value of a row's data."""
    return _ADAPTER.validate_python(data)
