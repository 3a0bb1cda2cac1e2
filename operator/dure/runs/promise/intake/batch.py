"""What a file holds, check by check, in few bytes a row; faults are collected, and one is enough to write nothing."""

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache

from dure.errors import UsageError
from dure.model.accounting.case_fields import LATEST
from dure.model.explain import nearest
from dure.model.problem import Problem, WorkspaceInvalid
from dure.model.promise.terms import term_of
from dure.model.text import printable
from dure.runs.promise.book import Book
from dure.sla.intake import FUTURE_TOLERANCE
from dure.sla.intervals import Interval
from dure.sla.samples import Sample
from dure.sla.spans import Span
from dure.sla.states import State
from dure.store.promise.codes import CODES, STATES
from dure.store.promise.samples import Stored

MOST = 20
NOT_TOLD = -1
LONGEST_ANSWER = 86_400_000
"""Milliseconds of a day; a longer answer is another unit."""
Key = tuple[str, str]
"""Customer and check."""


def shown(second: int) -> str:
    """UTC seconds as a moment that people read."""
    try:
        return datetime.fromtimestamp(second, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return f"second {second}"


class ImportInvalid(WorkspaceInvalid):
    """A file that cannot be taken in; each problem has its line. Nothing was written."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems)
        count = f"at least {MOST}" if len(problems) >= MOST else str(len(problems))
        self.what = f"{problems[0].file} has {count} problem{'s' if len(problems) > 1 else ''}; nothing was written"


class Enough(Exception):
    """So many faults were found that reading on helps nobody."""


class BadValue(ValueError):
    """A field that cannot be read: what, why, mend."""

    def __init__(self, what: str, why: str, mend: str) -> None:
        self.what, self.why, self.mend = what, why, mend
        super().__init__(what)


@dataclass(slots=True)
class Column:
    """Samples (`ends` empty) or spans of one check, with the line of each for a fault that shows later."""

    starts: "array[int]" = field(default_factory=lambda: array("q"))
    ends: "array[int]" = field(default_factory=lambda: array("q"))
    states: bytearray = field(default_factory=bytearray)
    lines: "array[int]" = field(default_factory=lambda: array("q"))
    latencies: "array[int]" = field(default_factory=lambda: array("q"))
    """Answer times of samples in milliseconds; NOT_TOLD where the file says none."""

    def stored(self, now: int) -> list[Stored]:
        """The samples as they are kept."""
        rows = zip(self.starts, self.states, self.latencies, strict=True)
        return [Stored(ts, state, None if took == NOT_TOLD else took, None, now) for ts, state, took in rows]

    def samples(self) -> list[Sample]:
        return [Sample(ts, STATES[code]) for ts, code in zip(self.starts, self.states, strict=True)]

    def spans(self) -> list[tuple[Span, int]]:
        """Spans in order, each with its line."""
        rows = zip(self.starts, self.ends, self.states, self.lines, strict=True)
        return sorted((Span(start, end, STATES[code]), line) for start, end, code, line in rows)


@dataclass(slots=True)
class Batch:
    """All rows of a file. `dropped` lie before or after the contract and are left out, as the contract says."""

    file: str
    now: int
    find_book: Callable[[str], Book | None]
    columns: dict[Key, Column] = field(default_factory=dict)
    dead: dict[Key, list[Interval]] = field(default_factory=dict)
    """Customer and collector -> when it was dead."""
    problems: list[Problem] = field(default_factory=list)
    books: dict[str, Book | None] = field(default_factory=dict)
    rows: int = 0
    dropped: int = 0

    def fault(self, line: int, column: int, what: str, why: str, mend: str) -> None:
        """Note a problem. Raises Enough at the twentieth."""
        self.problems.append(Problem(self.file, line, column, what, why, mend))
        if len(self.problems) >= MOST:
            raise Enough

    def column_of(self, key: Key) -> Column:
        """Where a check's rows go. Raises BadValue when no contract has that customer or check."""
        column = self.columns.get(key)
        if column is None:
            self._require_known(key)
            column = self.columns[key] = Column()
        return column

    def book(self, customer: str) -> Book | None:
        if customer not in self.books:
            try:
                self.books[customer] = self.find_book(customer)
            except WorkspaceInvalid:
                raise
            except UsageError as error:
                raise BadValue(error.what, error.why, error.mend) from error
        return self.books[customer]

    def _require_known(self, key: Key) -> None:
        book = self.book(key[0])
        if book is None:
            mend = f"add `contract:` to customers/{key[0]}.yaml"
            raise BadValue(f"customer {key[0]} has no contract", "nothing was promised, so nothing is counted", mend)
        if key[1] not in book.checks:
            near = nearest(key[1], book.checks)
            mend = f'write "{near}"' if near else "add it to `checks` of the contract"
            why = f"the contract of {key[0]} and its sites' blueprints have none of that name"
            raise BadValue(f'unknown check "{printable(key[1])}"', why, mend)

    def add_sample(self, key: Key, line: int, ts: int, state: State, latency: int | None = None) -> None:
        """`latency` in milliseconds; None: not told. Raises BadValue for a sample of the future."""
        if ts > self.now + FUTURE_TOLERANCE:
            why = f"it is of {shown(ts)}, and now it is {shown(self.now)}"
            raise BadValue("the sample is from the future", why, "correct the time, or its zone")
        column = self.column_of(key)
        self.rows += 1
        book = self.books[key[0]]
        term = term_of(book.contract) if book else (0, 0)
        if not term[0] <= ts < term[1]:
            self.dropped += 1
            return
        column.starts.append(ts)
        column.states.append(CODES[state])
        column.latencies.append(NOT_TOLD if latency is None else latency)

    def add_span(self, key: Key, line: int, start: int, end: int, state: State) -> None:
        """Raises BadValue for a reversed span and one that reaches into the future."""
        if start >= end:
            raise BadValue("the span holds no second", "it ends where it starts or before", "swap from and to")
        if end > self.now + FUTURE_TOLERANCE:
            raise BadValue("the span reaches into the future", f"now it is {self.now}", "cut it, or correct its zone")
        column = self.column_of(key)
        self.rows += 1
        book = self.books[key[0]]
        term = term_of(book.contract) if book else (0, 0)
        start, end = max(start, term[0]), min(end, term[1])
        if start >= end:
            self.dropped += 1
            return
        column.starts.append(start)
        column.ends.append(end)
        column.states.append(CODES[state])
        column.lines.append(line)

    def add_dead(self, key: Key, start: int, end: int) -> None:
        """A collector was dead in [start, end). Raises BadValue for a reversed time and one in the future."""
        if start >= end:
            raise BadValue("the time holds no second", "it ends where it starts or before", "swap the two")
        if end > self.now + FUTURE_TOLERANCE:
            raise BadValue("the time reaches into the future", f"now it is {self.now}", "cut it, or correct its zone")
        self.rows += 1
        self.dead.setdefault(key, []).append((start, end))


@lru_cache(maxsize=100_000)
def read_time(text: str) -> int:
    """Epoch seconds, or a moment with its offset. Raises BadValue."""
    if text.isascii() and text.isdigit():
        if len(text) <= 11 and int(text) <= LATEST:
            return int(text)
        raise BadValue(
            f'"{text[:30]}" is no time in seconds', "it lies beyond the year 3000", "write seconds, not milliseconds"
        )
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        why = "a time is whole seconds since 1970, or date, time and offset"
        raise BadValue(
            f'"{printable(text, 30)}" is not a time', why, "write it as in 2026-06-01T00:00:00+09:00"
        ) from None
    if moment.tzinfo is None:
        why = "without an offset nobody knows the zone"
        raise BadValue(f'"{text}" has no offset', why, f"write it as in {text}+09:00")
    return int(moment.timestamp())


def read_latency(text: str) -> int | None:
    """Whole milliseconds; None of an empty field. Raises BadValue."""
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) < 10 and int(text) <= LONGEST_ANSWER:
        return int(text)
    why = "an answer time is whole milliseconds, at most a day, or left empty"
    raise BadValue(f'"{printable(text, 30)}" is no answer time', why, "write it as in 120")


def read_state(text: str) -> State:
    """A state in any case of letters. Raises BadValue."""
    try:
        return State(text.strip().upper())
    except ValueError:
        near = nearest(text.upper(), list(State))
        mend = f"write {near}" if near else "write one of these"
        raise BadValue(f'"{printable(text, 30)}" is not a state', "it is UP, DEGRADED, DOWN or UNKNOWN", mend) from None
