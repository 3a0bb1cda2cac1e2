"""Lists of hosts from an endpoint-security console: one a day, each host with its protection, never who works at it."""

from collections.abc import Mapping
from datetime import datetime

from dure.runs.promise.records.kind import Customer, Kind, Value, Values
from dure.runs.promise.records.row import Row
from dure.sla.intake import FUTURE_TOLERANCE
from dure.store.promise.record_tables import EndpointRow


def read_host(row: Row, customer: Customer) -> Values | None:
    """Raises BadField. A host that is listed without protection counts; of one that is not listed nothing is known."""
    host = row.number("host", "PC-07").lower()
    listed = row.past("listed")
    if listed is None:
        why = "how fresh a host was is judged at that moment"
        raise row.fail("listed", "listed is empty", why, "write when the console made the list")
    row.required("protected")
    protected = row.flag("protected")
    updated = row.time("updated")
    if protected and updated is None:
        why = "nobody can tell whether a host is fresh, and what is not known is neither good nor bad"
        raise row.fail("updated", "updated is empty", why, "write when its signatures or agent were last renewed")
    if updated is not None and updated > listed + FUTURE_TOLERANCE:
        why = "a list cannot tell what comes after it"
        raise row.fail("updated", "updated lies after listed", why, "correct one of the two, or its offset")
    values: Values = {
        "day": datetime.fromtimestamp(listed, customer.zone).date().isoformat(),
        "host": host,
        "protected": protected,
        "listed": listed,
        "updated": updated,
    }
    return values if customer.term[0] <= listed < customer.term[1] else None


def _month(values: Mapping[str, Value], customer: Customer) -> str:
    return str(values["day"])[:7]


ENDPOINTS = Kind(
    name="endpoints",
    required=("customer", "host", "listed", "protected"),
    optional=("updated",),
    table=EndpointRow,
    key=("day", "host"),
    read=read_host,
    month=_month,
)
