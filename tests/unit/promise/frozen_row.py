"""A closed month as rows, worked out by hand: May 2026 of one service with 3,600 s down and 1,800 s unknown."""

from datetime import UTC, datetime

from dure.sla.states import State
from dure.store.promise.codes import CODES
from dure.store.promise.detail import IncidentFact, MonthDetail, as_json
from dure.store.promise.tables import DaySeconds, IndicatorValue, MonthFrozen, Series, ServiceSpanRow
from sqlalchemy.orm import Session

MAY = (1_777_561_200, 1_780_239_600)
PERIOD = MAY[1] - MAY[0]
DOWN = (MAY[0] + 36_000, MAY[0] + 39_600)

DETAIL = MonthDetail(
    customer=("한솔플라스틱", "Hansol Plastics"),
    service=("파일 공유", "file share"),
    tier="standard",
    zone="Asia/Seoul",
    checks=("ansan/file-share",),
    mode="exclude",
    degraded_weight="0",
    min_coverage="95",
    observed="1487/1488",
    incidents=(IncidentFact(*DOWN, 3600, 3600, DOWN[0] + 120, "KT", ("ansan/file-share",)),),
    windows=(),
    exclusions=(),
    blips=2,
)


def frozen_row(series: int, month: str = "2026-05", revision: int = 1) -> MonthFrozen:
    return MonthFrozen(
        series=series,
        month=month,
        revision=revision,
        customer="hansol-plastics",
        period_start=MAY[0],
        period_end=MAY[1],
        not_monitored=0,
        out_of_hours=0,
        maintenance=0,
        excluded=0,
        ast=PERIOD,
        up=PERIOD - 5400,
        degraded=0,
        down=3600,
        unknown=1800,
        bad="3600",
        availability=None,
        target="199/200",
        verdict="MET",
        calendar="KR-2026.r1",
        policy="p",
        engine="1",
        spans="d",
        fee=300_000,
        credit_share="1/10",
        credit=30_000,
        waived="",
        detail=as_json(DETAIL),
        policy_text="{}",
        reason="",
        approvals=[],
        closed_by="kim-minsu",
        closed_at=datetime(2026, 6, 4, tzinfo=UTC),
    )


def close_by_hand(session: Session) -> int:
    """Write the month, and return its series."""
    series = Series(customer="hansol-plastics", kind="service", name="files")
    session.add(series)
    session.flush()
    session.add(frozen_row(series.id))
    session.add(ServiceSpanRow(series=series.id, start=DOWN[0], end=DOWN[1], state=CODES[State.DOWN]))
    session.add(
        DaySeconds(
            series=series.id,
            day="2026-05-01",
            period=86_400,
            not_monitored=0,
            out_of_hours=0,
            maintenance=0,
            excluded=0,
            ast=86_400,
            up=82_800,
            degraded=0,
            down=3600,
            unknown=0,
        )
    )
    session.add(
        IndicatorValue(
            customer="hansol-plastics",
            indicator="coverage",
            period="2026-05",
            revision=1,
            value="148700/1487",
            part=1,
            whole=1,
            target="98",
            verdict="met",
            coverage=None,
        )
    )
    return series.id
