"""What the indicator of endpoint protection rests on: lists of hosts, counted by day, each with a digest over it."""

from fractions import Fraction
from typing import ClassVar

from dure.runs.promise.indicators.basis import Basis, Record
from dure.runs.promise.indicators.span_basis import where_known
from dure.sla.indicators.measure import Measure
from dure.sla.indicators.protection import endpoint_days
from dure.sla.ratio import share


class EndpointDay(Record):
    """The list of a local day: `sound` hosts were protected and fresh, `unprotected` ones were not protected, `stale`
    ones were protected with signatures older than 7 days. `rows` is the sha256 of all its hosts."""

    day: str
    hosts: int
    sound: int
    unprotected: int
    stale: int
    rows: str


class EndpointBasis(Basis):
    """`due` are the local days of the month under contract; one without a list is not known, and left out."""

    SOURCE: ClassVar[str] = "endpoints"
    RECORDS: ClassVar[tuple[str, ...]] = ("days",)
    LET_GO: ClassVar[str] = "no-endpoint-list"
    days: list[EndpointDay]
    due: int

    def measure(self) -> Measure:
        found = endpoint_days((one.hosts, one.sound) for one in self.days)
        return where_known(found, self.coverage())

    def coverage(self) -> Fraction | None:
        return share(len(self.days), self.due)
