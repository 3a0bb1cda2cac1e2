"""Tickets of a service desk: their number and times, and nothing that anybody wrote or is called."""

from collections.abc import Mapping
from datetime import datetime

from dure.runs.promise.intake.batch import BadValue, read_time
from dure.runs.promise.records.kind import Customer, Kind, Value, Values
from dure.runs.promise.records.row import BadField, Row
from dure.sla.indicators.catalogue import KEYS
from dure.sla.intervals import Interval
from dure.store.promise.record_tables import TicketRow

KINDS = ("incident", "request", "advice")


def read_ticket(row: Row, customer: Customer) -> Values | None:
    """Raises BadField."""
    kind = row.one_of("kind", KINDS)
    opened = row.past("opened")
    if opened is None:
        raise row.fail("opened", "opened is empty", "every clock begins there", "write when the ticket was opened")
    times = {name: _after(row, name, opened) for name in ("responded", "closed", "reopened")}
    _require_order(row, times)
    due = row.time("due")
    if due is not None and due < opened:
        raise row.fail("due", "due lies before opened", "nobody agrees on the past", "correct one of the two")
    severity = row.count_if_any("severity", 1, 4)
    if severity is not None and kind != "incident":
        raise row.fail("severity", f"a {kind} has a severity", "only incidents have one", "leave it empty")
    values: Values = {
        "id": row.number("ticket"),
        "kind": kind,
        "opened": opened,
        **times,
        "due": due,
        "waiting": ";".join(f"{start}/{end}" for start, end in _waiting(row, opened)),
        "escalated": row.flag("escalated"),
        "severity": severity,
        "service": row.one_of("service", customer.services, needed=False),
        "cause": row.word("cause"),
        "about": row.one_of("about", KEYS, needed=False),
    }
    return values if customer.term[0] <= opened < customer.term[1] else None


def _after(row: Row, name: str, opened: int) -> int | None:
    at = row.past(name)
    if at is not None and at < opened:
        raise row.fail(name, f"{name} lies before opened", "a ticket begins with its opening", "correct one of the two")
    return at


def _require_order(row: Row, times: Mapping[str, int | None]) -> None:
    closed, reopened = times["closed"], times["reopened"]
    if reopened is not None and (closed is None or reopened < closed):
        why = "reopened is when it was opened again after `closed`, its first end"
        raise row.fail("reopened", "reopened has no closed before it", why, "write the first end into closed")


def _waiting(row: Row, opened: int) -> list[Interval]:
    """Pairs from/to, joined by semicolons, in which the customer was asked."""
    found = []
    for text in row.text("waiting").split(";"):
        if not text.strip():
            continue
        start, slash, end = text.strip().partition("/")
        try:
            if not slash:
                raise BadValue(f'"{text.strip()[:40]}" is no time of waiting', "it is from/to", "write FROM/TO;FROM/TO")
            pair = (read_time(start), read_time(end))
        except BadValue as error:
            raise BadField("waiting", error) from error
        if not opened <= pair[0] < pair[1]:
            why = "it lies between the opening and its own end"
            raise row.fail(
                "waiting", f'"{text.strip()[:60]}" is no time of waiting', why, "correct it, or leave it out"
            )
        found.append(pair)
    return sorted(found)


def _month(values: Mapping[str, Value], customer: Customer) -> str:
    return datetime.fromtimestamp(int(values["opened"] or 0), customer.zone).strftime("%Y-%m")


TICKETS = Kind(
    name="tickets",
    required=("customer", "ticket", "kind", "opened"),
    optional=(
        "responded",
        "closed",
        "reopened",
        "due",
        "waiting",
        "escalated",
        "severity",
        "service",
        "cause",
        "about",
    ),
    table=TicketRow,
    key=("id",),
    read=read_ticket,
    month=_month,
)
