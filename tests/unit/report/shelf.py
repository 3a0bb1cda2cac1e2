"""Puts closed months into a store, as closing them does."""

from collections.abc import Iterable
from dataclasses import asdict, replace

from dure.store.database import Store
from dure.store.promise.codes import CODES
from dure.store.promise.detail import as_json
from dure.store.promise.months import MADE_UP, CustomerMonth, ServiceMonth
from dure.store.promise.tables import DaySeconds, IndicatorValue, MonthFrozen, Series, ServiceSpanRow
from dure.store.tables import Setting
from sqlalchemy import insert
from sqlalchemy.orm import Session

from tests.unit.report.months import history

OPERATOR = """\
msp:
  id: hanbit-it
  name: 한빛아이티
  name_en: Hanbit IT
  phone: 02-555-0100
  email: help@hanbit-it.example
engineers: []
hub:
  address: 203.0.113.10
"""


def put(store: Store, months: Iterable[CustomerMonth]) -> None:
    """All months of one or more customers; the store then says that it is made up."""
    with store.transaction() as session:
        series: dict[tuple[str, str], int] = {}
        if session.get(Setting, MADE_UP) is None:
            session.add(Setting(name=MADE_UP, value="yes"))
        for month in months:
            for one in month.services:
                key = (month.customer, one.service)
                if key not in series:
                    row = Series(customer=month.customer, kind="service", name=one.service)
                    session.add(row)
                    session.flush()
                    series[key] = row.id
                put_service(session, series[key], month, one)
            put_indicators(session, month)


def put_service(session: Session, series: int, month: CustomerMonth, one: ServiceMonth) -> None:
    exact = one.figures.availability
    classes = ("not_monitored", "out_of_hours", "maintenance", "excluded", "ast", "up", "degraded", "down", "unknown")
    session.add(
        MonthFrozen(
            series=series,
            month=month.month,
            revision=one.revision,
            customer=month.customer,
            period_start=month.period[0],
            period_end=month.period[1],
            **{name: getattr(one.seconds, name) for name in classes},
            bad=str(one.figures.bad),
            availability=None if exact is None else str(exact),
            target=str(one.target),
            verdict=one.verdict.value,
            calendar=one.calendar,
            policy=one.policy,
            engine=one.engine,
            spans=one.digest,
            fee=one.credit.fee,
            credit_share=str(one.credit.share),
            credit=one.credit.amount,
            waived=one.credit.waived,
            detail=as_json(one.detail),
            policy_text="{}",
            reason=one.reason,
            approvals=list(one.approvals),
            closed_by=one.closed_by,
            closed_at=one.closed_at,
        )
    )
    spans = [{"series": series, "start": a, "end": b, "state": CODES[state]} for a, b, state in one.spans]
    session.execute(insert(ServiceSpanRow), spans)
    session.execute(insert(DaySeconds), [{"series": series, "day": day.day, **asdict(day.seconds)} for day in one.days])


def put_indicators(session: Session, month: CustomerMonth) -> None:
    for fact in month.indicators:
        session.add(
            IndicatorValue(
                customer=month.customer,
                indicator=fact.indicator.key,
                period=month.month,
                revision=1,
                value=None if fact.value is None else str(fact.value),
                part=fact.part,
                whole=fact.whole,
                target=None if fact.target is None else str(fact.target),
                verdict=fact.verdict,
                coverage=None if fact.coverage is None else str(fact.coverage),
            )
        )


def put_customers(store: Store, customers: Iterable[str]) -> None:
    """The same six months for each of them."""
    months = history()
    for customer in customers:
        put(store, [replace(one, customer=customer) for one in months])
