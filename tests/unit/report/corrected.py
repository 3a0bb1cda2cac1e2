"""The example report in a second revision."""

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction

from dure.model.words import WordPair
from dure.report.build import report_of
from dure.report.corrections import Correction
from dure.report.data import Report
from dure.sla.ratio import ratio
from dure.sla.verdict import Verdict
from dure.store.promise.months import Revision

from tests.unit.report.months import source


def corrected_october() -> Report:
    """The same in its second revision: half an hour more was down than the first one knew, in the service that is
    hardest hit, and the indicator of coverage said less."""
    whole = source()
    last = whole.month
    hit = max(last.services, key=lambda one: one.seconds.down)
    seconds = replace(hit.seconds, down=hit.seconds.down - 1800, unknown=hit.seconds.unknown + 1800)
    credit = replace(hit.credit, share=hit.credit.share / 2, amount=hit.credit.amount // 2)
    figures = ratio(seconds, Fraction(hit.detail.degraded_weight))
    first = replace(hit, seconds=seconds, figures=figures, verdict=Verdict.INDETERMINATE, credit=credit)
    facts = tuple(
        replace(one, value=one.value - 1) if one.indicator.key == "coverage" and one.value is not None else one
        for one in last.indicators
    )
    before = replace(last, services=(first,), indicators=facts)
    why = "수집기가 멈춘 동안 모아 둔 기록이 마감한 뒤에 도착했습니다"
    at = datetime(2026, 11, 9, 2, 30, tzinfo=UTC)
    revision = Revision(2, why, ("kim-minsu", "lee-jiwon"), at)
    services = tuple(replace(one, revision=2 if one is hit else 1) for one in last.services)
    after = replace(last, services=services, revision=2)
    named = {"kim-minsu": WordPair(ko="김민수", en="Minsu Kim"), "lee-jiwon": WordPair(ko="이지원")}
    corrections = (Correction(revision, before, last),)
    return report_of(replace(whole, month=after, corrections=corrections, newest=2, engineers=named))
