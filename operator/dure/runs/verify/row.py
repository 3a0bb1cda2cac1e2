"""One row of the acceptance table."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Seen:
    """What a proof tells: all three for people, `ok` for the run."""

    what: str
    expected: str
    seen: str
    ok: bool


@dataclass(frozen=True, slots=True)
class Row:
    """`name` is the row's in the blueprint; `seconds` is what the proof took."""

    name: str
    what: str
    expected: str
    seen: str
    ok: bool
    seconds: float
