"""How large a tenant's parts are, by the number of its people."""

from dataclasses import dataclass
from typing import Literal

Tier = Literal["starter", "standard", "plus", "premium"]


@dataclass(frozen=True, slots=True)
class Size:
    """`cpu` in 1/1024 of a vCPU and `memory` in MiB are a pair that Fargate takes; `storage` in GB is what a
    new database begins with."""

    tier: Tier
    most: int | None
    """People up to which this size is meant; None: no bound."""
    cpu: int
    memory: int
    tasks: int
    database_class: str
    multi_az: bool
    storage: int
    backup_days: int


SIZES = (
    Size("starter", 10, 256, 512, 1, "db.t4g.micro", False, 20, 7),
    Size("standard", 29, 256, 1024, 1, "db.t4g.small", False, 20, 14),
    Size("plus", 50, 512, 2048, 2, "db.t4g.small", True, 40, 21),
    Size("premium", None, 1024, 4096, 2, "db.t4g.medium", True, 80, 35),
)
"""Each begins where the one before ends: 1-10, 11-29, 30-50, 51 and more people."""
LARGEST_STORAGE = 500
"""GB up to which AWS lets any database's disk grow. One for all sizes: AWS takes no limit below what a disk has grown
to, so that a lower one would stop a customer from getting smaller."""


def size_for(people: int) -> Size:
    """Raises ValueError for fewer than 1."""
    if people < 1:
        raise ValueError(f"people {people} is not 1 or more")
    return next(one for one in SIZES if one.most is None or people <= one.most)
