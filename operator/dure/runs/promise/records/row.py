"""One line of an import as its reader sees it: fields by name, each read by what knows what belongs there."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from dure.model.explain import nearest
from dure.model.text import printable
from dure.runs.promise.intake.batch import BadValue, read_time
from dure.sla.faults import SlaError
from dure.sla.intake import FUTURE_TOLERANCE
from dure.sla.periods import parsed_month

WORD = re.compile(r"[A-Za-z0-9가-힣][A-Za-z0-9가-힣 ._+/-]{0,39}")
NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._#/-]{0,59}")
WON = re.compile(r"-?[0-9]{1,12}", re.ASCII)
MAIL = re.compile(r"\S@\S")
LONGEST_SENTENCE = 200
YES = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False, "": False}
MOST = 1_000_000


class BadField(Exception):
    """A field that cannot be read; `name` is its column."""

    def __init__(self, name: str, fault: BadValue) -> None:
        self.name, self.fault = name, fault
        super().__init__(str(fault))


@dataclass(frozen=True, slots=True)
class Row:
    """`fields` hold text, empty where nothing was given. `now` in seconds UTC."""

    line: int
    fields: Mapping[str, str]
    now: int

    def text(self, name: str) -> str:
        return self.fields.get(name, "").strip()

    def fail(self, name: str, what: str, why: str, mend: str) -> BadField:
        return BadField(name, BadValue(what, why, mend))

    def required(self, name: str) -> str:
        found = self.text(name)
        if not found:
            raise self.fail(name, f"{name} is empty", "a line needs it", "write it, or remove the line")
        return found

    def number(self, name: str, like: str = "HD-1042") -> str:
        """A ticket's or survey's number, or a host's name: no name of a person, no address."""
        found = self.required(name)
        if not NUMBER.fullmatch(found):
            why = "it is letters, digits and . _ # / - , at most 60 of them, so that no address or name slips in"
            raise self.fail(name, f'"{printable(found, 40)}" is no number of a {name}', why, f"write it as in {like}")
        return found

    def one_of(self, name: str, known: Collection[str], *, needed: bool = True) -> str:
        found = self.text(name).lower()
        if not found and not needed:
            return ""
        if found not in known:
            near = nearest(found, known)
            mend = f'write "{near}"' if near else f"write one of {', '.join(sorted(known))}"
            raise self.fail(name, f'{name} is "{printable(found, 40)}"', f"known are {', '.join(sorted(known))}", mend)
        return found

    def time(self, name: str) -> int | None:
        """Seconds UTC of a moment that has passed; None when the field is empty."""
        found = self.text(name)
        if not found:
            return None
        try:
            at = read_time(found)
        except BadValue as error:
            raise BadField(name, error) from error
        return at

    def past(self, name: str) -> int | None:
        at = self.time(name)
        if at is not None and at > self.now + FUTURE_TOLERANCE:
            raise self.fail(
                name, f"{name} is in the future", f"now it is {self.now}", "correct the time, or its offset"
            )
        return at

    def flag(self, name: str) -> bool:
        found = YES.get(self.text(name).lower())
        if found is None:
            what = f'{name} is "{printable(self.text(name), 40)}"'
            raise self.fail(name, what, "it is yes or no", "write yes or no")
        return found

    def count(self, name: str, least: int = 0, most: int = MOST) -> int:
        found = self.required(name)
        if not (found.isascii() and found.isdigit() and len(found) <= 9 and least <= int(found) <= most):
            why = f"it is a whole number from {least} to {most}"
            raise self.fail(name, f'{name} is "{printable(found, 40)}"', why, "write digits alone")
        return int(found)

    def won(self, name: str) -> int:
        """Whole won; what was lost has a minus."""
        found = self.required(name)
        if not WON.fullmatch(found):
            why = "it is a whole number of won, of at most 12 digits"
            raise self.fail(name, f'{name} is "{printable(found, 40)}"', why, "write digits alone, without commas")
        return int(found)

    def sentence(self, name: str) -> str:
        """A text for the report; empty when the field is."""
        found = self.text(name)
        if not found:
            return ""
        if MAIL.search(found):
            why = "nobody's address is kept"
            raise self.fail(name, f"{name} has a mail address in it", why, "leave the person out")
        if len(found) > LONGEST_SENTENCE:
            why = f"it has {len(found)} characters and a table of the report has room for {LONGEST_SENTENCE}"
            raise self.fail(name, f"{name} is too long", why, "say it in fewer words")
        if not found.isprintable():
            why = "it is one line of a table, without line breaks and characters that nobody sees"
            raise self.fail(name, f'{name} is "{printable(found, 40)}"', why, "write it on one line")
        return found

    def count_if_any(self, name: str, least: int = 0, most: int = MOST) -> int | None:
        return self.count(name, least, most) if self.text(name) else None

    def word(self, name: str) -> str:
        """A word such as a cause; empty when the field is."""
        found = self.text(name)
        if found and not WORD.fullmatch(found):
            why = "it is a word of at most 40 letters and digits, for nobody's text is kept"
            raise self.fail(name, f'{name} is "{printable(found, 40)}"', why, 'write a word such as "disk"')
        return found

    def day(self, name: str) -> str:
        """A date that has come; empty when the field is."""
        found = self.text(name)
        if not found:
            return ""
        try:
            if len(found) != 10:
                raise ValueError(found)
            date.fromisoformat(found)
        except ValueError as error:
            what = f'{name} is "{printable(found, 40)}"'
            raise self.fail(name, what, "the calendar has no such day", "write it as in 2026-06-11") from error
        return found

    def month(self, name: str) -> str:
        found = self.required(name)
        try:
            parsed_month(found)
        except SlaError as error:
            what = f'{name} is "{printable(found, 40)}"'
            raise self.fail(name, what, "a month is a year and a number", "write it as in 2026-06") from error
        return found
