"""Types that cost nothing by themselves, each with the reason and where AWS says so."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Free:
    type: str
    reason: str
    source: str


@cache
def free_types() -> Mapping[str, Free]:
    """Type -> why it is free."""
    text = resources.files("dure.cost").joinpath("data", "free.csv").read_text(encoding="utf-8")
    return {row["type"]: Free(row["type"], row["reason"], row["source"]) for row in csv.DictReader(io.StringIO(text))}
