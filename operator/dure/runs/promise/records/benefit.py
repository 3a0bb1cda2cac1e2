"""What the services brought in a month, along four axes, and what they cost; each figure with how one came to it."""

from collections.abc import Mapping

from dure.runs.promise.records.kind import Customer, Kind, Value, Values
from dure.runs.promise.records.row import Row
from dure.sla.indicators.use import AXES
from dure.sla.periods import month, parsed_month
from dure.store.promise.record_tables import BenefitRow

SPENT = "spent"


def read_benefit(row: Row, customer: Customer) -> Values | None:
    """Raises BadField. A loss along an axis is a number below zero; what is spent has no range and is never below."""
    name = row.month("month")
    start, end = month(*parsed_month(name), customer.zone)
    if end > row.now:
        raise row.fail("month", f"{name} is not over", "only full months are reckoned", "import it next month")
    axis = row.one_of("axis", (*AXES, SPENT))
    likely = row.won("likely")
    low, high = (row.won(one) if row.text(one) or axis != SPENT else likely for one in ("low", "high"))
    if not low <= likely <= high:
        which = "low" if low > likely else "high"
        why = f"the likely value is {likely}, and a range holds it"
        raise row.fail(which, f"{which} is {low if which == 'low' else high}", why, "correct one of the two")
    if axis == SPENT and (likely < 0 or low != high):
        which, what = ("likely", f"{likely} was spent") if likely < 0 else ("low", "what was spent has a range")
        raise row.fail(which, what, "it is what was paid, zero or more", "write the one number into likely")
    basis = row.sentence("basis")
    if not basis and axis != SPENT:
        why = "a figure that nobody can follow proves nothing, also when it is 0"
        raise row.fail("basis", "basis is empty", why, "write in a sentence how one comes to it")
    values: Values = {
        "month": name,
        "axis": axis,
        "low": low,
        "likely": likely,
        "high": high,
        "basis": basis,
        "basis_en": row.sentence("basis_en"),
    }
    return values if start < customer.term[1] and customer.term[0] < end else None


def _month(values: Mapping[str, Value], customer: Customer) -> str:
    return str(values["month"])


BENEFIT = Kind(
    name="benefit",
    required=("customer", "month", "axis", "likely"),
    optional=("low", "high", "basis", "basis_en"),
    table=BenefitRow,
    key=("month", "axis"),
    read=read_benefit,
    month=_month,
)
