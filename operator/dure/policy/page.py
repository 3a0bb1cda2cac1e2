"""docs/policy-and-cost.md, written from the rules and prices by `make docs` (`python -m dure.policy.page`)."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from importlib import resources

from dure.cost.free import free_types
from dure.cost.offer import wanted_items
from dure.cost.price import GLOBAL, Price
from dure.cost.price_file import package_prices
from dure.cost.types import PRICED
from dure.cost.usage import ASSUMED, HOURS, PREFIX
from dure.policy.rules import RULES

MARK = re.compile(r"\{\{(\w+)\}\}")


def page() -> str:
    """The whole page: data/page.txt with its tables filled in."""
    text = resources.files("dure.policy").joinpath("data", "page.txt").read_text(encoding="utf-8")
    tables = {
        "rules": _table(("rule", "severity", "what must hold", "because", "to mend"), _rules()),
        "priced": _table(("type", "what is charged"), _priced()),
        "hours": str(HOURS),
        "assumed": _table(("parameter", "default", "meaning"), _assumed()),
        "prices": _table(("service", "item", "unit", *_regions()), _prices()),
        "offers": _table(("item", "service code", "usage type"), _offers()),
        "free": _table(("type", "because", "source"), _free()),
    }
    return MARK.sub(lambda found: tables[found[1]], text)


def _table(head: Iterable[str], rows: Iterable[tuple[str, ...]]) -> str:
    cells = tuple(head)
    lines = [_row(cells), "|" + "---|" * len(cells)]
    return "\n".join([*lines, *(_row(row) for row in rows)]) + "\n"


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(one.replace("|", "\\|") for one in cells) + " |"


def _rules() -> Iterator[tuple[str, ...]]:
    for one in RULES:
        yield f"`{one.id}`", one.severity, one.demand, one.reason, one.mend


def _priced() -> Iterator[tuple[str, ...]]:
    for kind in sorted(PRICED):
        yield f"`{kind}`", _first_line(PRICED[kind])


def _first_line(made: Callable[..., object]) -> str:
    return (made.__doc__ or "").strip().splitlines()[0]


def _assumed() -> Iterator[tuple[str, ...]]:
    for name, (default, words) in ASSUMED.items():
        yield f"`{PREFIX}{name}`", str(default), words


def _regions() -> tuple[str, ...]:
    found = Counter(one.region for one in package_prices())
    return tuple(sorted(found, key=lambda region: (region == GLOBAL, region)))


def _prices() -> Iterator[tuple[str, ...]]:
    by_item: dict[tuple[str, str, str], dict[str, Price]] = {}
    for one in package_prices():
        by_item.setdefault((one.item.service, one.item.name, one.unit), {})[one.region] = one
    for (service, name, unit), rows in by_item.items():
        yield service, f"`{name}`", unit, *(_shown(rows.get(region)) for region in _regions())


def _shown(price: Price | None) -> str:
    if price is None:
        return ""
    return "unknown" if price.usd is None else f"{price.usd:f}"


def _offers() -> Iterator[tuple[str, ...]]:
    for one in wanted_items():
        yield f"`{one.item}`", one.service, f"`{one.usage}`"


def _free() -> Iterator[tuple[str, ...]]:
    for kind, one in sorted(free_types().items()):
        yield f"`{kind}`", one.reason, one.source


if __name__ == "__main__":
    print(page(), end="")
