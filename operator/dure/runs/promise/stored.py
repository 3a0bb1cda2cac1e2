"""A closed figure led back to its data: the accounting case of its policy and spans, and whether it still gives it."""

from dataclasses import dataclass

from pydantic import JsonValue

from dure.errors import UsageError
from dure.model.accounting.case_model import AccountingCase
from dure.model.accounting.conversion import to_case
from dure.model.explain import nearest
from dure.model.text import printable
from dure.runs.context import Context
from dure.runs.promise.compute import exported_case, kept_case, margin
from dure.runs.promise.vouched import require_agreed
from dure.sla.case import Account, account
from dure.store.promise.frozen import replaced_since, require_sound, sound_month
from dure.store.promise.months import ServiceMonth, seconds_of, service_month
from dure.store.promise.spans import read_spans, series_of
from dure.store.promise.tables import MonthFrozen
from dure.store.promise.views import views_of


@dataclass(frozen=True, slots=True)
class Stored:
    """`case` as JSON, the same as a value, its account, the row it stands for, and whether both still agree."""

    case: dict[str, JsonValue]
    model: AccountingCase
    account: Account
    row: ServiceMonth
    agrees: bool


def stored_figure(context: Context, customer: str, service: str, month: str, revision: int | None = None) -> Stored:
    """The figure of a closed month. Raises UsageError when there is none."""
    with context.store.transaction() as session:
        series = series_of(session, customer, "service", [])
        if service not in series:
            near = nearest(service, series)
            mend = f'write "{near}"' if near else f"operator sla close {month} {customer}"
            why = f"no closed month has it; known: {', '.join(sorted(series)) or 'none'}"
            raise UsageError(f'{printable(customer)} has no service "{printable(service)}"', why=why, mend=mend)
        rows = sound_month(session, month, [customer])[0]
        row = next((one for one in rows if one.series == series[service]), None)
        if row is not None and revision is not None:
            row = session.get(MonthFrozen, (series[service], month, revision))
            require_sound(session, month, [customer], [row] if row is not None else [])
        if row is None:
            shown = f"{month} revision {revision}" if revision else month
            mend = f"operator sla close {month} {customer}"
            raise UsageError(f"{shown} of {customer}/{service} is not closed", why="nothing is stored of it", mend=mend)
        if replaced := replaced_since(session, month, [customer], [row], row.revision):
            kept = views_of(session, month, [row], {row.series: service}, replaced)[row.series].spans
        timelines = read_spans(session, customer, margin((row.period_start, row.period_end)))
    require_agreed(context, customer, month, revision)
    # Of a revision that an older version replaced no timeline was kept: then today's spans tell that they differ.
    case = kept_case(row.policy_text, kept) if replaced and kept else exported_case(row.policy_text, timelines)
    model = AccountingCase.model_validate(case)
    result = account(to_case(model))
    return Stored(case, model, result, service_month(row, service), result.seconds == seconds_of(row))
