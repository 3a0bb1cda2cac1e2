"""`python -m dure.model.calendar_making KR 2026 [2027 …]`: make new revisions of the holiday calendars.

The days come from the `holidays` package, categories public and bank, and from calendar_files/overrides-KR.json for
what it lacks. When they equal the newest revision nothing is written; else a new revision is, and no old one changes.
"""

import sys
from datetime import date
from importlib.metadata import version
from pathlib import Path

import holidays
from pydantic import TypeAdapter

from dure.errors import DureError, UsageError
from dure.model.holiday_calendar import (
    FILES,
    CalendarFile,
    Category,
    Holiday,
    Override,
    Source,
    as_text,
    read_calendar,
    revisions,
    with_overrides,
)
from dure.model.writing import replace_file

CATEGORIES: tuple[Category, ...] = ("public", "bank")


def source_days(country: str, year: int) -> tuple[Holiday, ...]:
    """The package's days of a year; a day of both categories is public. Raises UsageError for an unknown country."""
    found: dict[date, Holiday] = {}
    for category in CATEGORIES:
        named = {}
        for language in ("ko", "en_US"):
            try:
                named[language] = holidays.country_holidays(
                    country, years=year, categories=(category,), language=language
                )
            except (NotImplementedError, ValueError) as error:
                why = "the holidays package has no such country in these languages"
                raise UsageError(f"there are no holidays of {country}", why=why, mend="write KR") from error
        for day, name in named["ko"].items():
            found.setdefault(day, Holiday(date=day, ko=name, en=named["en_US"][day], category=category))
    return tuple(found[day] for day in sorted(found))


def overrides_of(country: str, year: int, files: Path = FILES) -> tuple[Override, ...]:
    """The overrides of a year; none when the country has no file."""
    path = files / f"overrides-{country}.json"
    if not path.is_file():
        return ()
    every = TypeAdapter(tuple[Override, ...]).validate_json(path.read_text(encoding="utf-8"))
    return tuple(one for one in every if one.date.year == year)


def made(country: str, year: int, number: int, files: Path = FILES) -> CalendarFile:
    """That revision as it would be made now."""
    overrides = overrides_of(country, year, files)
    return CalendarFile(
        revision=f"{country}-{year}.r{number}",
        country=country,
        year=year,
        source=Source(
            package="holidays",
            version=version("holidays"),
            categories=CATEGORIES,
            command=f"python -m dure.model.calendar_making {country} {year}",
        ),
        overrides=overrides,
        days=with_overrides(source_days(country, year), overrides),
    )


def make(country: str, year: int, files: Path = FILES) -> str | None:
    """Write the next revision when the days changed, and return its name; None when they did not."""
    known = revisions(country, year, files)
    calendar = made(country, year, len(known) + 1, files)
    if known and read_calendar(known[-1], files).days == calendar.days:
        return None
    replace_file(files / f"{calendar.revision}.json", as_text(calendar).encode())
    return calendar.revision


def main(arguments: list[str]) -> int:
    if len(arguments) < 2 or not all(year.isascii() and year.isdigit() and len(year) == 4 for year in arguments[1:]):
        print("usage: python -m dure.model.calendar_making KR 2026 [2027 …]", file=sys.stderr)
        return 2
    try:
        for year in arguments[1:]:
            print(f"{arguments[0]}-{year}: {make(arguments[0], int(year)) or 'unchanged'}")
    except DureError as error:
        print(f"error: {error.line()}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
