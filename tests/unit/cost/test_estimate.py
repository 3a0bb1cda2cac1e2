"""What recorded stacks cost: golden tables, coverage, and the arithmetic."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from dure import toolkit_path
from dure.cost import Estimate, Rates, estimate
from dure.cost.free import free_types
from dure.cost.money import shown_krw, shown_usd, signed
from dure.cost.price import Item, Price, PriceList, price_list
from dure.cost.price_file import package_prices
from dure.cost.table import as_json, table
from dure.cost.types import PRICED
from dure.cost.usage import ASSUMED, PREFIX
from dure.model.blueprints import load_blueprint
from dure.model.msp import LandingZone
from dure.plan.subject import Resource, Subject
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from tests.golden import expected
from tests.subjects import NAMES, subject

DATA = Path(__file__).parent / "data"
TODAY = date(2026, 11, 24)
RATES = Rates(Decimal("1385.5"), date(2026, 11, 20), Decimal("0.10"))
REGIONS = ("us-east-1", "ap-northeast-2")


@pytest.fixture(scope="module")
def prices() -> PriceList:
    return price_list(package_prices())


def in_region(name: str, region: str) -> Subject:
    return subject(name).model_copy(update={"region": region})


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("name", NAMES)
def test_a_stack_costs_what_was_looked_at(name: str, region: str, prices: PriceList) -> None:
    found = estimate([in_region(name, region)], prices, RATES, TODAY)
    got = "\n".join(table(found)) + "\n"
    assert got == expected(DATA / f"{name}.{region}.txt", got)


@pytest.mark.parametrize("name", NAMES)
def test_nearly_every_resource_of_every_program_has_a_price_in_us_east_1(name: str, prices: PriceList) -> None:
    (stack,) = estimate([in_region(name, "us-east-1")], prices, None, TODAY).stacks
    assert stack.coverage >= Decimal("0.95"), stack.unknown


@pytest.mark.parametrize("name", NAMES)
def test_what_has_no_price_is_listed_and_never_free(name: str, prices: PriceList) -> None:
    (stack,) = estimate([in_region(name, "eu-north-1")], prices, None, TODAY).stacks
    for one in stack.resources:
        assert (one.status == "unpriced") == bool(one.unknown)
        missing = [line for line in one.lines if line.usd is None]
        assert len([why for why in one.unknown if why.startswith("no price of")]) == len(missing)


def test_every_program_was_recorded() -> None:
    assert {subject(name).program for name in NAMES} >= {"landing_zone", "hybrid_site", "saas_tenant", "paas_sandbox"}


def test_no_type_is_both_priced_and_free() -> None:
    assert not set(PRICED) & set(free_types())
    assert all(one.reason and one.source for one in free_types().values())


def test_every_price_of_the_package_has_a_source_and_a_date_or_is_unknown() -> None:
    rows = package_prices()
    assert {row.region for row in rows} == {*REGIONS, "global"}
    assert all((row.usd is None) == (not row.source) == (row.date is None) for row in rows)
    seoul, virginia = ({row.item for row in rows if row.region == region} for region in reversed(REGIONS))
    assert seoul == virginia, "a price that one region has the other names too, if only as unknown"


def volume(op: str, size: int, was: int) -> Subject:
    """A volume of `size` GB that had `was` before."""
    inputs, before = {"type": "gp3", "size": size}, {"type": "gp3", "size": was}
    resource = Resource.model_validate(
        {
            "urn": "urn:v",
            "type": "aws:ebs/volume:Volume",
            "name": "v",
            "op": op,
            "inputs": {} if op == "delete" else inputs,
            "before": before if op in ("update", "replace", "delete") else None,
        }
    )
    return Subject(stack="s", site="c/s", program="p", region="us-east-1", resources=(resource,))


@given(st.sampled_from(["same", "create", "update", "replace", "delete"]), st.integers(0, 10**6), st.integers(0, 10**6))
def test_after_is_before_and_the_difference_exactly(op: str, size: int, was: int) -> None:
    each = Price("us-east-1", Item("AmazonEC2", "volume-gb:gp3"), "GB-month", Decimal("0.08"), "s", TODAY)
    found = estimate([volume(op, size, was)], price_list([each]), RATES, TODAY)
    before = {"create": 0, "same": size}.get(op, was)
    after = 0 if op == "delete" else size
    assert (found.before, found.after) == (before * Decimal("0.08"), after * Decimal("0.08"))
    assert found.before + found.difference == found.after


@given(st.decimals(0, 10**9, places=6), st.decimals(1, 10**5, places=2), st.decimals(0, Decimal("0.9"), places=3))
def test_won_come_of_dollars_exactly_and_vat_on_top(usd: Decimal, rate: Decimal, vat: Decimal) -> None:
    rates = Rates(rate, TODAY, vat)
    assert rates.krw_with_vat(usd) - rates.krw(usd) == rates.krw(usd) * vat
    assert abs(Decimal(shown_krw(rates.krw(usd)).replace(",", "")) - rates.krw(usd)) <= Decimal("0.5")


def test_amounts_are_shown_with_thousands_and_rounded_half_up() -> None:
    assert shown_usd(Decimal("1234567.005")) == "1,234,567.01"
    assert shown_krw(Decimal("1234567.5")) == "1,234,568"
    assert (signed("0.00"), signed("-0.00"), signed("1.20"), signed("-1.20")) == ("0.00", "0.00", "+1.20", "-1.20")


def test_a_resource_that_changes_shows_what_it_costs_now_and_the_difference() -> None:
    found = estimate([volume("update", 300, 100)], price_list(package_prices()), None, TODAY)
    assert any("24.00  ~ ebs Volume (before 8.00, difference +16.00)" in line for line in table(found))
    assert "total: before 8.00  after 24.00  difference +16.00 USD/month" in table(found)
    gone = table(estimate([volume("delete", 0, 100)], price_list(package_prices()), None, TODAY))
    assert any("8.00  - ebs Volume" in line for line in gone)
    assert "total: before 8.00  after 0.00  difference -8.00 USD/month" in gone


def seoul(*rates: Rates) -> Estimate:
    return estimate([subject("hybrid-site")], price_list(package_prices()), rates[0] if rates else None, TODAY)


def test_the_table_speaks_korean() -> None:
    lines = table(seoul(RATES), "ko")
    assert any("KRW(부가세 10% 포함)" in line for line in lines)
    assert any(line.startswith("합계: 변경 전 0.00  변경 후") for line in lines)


def test_an_old_rate_and_a_missing_one_are_told() -> None:
    old = Rates(Decimal(1300), date(2026, 1, 2), Decimal("0.1"))
    assert any("older than a month" in line for line in table(seoul(old)))
    assert any("no amounts in KRW" in line for line in table(seoul()))
    assert as_json(seoul())["month_krw"] is None


def test_json_holds_amounts_as_decimal_text() -> None:
    told = as_json(seoul(RATES))
    assert told["month_usd"] == {"before": "0", "after": "2.545", "difference": "2.545"}
    assert told["month_krw_with_vat"] == {"before": "0", "after": "3879", "difference": "3879"}


def test_what_a_blueprint_expects_takes_the_place_of_what_is_assumed() -> None:
    expecting = subject("hybrid-site").model_copy(update={"parameters": {"expected_backup_gb": 400}})
    (stack,) = estimate([expecting], price_list(package_prices()), RATES, TODAY).stacks
    line = next(line for one in stack.resources for line in one.lines if line.item == "storage-gb")
    assert (line.quantity, line.usd) == (Decimal(400), Decimal("10.000"))
    assert "expected_backup_gb" in line.assumption


def test_what_a_site_expects_takes_the_place_of_what_is_assumed(prices: PriceList) -> None:
    told: dict[str, JsonValue] = {"expected_hours": 365, "expected_storage_gb": 40}
    assumed, expects = (
        {one.name: one for one in estimate([given], prices, None, TODAY).stacks[0].resources}
        for given in (subject("bridge"), subject("bridge").model_copy(update={"parameters": told}))
    )
    service, data = "own-service-shared", "own-data"
    assert expects[service].after * 2 == assumed[service].after
    assert "365 hours of each container (expected_hours)" in expects[service].lines[0].assumption
    assert expects[data].lines[0].quantity == 40
    assert expects["own-database"].after == assumed["own-database"].after, "a database runs all the time"


@pytest.mark.parametrize("blueprint", ["saas-tenant", "paas-sandbox", "landing-zone"])
def test_every_expectation_of_a_blueprint_is_one_that_a_price_reads_and_begins_with_what_is_assumed(
    blueprint: str,
) -> None:
    zone = LandingZone(domain="apps.hanbit-it.example", repository="hanbit-it/workspace")
    parameters = load_blueprint(toolkit_path(), blueprint).parameters
    told = {name: schema["default"] for name, schema in parameters.items() if name.startswith(PREFIX)}
    found = told or zone.expected()
    assert found == {f"{PREFIX}{name}": ASSUMED[name][0] for name in (key.removeprefix(PREFIX) for key in found)}
    assert len(found) >= 4
