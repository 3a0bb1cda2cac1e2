"""Gathers what security consoles list of hosts, and what MSP and customer reckon that the services bring."""

from collections.abc import Sequence
from itertools import groupby

from sqlalchemy.orm import Session

from dure.runs.promise.indicators.basis import Found, Missing
from dure.runs.promise.indicators.benefit_basis import AxisRecord, BenefitBasis
from dure.runs.promise.indicators.endpoint_basis import EndpointBasis, EndpointDay
from dure.runs.promise.indicators.facts import MonthFacts
from dure.sla.freeze import digest
from dure.sla.indicators.protection import Endpoint, endpoint_protection, is_stale
from dure.sla.indicators.use import AXES
from dure.sla.periods import days_of
from dure.store.promise.record_tables import EndpointRow
from dure.store.promise.records import read_benefits, read_endpoints


def from_consoles(session: Session, facts: MonthFacts) -> dict[str, Found]:
    """By key."""
    return {"endpoint": _endpoints(session, facts), "net_benefit": _benefit(session, facts)}


def _endpoints(session: Session, facts: MonthFacts) -> Found:
    rows = read_endpoints(session, facts.customer, facts.month)
    if not rows:
        return Missing(why=EndpointBasis.LET_GO)
    days = [_day(day, [*hosts]) for day, hosts in groupby(rows, key=lambda one: one.day)]
    return EndpointBasis(days=days, due=len([*days_of(facts.monitored, facts.zone)]))


def _day(day: str, rows: Sequence[EndpointRow]) -> EndpointDay:
    """Each host is judged at the moment at which its list was made."""
    hosts = [(Endpoint(one.protected, one.updated), one.listed) for one in rows]
    return EndpointDay(
        day=day,
        hosts=len(hosts),
        sound=sum(endpoint_protection([host], listed).part for host, listed in hosts),
        unprotected=sum(not host.protected for host, _ in hosts),
        stale=sum(host.protected and is_stale(host, listed) for host, listed in hosts),
        rows=digest([[one.host, one.protected, one.listed, one.updated] for one in rows]),
    )


def _benefit(session: Session, facts: MonthFacts) -> Found:
    rows = read_benefits(session, facts.customer, facts.month)
    if not rows:
        return Missing(why="no-benefit")
    spent = rows.get("spent")
    axes = [
        AxisRecord(axis=axis, low=one.low, likely=one.likely, high=one.high, basis=one.basis, basis_en=one.basis_en)
        for axis in AXES
        if (one := rows.get(axis)) is not None
    ]
    if spent is None:
        return BenefitBasis(axes=axes, spent=None)
    return BenefitBasis(axes=axes, spent=spent.likely, spent_basis=spent.basis, spent_basis_en=spent.basis_en)
