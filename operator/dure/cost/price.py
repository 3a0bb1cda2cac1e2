"""Prices: rows of dated files, looked up by region, service and item."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

GLOBAL = "global"
"""The region of what costs the same everywhere."""
USD = re.compile(r"[0-9]{1,9}(\.[0-9]{1,12})?")
COLUMNS = ("region", "service", "item", "unit", "usd", "source", "date")
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Item:
    """What is charged: AWS's service code, and our name of the thing, such as `instance-hour:t4g.nano`."""

    service: str
    name: str


@dataclass(frozen=True, slots=True)
class Price:
    """One row. `usd` is None for a price whose source nobody found: what it prices counts as unpriced."""

    region: str
    item: Item
    unit: str
    usd: Decimal | None
    source: str
    date: date | None


@dataclass(frozen=True, slots=True)
class PriceList:
    """Prices of all regions; the later of two rows for one thing counts."""

    rows: Mapping[tuple[str, Item], Price]

    def of(self, region: str, item: Item) -> Price | None:
        """The region's price, else the global one; None when there is no row."""
        return self.rows.get((region, item)) or self.rows.get((GLOBAL, item))

    def regions(self) -> list[str]:
        return sorted({region for region, _ in self.rows} - {GLOBAL})


def price_list(rows: Iterable[Price]) -> PriceList:
    """In order of precedence, the weakest first. A row without a price never takes the place of one with."""
    found: dict[tuple[str, Item], Price] = {}
    for row in rows:
        key = (row.region, row.item)
        if row.usd is not None or key not in found:
            found[key] = row
    return PriceList(found)
