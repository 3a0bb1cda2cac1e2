"""AWS's exported price lists (offer files of the Price List Bulk API, JSON or CSV) -> rows of prices.

Format: AWS Billing User Guide, "Reading the service price list file". Files are read as a stream.
"""

import csv
import fnmatch
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TextIO

from dure.cost.json_stream import JsonReader, NotJson
from dure.cost.price import USD, Item, Price
from dure.model.problem import Problem

REGION_PREFIX = re.compile(r"(?:[A-Z]{2,4}[0-9]?|[a-z]{2}(?:-[a-z]+)+-[0-9])-")
"""Before usage types of all regions but us-east-1, such as APN2- or ap-northeast-2-."""
REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-[0-9]")
HEAD_LINES = 5
MEND = "export the list again: aws pricing get-price-list-file-url"


@dataclass(frozen=True, slots=True)
class Wanted:
    """How one of our items is called in AWS's lists; `*` stands for the rest of the name."""

    item: str
    service: str
    usage: str
    attributes: Mapping[str, str]
    factor: int
    """AWS's price is for one; ours is for so many."""


@dataclass(slots=True)
class Offer:
    """What was read."""

    service: str = ""
    published: date | None = None
    version: str = ""
    tiers: dict[tuple[str, Item], dict[Decimal, Decimal]] = field(default_factory=dict)
    """(region, item) -> beginning of the range -> USD."""
    units: dict[Item, str] = field(default_factory=dict)
    doubtful: set[tuple[str, Item]] = field(default_factory=set)
    """Two prices for one thing: none is taken."""
    problems: list[Problem] = field(default_factory=list)


@cache
def wanted_items() -> tuple[Wanted, ...]:
    text = resources.files("dure.cost").joinpath("data", "offers.csv").read_text(encoding="utf-8")
    return tuple(
        Wanted(
            row["item"],
            row["service"],
            row["usage"],
            dict(pair.split("=", 1) for pair in row["attributes"].split(";") if pair),
            int(row["factor"]),
        )
        for row in csv.DictReader(io.StringIO(text))
    )


def read_offer(file: Path) -> Offer:
    """The prices that we use, of every region in the file; faults are in `problems`, by line."""
    offer = Offer()
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            first = stream.read(1)
            stream.seek(0)
            if first == "{":
                _read_json(file, stream, offer)
            else:
                _read_csv(file.name, stream, offer)
    except NotJson as error:
        offer.problems.append(Problem(file.name, error.line, 1, "the file is not JSON", error.why, MEND))
    except (OSError, UnicodeDecodeError) as error:
        why = (isinstance(error, OSError) and error.strerror) or "it is not UTF-8"
        offer.problems.append(Problem(file.name, 1, 1, "the file cannot be read", why, MEND))
    if not offer.problems and not offer.tiers:
        why = f"none of the {len(wanted_items())} items that are priced here is in it"
        offer.problems.append(
            Problem(file.name, 1, 1, "the file has no price for us", why, "see docs/policy-and-cost.md")
        )
    return offer


def rows_of(offer: Offer) -> list[Price]:
    """One row for each thing: the first tier that is not free."""
    source = f"AWS Price List {offer.service}, version {offer.version}"
    rows = []
    for (region, item), tiers in offer.tiers.items():
        if (region, item) in offer.doubtful:
            continue
        usd = next((tiers[begin] for begin in sorted(tiers) if tiers[begin]), Decimal(0))
        rows.append(Price(region, item, offer.units[item], usd, source, offer.published))
    return rows


def match(service: str, usage: str, attributes: Mapping[str, str]) -> tuple[Item, int] | None:
    """Our item and factor for AWS's usage type; None for what is not priced here. `attributes` by plain name."""
    bare = usage if not (prefix := REGION_PREFIX.match(usage)) else usage[prefix.end() :]
    for one in wanted_items():
        if one.service != service or not (
            fnmatch.fnmatchcase(usage, one.usage) or fnmatch.fnmatchcase(bare, one.usage)
        ):
            continue
        if all(attributes.get(_plain(key)) == value for key, value in one.attributes.items()):
            kept = one.usage.partition("*")[0]
            rest = (usage if usage.startswith(kept) else bare).removeprefix(kept)
            return Item(service, one.item.replace("*", rest)), one.factor
    return None


def _plain(name: str) -> str:
    """One name for JSON's `preInstalledSw` and CSV's `Pre Installed S/W`."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _note(
    offer: Offer, file: str, line: int, region: str, found: tuple[Item, int], dimension: Mapping[str, str]
) -> None:
    """Take one price of one range."""
    if not REGION.fullmatch(region):
        return  # what belongs to no region, or to an outpost
    item, factor = found
    usd, begin = dimension["usd"], dimension["begin"]
    if not USD.fullmatch(usd) or not USD.fullmatch(begin):
        what, why = f'the price is "{usd[:40]}" from "{begin[:40]}" on', "both are digits with a decimal point"
        offer.problems.append(Problem(file, line, 1, what, why, MEND))
        return
    key, price = (region, item), Decimal(usd) * factor
    tiers = offer.tiers.setdefault(key, {})
    if tiers.setdefault(Decimal(begin), price) != price:
        offer.doubtful.add(key)
    offer.units[item] = dimension["unit"] if factor == 1 else f"{factor} {dimension['unit']}"


def _read_csv(file: str, stream: TextIO, offer: Offer) -> None:
    reader = csv.reader(stream)
    try:
        head = [row for _, row in zip(range(HEAD_LINES), reader, strict=False)]
        columns = {_plain(name): place for place, name in enumerate(next(reader, []))}
        _set_head(offer, {_plain(row[0]): row[1] for row in head if len(row) > 1}, file)
        missing = [
            name
            for name in ("sku", "termtype", "startingrange", "unit", "priceperunit", "usagetype", "regioncode")
            if name not in columns
        ]
        if missing:
            why = f"its sixth line has no column {missing[0]}"
            offer.problems.append(Problem(file, HEAD_LINES + 1, 1, "the file is no price list of AWS", why, MEND))
            return
        for cells in reader:
            if len(cells) != len(columns):
                what = f"the line has {len(cells)} values, not {len(columns)}"
                offer.problems.append(Problem(file, reader.line_num, 1, what, "it is cut off or changed", MEND))
                return
            row = {name: cells[place] for name, place in columns.items()}
            found = match(offer.service, row["usagetype"], row) if row["termtype"] == "OnDemand" else None
            if found and row.get("currency", "USD") == "USD":
                dimension = {"usd": row["priceperunit"], "begin": row["startingrange"], "unit": row["unit"]}
                _note(offer, file, reader.line_num, row["regioncode"], found, dimension)
    except csv.Error as error:
        offer.problems.append(Problem(file, reader.line_num, 1, "the line is not CSV", str(error), MEND))


def _read_json(file: Path, stream: TextIO, offer: Offer) -> None:
    """Twice through the file: products and terms stand apart, and either may come first."""
    _set_head(offer, dict(JsonReader(stream).scalars()), file.name)
    if offer.problems:
        return
    stream.seek(0)
    products: dict[str, tuple[str, tuple[Item, int]]] = {}
    for sku, product, _ in JsonReader(stream).members("products"):
        attributes = _attributes(product)
        found = match(offer.service, attributes.get("usagetype", ""), attributes)
        if found:
            products[sku] = (attributes.get("regioncode", ""), found)
    stream.seek(0)
    for sku, terms, line in JsonReader(stream).members("terms", "OnDemand"):
        if sku not in products:
            continue
        region, found = products[sku]
        for dimension in _dimensions(terms):
            _note(offer, file.name, line, region, found, dimension)


def _attributes(product: object) -> dict[str, str]:
    if not isinstance(product, Mapping):
        return {}
    given = product.get("attributes")
    plain = {_plain(str(key)): str(value) for key, value in (given if isinstance(given, Mapping) else {}).items()}
    return {**plain, "productfamily": str(product.get("productFamily", ""))}


def _dimensions(terms: object) -> Iterator[Mapping[str, str]]:
    for term in _values(terms):
        for one in _values(term.get("priceDimensions")):
            price = one.get("pricePerUnit")
            if isinstance(price, Mapping) and "USD" in price:
                begin = str(one.get("beginRange", "0"))
                yield {"usd": str(price["USD"]), "begin": begin, "unit": str(one.get("unit", ""))}


def _values(given: object) -> Iterable[Mapping[str, object]]:
    return [one for one in given.values() if isinstance(one, Mapping)] if isinstance(given, Mapping) else []


def _set_head(offer: Offer, head: Mapping[str, str], file: str) -> None:
    plain = {_plain(key): value for key, value in head.items()}
    offer.service = plain.get("offercode", "")
    offer.version = plain.get("version", "")
    try:
        offer.published = date.fromisoformat(plain.get("publicationdate", "")[:10])
    except ValueError:
        why = "it names no publication date at its beginning"
        offer.problems.append(Problem(file, 1, 1, "the file is no price list of AWS", why, MEND))
        return
    if not offer.service:
        offer.problems.append(Problem(file, 1, 1, "the file is no price list of AWS", "it names no OfferCode", MEND))
