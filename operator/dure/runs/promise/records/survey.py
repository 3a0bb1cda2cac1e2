"""Answers to a survey: marks from 1 to 5 under the answer's number, never a name."""

from collections.abc import Mapping
from datetime import date

from dure.runs.promise.indicators.people_basis import ITEMS
from dure.runs.promise.records.kind import Customer, Kind, Value, Values
from dure.runs.promise.records.row import Row
from dure.sla.periods import midnight
from dure.store.promise.record_tables import SurveyRow


def read_answer(row: Row, customer: Customer) -> Values | None:
    """Raises BadField. A line without an answer says that the survey was held, and how many were asked."""
    kind = row.one_of("kind", tuple(ITEMS))
    held = row.day("held")
    if not held:
        raise row.fail("held", "held is empty", "a survey counts for the year after it", "write its last day")
    start = midnight(date.fromisoformat(held), customer.zone)
    if start > row.now:
        raise row.fail("held", f"{held} is in the future", "nobody has answered yet", "correct the date")
    asked = row.count("asked", 1)
    answer = row.count_if_any("answer", 1)
    marks = _marks(row, kind) if answer is not None else ""
    if answer is None and row.text("marks"):
        raise row.fail("answer", "the marks have no answer's number", "it tells answers apart", "number them from 1")
    if answer is not None and answer > asked:
        why = f"only {asked} were asked"
        raise row.fail("answer", f"this is answer {answer}", why, "number answers from 1, or correct asked")
    values: Values = {
        "survey": row.number("survey"),
        "kind": kind,
        "answer": answer or 0,
        "held": held,
        "asked": asked,
        "marks": marks,
    }
    return values if customer.term[0] <= start < customer.term[1] else None


def _marks(row: Row, kind: str) -> str:
    parts = [one.strip() for one in row.required("marks").split(";")]
    if len(parts) != ITEMS[kind]:
        why = f"{kind} has {ITEMS[kind]} questions"
        raise row.fail("marks", f"there are {len(parts)} marks", why, "write one mark a question, joined by ;")
    for one in parts:
        if one not in ("1", "2", "3", "4", "5"):
            raise row.fail("marks", f'"{one[:20]}" is no mark', "marks run from 1 to 5", "leave the whole answer out")
    return ";".join(parts)


def _month(values: Mapping[str, Value], customer: Customer) -> str:
    return str(values["held"])[:7]


SURVEY = Kind(
    name="survey",
    required=("customer", "survey", "kind", "held", "asked"),
    optional=("answer", "marks"),
    table=SurveyRow,
    key=("survey", "kind", "answer"),
    read=read_answer,
    month=_month,
)
