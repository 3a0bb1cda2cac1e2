"""Files with accounting cases: one case in a file, or one a line, read one after the other."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from pydantic import JsonValue, ValidationError

from dure.errors import UsageError
from dure.model.accounting.case_model import AccountingCase
from dure.model.accounting.complaint import MOST, problems_of
from dure.model.accounting.conversion import to_case
from dure.model.accounting.json_text import NotJson, parse_json
from dure.model.problem import Problem
from dure.model.text import place, printable, too_large
from dure.sla.case import Account, account
from dure.sla.faults import SlaError

MAX_BYTES = 32 * 1024 * 1024
ENVELOPE = {"id", "case", "expect"}


class CaseInvalid(UsageError):
    """An accounting case that cannot be computed; each problem has its line, reason and mending."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        count = f"at least {MOST}" if len(problems) >= MOST else str(len(problems))
        super().__init__(f"{problems[0].file} has {count} problem{'s' if len(problems) > 1 else ''}")

    def line(self) -> str:
        """The count, then each problem on a line of its own."""
        problems = getattr(self, "problems", [])
        return "\n".join([self.what, *(problem.text() for problem in problems)])

    def as_json(self) -> dict[str, object]:
        """The error, and its problems each with file, line and column."""
        return {**super().as_json(), "problems": [problem.as_json() for problem in self.problems]}


def read_case(file: Path) -> tuple[AccountingCase, Account]:
    """The case of a file as written, and its account. Raises CaseInvalid."""
    name = printable(str(file), 200)
    with _opened(file, name) as stream:
        raw = stream.read(MAX_BYTES + 1)
    return computed(name, 1, raw)


def accounts_of_lines(file: Path) -> Iterator[Account | CaseInvalid]:
    """One account a line, in order; a line that cannot be computed gives its problems and the next follows.

    Empty lines are skipped. One line is held in memory at a time. Raises CaseInvalid when the file cannot be read.
    """
    name = printable(str(file), 200)
    with _opened(file, name) as stream:
        for number, raw in enumerate(_lines(stream), 1):
            if raw.strip() or len(raw) > MAX_BYTES:
                yield _account_of(name, number, raw)


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """One after the other; one that is too large is cut just after MAX_BYTES."""
    while raw := stream.readline(MAX_BYTES + 1):
        if len(raw) > MAX_BYTES:
            _skip_line(stream, raw)
        yield raw


def _account_of(name: str, line: int, raw: bytes) -> Account | CaseInvalid:
    try:
        return computed(name, line, raw)[1]
    except CaseInvalid as error:
        return error


def computed(name: str, line: int, raw: bytes) -> tuple[AccountingCase, Account]:
    """The bytes of one case that begins at that line. Raises CaseInvalid."""
    if len(raw) > MAX_BYTES:
        raise _too_large(name, line)
    text = _decoded(name, line, raw)
    try:
        data = parse_json(name, line, text)
    except NotJson as error:
        raise CaseInvalid([error.problem]) from error
    # The worked cases carry an id and the result that is expected: the case is what stands under `case`.
    is_wrapped = isinstance(data, dict) and "case" in data and set(data) <= ENVELOPE
    inner: JsonValue = data["case"] if is_wrapped and isinstance(data, dict) else data
    try:
        model = AccountingCase.model_validate(inner)
    except ValidationError as error:
        raise CaseInvalid(problems_of(name, line, text, ("case",) if is_wrapped else (), error)) from error
    try:
        return model, account(to_case(model))
    except SlaError as error:
        row, column = place(text, len(text) - len(text.lstrip()))
        mend = "correct the case; docs/sla.md has its format"
        told = Problem(name, line + row - 1, column, "the case contradicts itself", str(error), mend)
        raise CaseInvalid([told]) from error


def _opened(file: Path, name: str) -> BinaryIO:
    try:
        return file.open("rb")
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or "the system refused"
        raise CaseInvalid([Problem(name, 1, 1, "the file cannot be read", why.lower(), f"ls -l {name}")]) from error


def _decoded(name: str, line: int, raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = raw.count(b"\n", 0, error.start)
        column = error.start - raw.rfind(b"\n", 0, error.start)
        what = f"byte 0x{raw[error.start]:02x} is not UTF-8"
        told = Problem(name, line + row, column, what, "a case is UTF-8 text", "save the file as UTF-8")
        raise CaseInvalid([told]) from error


def _too_large(name: str, line: int) -> CaseInvalid:
    told = too_large(name, MAX_BYTES + 1, MAX_BYTES)
    mend = "give one case a file or a line, with the samples of its own period alone"
    return CaseInvalid([Problem(name, line, 1, f"the case has more than {MAX_BYTES:,} bytes", told.why, mend)])


def _skip_line(stream: BinaryIO, raw: bytes) -> None:
    while raw and not raw.endswith(b"\n"):
        raw = stream.readline(1024 * 1024)
