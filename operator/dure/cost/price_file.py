"""Price files: those of the package, and those of the workspace's `prices/`, which take precedence.

CSV with the columns region, service, item, unit, usd, source, date. Faults are told by line.
"""

import csv
import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from importlib import resources
from pathlib import Path

from dure.cost.price import COLUMNS, UNKNOWN, USD, Item, Price, PriceList, price_list
from dure.model.problem import Problem, WorkspaceInvalid
from dure.model.text import absent, clean, read_bytes

DIRECTORY = "prices"
MAX_BYTES = 4 * 1024 * 1024
MEND = "restore the line from git, or import the price list again: operator cost --import FILE"


def package_prices() -> list[Price]:
    """Rows that come with the package."""
    rows: list[Price] = []
    for file in sorted(resources.files("dure.cost").joinpath("data").iterdir(), key=lambda one: one.name):
        if file.name.startswith("prices-"):
            found, problems = parse_prices(file.name, file.read_bytes())
            if problems:
                raise WorkspaceInvalid(problems)
            rows += found
    return rows


def workspace_prices(root: Path) -> tuple[list[Price], list[Problem]]:
    """Rows of the workspace's price files, older ones first, and what is wrong with them."""
    place = root / DIRECTORY
    if absent(place):
        return [], []
    rows: list[Price] = []
    problems: list[Problem] = []
    for file in sorted(place.glob("*.csv")):
        name = f"{DIRECTORY}/{file.name}"
        raw = read_bytes(name, file, MAX_BYTES, root)
        if isinstance(raw, Problem):
            problems.append(raw)
            continue
        found, wrong = parse_prices(name, raw)
        rows += found
        problems += wrong
    return sorted(rows, key=lambda one: one.date or date.min), problems


def load_prices(root: Path) -> PriceList:
    """All prices. Raises WorkspaceInvalid when a file of the workspace is not right."""
    rows, problems = workspace_prices(root)
    if problems:
        raise WorkspaceInvalid(problems)
    return price_list([*package_prices(), *rows])


def parse_prices(file: str, raw: bytes) -> tuple[list[Price], list[Problem]]:
    """The rows that are right, and a Problem for each that is not."""
    text = clean(file, raw, MAX_BYTES)
    if text.content is None:
        return [], text.problems
    reader = csv.reader(io.StringIO(text.content), strict=True)
    rows: list[Price] = []
    problems = list(text.problems)
    try:
        head = next(reader, [])
        if tuple(head) != COLUMNS:
            why = f"the first line is {','.join(COLUMNS)}"
            return [], [Problem(file, 1, 1, "the file is no price list", why, MEND)]
        for cells in reader:
            if not cells:
                continue
            wrong = _wrong(cells)
            if wrong:
                problems.append(Problem(file, reader.line_num, 1, *wrong, MEND))
            else:
                rows.append(_row(cells))
    except csv.Error as error:
        problems.append(Problem(file, reader.line_num, 1, "the line is not CSV", str(error), MEND))
    return rows, problems


def _wrong(cells: list[str]) -> tuple[str, str] | None:
    """What and why; None for a right row."""
    if len(cells) != len(COLUMNS):
        return f"the line has {len(cells)} values", f"a price has {len(COLUMNS)}: {', '.join(COLUMNS)}"
    region, service, item, unit, usd, source, day = cells
    empty = [name for name, value in zip(COLUMNS[:5], (region, service, item, unit, usd), strict=True) if not value]
    if empty:
        return f"{empty[0]} is empty", "a price without it prices nothing"
    if usd == UNKNOWN:
        return None
    if not USD.fullmatch(usd):
        return f'usd is "{usd[:40]}"', f"a price is digits with a decimal point, or {UNKNOWN}"
    if not source:
        return "source is empty", f"a price nobody can look up is {UNKNOWN}"
    try:
        date.fromisoformat(day)
    except ValueError:
        return f'date is "{day[:40]}"', "it is written as in 2026-11-24"
    return None


def _row(cells: list[str]) -> Price:
    region, service, item, unit, usd, source, day = cells
    price = None if usd == UNKNOWN else Decimal(usd)
    return Price(
        region, Item(service, item), unit, price, source, date.fromisoformat(day) if price is not None else None
    )


def render_prices(rows: list[Price]) -> bytes:
    """The file's text: sorted, so that the same prices give the same bytes."""
    return "".join(_lines(rows)).encode()


def _lines(rows: list[Price]) -> Iterator[str]:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in sorted(rows, key=lambda row: (row.region, row.item.service, row.item.name)):
        usd = UNKNOWN if one.usd is None else format(one.usd, "f")
        day = one.date.isoformat() if one.date else ""
        writer.writerow([one.region, one.item.service, one.item.name, one.unit, usd, one.source, day])
    yield out.getvalue()
