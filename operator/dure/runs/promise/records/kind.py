"""What an importer knows of its kind of file: columns, how a line is read, where it goes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from dure.runs.promise.records.row import Row
from dure.sla.intervals import Interval
from dure.store.promise.record_tables import BenefitRow, EndpointRow, SurveyRow, TicketRow, UsageRow

Table = type[TicketRow] | type[SurveyRow] | type[UsageRow] | type[EndpointRow] | type[BenefitRow]
Value = str | int | bool | None
Values = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Customer:
    """What lines are compared with: services of the contract, its zone and term."""

    id: str
    services: frozenset[str]
    zone: ZoneInfo
    term: Interval


@dataclass(frozen=True, slots=True)
class Kind:
    """`read` gives a line's values for the table, or None for one that lies outside the contract.

    `month` names the month (2026-06) that a row belongs to. `key` are the columns after the customer that tell rows
    apart.
    """

    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    table: Table
    key: tuple[str, ...]
    read: Callable[[Row, Customer], Values | None]
    month: Callable[[Mapping[str, Value], Customer], str]

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.required, *self.optional)
