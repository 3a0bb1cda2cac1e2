"""The fleet's report: sums of seconds, who needs attention, and what is credited."""

from dataclasses import replace
from fractions import Fraction

from dure.report.fleet import FleetReport, fleet_csv, fleet_report
from dure.report.fleet_page import fleet_html
from dure.report.parts import Figure

from tests.unit.report.months import MSP, history
from tests.unit.report.outline import outline


def fleet() -> FleetReport:
    return fleet_report([history("gaon-machinery")[-1], history("naru-logistics")[-2]], MSP)


def test_the_fleet_is_a_sum_of_seconds() -> None:
    months = [history("gaon-machinery")[-1], history("naru-logistics")[-2]]
    services = [one for month in months for one in month.services]
    bad = sum((one.figures.bad for one in services), Fraction(0))
    found = fleet_report(months, MSP)
    assert found.now.availability == Figure.of(1 - bad / sum(one.figures.known for one in services))
    assert (found.now.customers, found.now.services, found.now.judged, found.now.met) == (2, 8, 8, 7)
    assert found.now.met_share == Figure.of(Fraction(7, 8))
    assert found.before is not None


def test_its_downtime_is_what_the_customers_reports_count() -> None:
    month = history("gaon-machinery")[-1]
    degraded = [
        replace(one, figures=replace(one.figures, bad=one.figures.bad + Fraction(1201, 2))) for one in month.services
    ]
    found = fleet_report([replace(month, services=tuple(degraded))], MSP)
    bad = {one.service: one.figures.bad for one in degraded}
    assert found.now.down == int(sum(bad.values()))
    assert all(one.down == int(bad[one.service]) for one in found.worst)


def test_last_month_has_its_share_and_its_credits_too() -> None:
    month = history("gaon-machinery")[-1]
    assert month.previous is not None
    owed = replace(month.previous, invoice=replace(month.previous.invoice, credits=17_000))
    found = fleet_report([replace(month, previous=owed)], MSP)
    assert found.before is not None
    assert (found.before.credits, found.now.credits) == (17_000, 28_000)
    assert found.before.met_share is not None
    assert "17,000원" in fleet_html(found, "ko", "#0b5c8a")


def test_the_worst_and_the_burners_come_first() -> None:
    found = fleet()
    exact = [Fraction(one.availability.exact) for one in found.worst if one.availability]
    assert exact == sorted(exact)
    assert (found.worst[0].customer, found.worst[0].service) == ("gaon-machinery", "groupware")
    assert found.burners[0].service == "groupware"
    spent = [Fraction(one.spent.exact) for one in found.burners if one.spent]
    assert spent == sorted(spent, reverse=True)
    assert spent[0] > 1
    assert [one.service for one in found.breached] == ["groupware"]
    assert [(one.customer, one.credit) for one in found.credits] == [("gaon-machinery", 28_000)]


def test_its_page_stands_alone_and_its_table_has_the_lists() -> None:
    page = fleet_html(fleet(), "ko", "#0b5c8a")
    found = outline(page)
    assert all(one.attributes.get("href", "#").startswith("#") for one in found.elements)
    assert "고객사 2곳의 서비스 8개 가운데 판정한 8개 중 7개가 약속한 수준을 지켰습니다." in page
    assert fleet_csv(fleet(), "en").splitlines()[1].split(",")[2] == "groupware"
    assert "KRW" in fleet_html(fleet(), "en", "#0b5c8a")
