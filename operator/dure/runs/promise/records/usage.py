"""Use of services: counts of people a month, never who they are."""

from collections.abc import Mapping

from dure.runs.promise.records.kind import Customer, Kind, Value, Values
from dure.runs.promise.records.row import Row
from dure.sla.periods import month, parsed_month
from dure.store.promise.record_tables import UsageRow
from dure.store.promise.records import CAUSES

GRADES = ("habitual", "dormant", "never")


def read_usage_line(row: Row, customer: Customer) -> Values | None:
    """Raises BadField."""
    name = row.month("month")
    start, end = month(*parsed_month(name), customer.zone)
    if end > row.now:
        raise row.fail("month", f"{name} is not over", "only full months are compared", "import it next month")
    entitled, acted = row.count("entitled"), row.count("acted")
    if acted > entitled:
        why = f"only {entitled} may use it"
        raise row.fail("acted", f"{acted} people used it", why, "correct one of the two")
    grades = {one: row.count_if_any(one) for one in GRADES}
    _require_sum(row, entitled, acted, grades)
    values: Values = {
        "service": row.number("service"),
        "month": name,
        "entitled": entitled,
        "acted": acted,
        "purchased": row.count_if_any("purchased"),
        **grades,
        "cause": row.one_of("cause", tuple(CAUSES), needed=False),
        "action": row.day("action"),
    }
    return values if start < customer.term[1] and customer.term[0] < end else None


def _require_sum(row: Row, entitled: int, acted: int, grades: Mapping[str, int | None]) -> None:
    habitual, dormant, never = (grades[one] for one in GRADES)
    if habitual is not None and habitual > acted:
        why = f"only {acted} acted at all"
        raise row.fail("habitual", f"{habitual} used it habitually", why, "correct one of the two")
    if dormant is not None and never is not None and acted + dormant + never != entitled:
        why = f"acted, dormant and never are {acted + dormant + never} together, and {entitled} are entitled"
        raise row.fail("dormant", "the grades do not sum", why, "each entitled person has one grade")


def _month(values: Mapping[str, Value], customer: Customer) -> str:
    return str(values["month"])


USAGE = Kind(
    name="usage",
    required=("customer", "service", "month", "entitled", "acted"),
    optional=("purchased", *GRADES, "cause", "action"),
    table=UsageRow,
    key=("service", "month"),
    read=read_usage_line,
    month=_month,
)
