"""Holiday calendars: dated files in the package, such as KR-2026.r1, that never change once they are released.

A closed month names the revision it was computed with. A file is made by `python -m dure.model.calendar_making`.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dure.errors import UsageError
from dure.model.explain import nearest
from dure.model.text import printable

FILES = Path(__file__).parent / "calendar_files"
REVISION = re.compile(r"([A-Z]{2})-([0-9]{4})\.r([1-9][0-9]*)", re.ASCII)
Category = Literal["public", "bank"]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Holiday(Strict):
    """A closed day with its names; `bank` days are those on which companies close although offices of state do not."""

    date: date
    ko: str
    en: str
    category: Category


class Override(Strict):
    """A day that the source lacks or has too much; `why` names the decree."""

    date: date
    change: Literal["add", "remove"]
    ko: str
    en: str
    category: Category
    why: Annotated[str, Field(min_length=1)]


class Source(Strict):
    """From what the file was made, and how."""

    package: str
    version: str
    categories: tuple[Category, ...]
    command: str


class CalendarFile(Strict):
    """One country and year."""

    revision: str
    country: str
    year: int
    source: Source
    overrides: tuple[Override, ...] = ()
    days: tuple[Holiday, ...]


@dataclass(frozen=True, slots=True)
class HolidayCalendar:
    """The closed days of a year, for arithmetic that takes dates, and the revision that goes on record."""

    revision: str
    days: frozenset[date]


def revisions(country: str, year: int, files: Path = FILES) -> list[str]:
    """The revisions that there are, oldest first."""
    found = [REVISION.fullmatch(path.stem) for path in files.glob(f"{country}-{year}.r*.json")]
    return [match[0] for match in sorted((one for one in found if one), key=lambda one: int(one[3]))]


def read_calendar(revision: str, files: Path = FILES) -> CalendarFile:
    """The file of a revision. Raises UsageError when there is none, naming the nearest."""
    match = REVISION.fullmatch(revision)
    path = files / f"{revision}.json"
    if match is None or not path.is_file():
        known = sorted(one.stem for one in files.glob("*.r*.json"))
        why = "it is written COUNTRY-YEAR.rN" if match is None else "no such file came with this version"
        near = nearest(revision, known) or (known[-1] if known else "KR-2026.r1")
        mend = f"write {near}"
        if match is not None and not revisions(match[1], int(match[2]), files):
            make = f"python -m dure.model.calendar_making {match[1]} {match[2]}"
            mend = f"install a version of dure that has it, or make it: {make}"
        raise UsageError(f'there is no calendar "{printable(revision)}"', why=why, mend=mend)
    try:
        return CalendarFile.model_validate_json(path.read_text(encoding="utf-8"))
    except ValidationError as error:
        why = str(error.errors(include_url=False)[0]["msg"]).lower()
        raise UsageError(f"{path.name} is damaged", why=why, mend="install this version of dure again") from error


def load_calendar(revision: str, files: Path = FILES) -> HolidayCalendar:
    """The closed days of a revision. Raises UsageError as `read_calendar` does."""
    return HolidayCalendar(revision, frozenset(one.date for one in read_calendar(revision, files).days))


def latest_calendar(country: str, year: int, files: Path = FILES) -> HolidayCalendar:
    """The newest revision of a country and year. Raises UsageError when there is none."""
    known = revisions(country, year, files)
    return load_calendar(known[-1] if known else f"{country}-{year}.r1", files)


def with_overrides(days: Iterable[Holiday], overrides: Iterable[Override]) -> tuple[Holiday, ...]:
    """The days with what is added and removed, in order; a day that is there already stays as it is."""
    found = {one.date: one for one in days}
    for one in overrides:
        if one.change == "remove":
            found.pop(one.date, None)
        else:
            found.setdefault(one.date, Holiday(date=one.date, ko=one.ko, en=one.en, category=one.category))
    return tuple(found[day] for day in sorted(found))


def as_text(calendar: CalendarFile) -> str:
    """The file's text: one day a line, so that a revision's difference can be read."""
    head = calendar.model_dump(mode="json", exclude={"days", "overrides"})
    lines = [f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}," for key, value in head.items()]
    for key, rows in (("overrides", calendar.overrides), ("days", calendar.days)):
        texts = [f"    {json.dumps(one.model_dump(mode='json'), ensure_ascii=False)}" for one in rows]
        lines.append(f'  "{key}": [' + ("\n" + ",\n".join(texts) + "\n  ]" if texts else "]") + ",")
    return "{\n" + "\n".join(lines).rstrip(",") + "\n}\n"
