"""`operator cost --import`: AWS's exported list into dated files of the workspace."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from dure.cost.offer import read_offer, rows_of
from dure.cost.price import Price
from dure.cost.price_file import DIRECTORY, render_prices
from dure.model.problem import WorkspaceInvalid
from dure.model.writing import cannot_write, replace_file


@dataclass(frozen=True, slots=True)
class Imported:
    """`written` are files that are new or changed, `same` those that stood there already."""

    written: tuple[str, ...]
    same: tuple[str, ...]
    prices: int
    doubtful: tuple[str, ...]
    """Things with two prices in the list; they keep the price that they had."""


def import_offer(root: Path, file: Path) -> Imported:
    """Write `prices/REGION.SERVICE.DATE.csv` for each region; the same list again changes nothing.

    Raises WorkspaceInvalid with every fault of the file by line; then nothing is written.
    """
    offer = read_offer(file)
    if offer.problems:
        raise WorkspaceInvalid(offer.problems)
    by_file: dict[str, list[Price]] = defaultdict(list)
    for row in rows_of(offer):
        by_file[f"{DIRECTORY}/{row.region}.{row.item.service}.{row.date}.csv"].append(row)
    written: list[str] = []
    same: list[str] = []
    for name, rows in sorted(by_file.items()):
        (written if _write(root / name, render_prices(rows)) else same).append(name)
    doubtful = sorted(f"{region} {item.name}" for region, item in offer.doubtful)
    return Imported(tuple(written), tuple(same), sum(map(len, by_file.values())), tuple(doubtful))


def _write(file: Path, content: bytes) -> bool:
    """Whether it changed."""
    try:
        file.parent.mkdir(exist_ok=True)
        if file.exists() and file.read_bytes() == content:
            return False
    except OSError as error:
        raise cannot_write(file, error) from error
    replace_file(file, content)
    return True
