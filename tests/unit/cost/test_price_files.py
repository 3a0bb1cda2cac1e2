"""Price files and AWS's exported lists: what is read, what is refused by line, what takes precedence."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from dure.cost.importing import import_offer
from dure.cost.json_stream import JsonReader, NotJson
from dure.cost.price import COLUMNS, Item
from dure.cost.price_file import load_prices, parse_prices, render_prices
from dure.model.problem import WorkspaceInvalid
from hypothesis import given
from hypothesis import strategies as st

HEAD = ",".join(COLUMNS)
NAT = Item("AmazonEC2", "nat-gateway-hour")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("ap-northeast-2,S,i,hour,0.1,somewhere", "the line has 6 values"),
        ("ap-northeast-2,S,,hour,0.1,somewhere,2026-11-24", "item is empty"),
        ("ap-northeast-2,S,i,hour,free,somewhere,2026-11-24", 'usd is "free"'),
        ("ap-northeast-2,S,i,hour,-1,somewhere,2026-11-24", 'usd is "-1"'),
        ("ap-northeast-2,S,i,hour,1e3,somewhere,2026-11-24", 'usd is "1e3"'),
        ("ap-northeast-2,S,i,hour,0.1,,2026-11-24", "source is empty"),
        ("ap-northeast-2,S,i,hour,0.1,somewhere,24.11.2026", 'date is "24.11.2026"'),
        ('ap-northeast-2,S,i,hour,0.1,"somewhere,2026-11-24', "the line is not CSV"),
    ],
)
def test_a_wrong_line_is_told_by_its_number(line: str, said: str) -> None:
    rows, problems = parse_prices("prices/x.csv", f"{HEAD}\na,S,i,hour,1,s,2026-11-24\n{line}\n".encode())
    assert (len(rows), [(one.line, one.file) for one in problems]) == (1, [(3, "prices/x.csv")])
    assert said in problems[0].text()


def test_another_head_is_no_price_list() -> None:
    _, problems = parse_prices("prices/x.csv", b"a,b\n1,2\n")
    assert "the first line is region,service" in problems[0].text()


def test_a_price_file_that_is_written_reads_back_the_same() -> None:
    rows, _ = parse_prices("x", f"{HEAD}\na,S,b,hour,1.50,s,2026-11-24\na,S,a,hour,unknown,,\n".encode())
    assert sorted(map(repr, parse_prices("x", render_prices(rows))[0])) == sorted(map(repr, rows))


def offer(*products: dict[str, Any], published: str = "2026-11-20T00:00:00Z") -> dict[str, Any]:
    """A list of AmazonEC2 as AWS has it; each product has usage, usd or tiers, region and attributes."""
    listed, terms = {}, {}
    for number, one in enumerate(products):
        sku = f"SKU{number}"
        attributes = {"usagetype": one["usage"], "regionCode": one.get("region", "ap-northeast-2")}
        listed[sku] = {"sku": sku, "productFamily": "x", "attributes": {**attributes, **one.get("attributes", {})}}
        tiers = one.get("tiers", [("0", one.get("usd", "1"))])
        dimensions = {
            f"{sku}.{begin}": {"unit": "Hrs", "beginRange": begin, "endRange": "Inf", "pricePerUnit": {"USD": usd}}
            for begin, usd in tiers
        }
        terms[sku] = {f"{sku}.T": {"priceDimensions": dimensions}}
    reserved = {"SKU0": {"SKU0.R": {"priceDimensions": {"r": {"pricePerUnit": {"USD": "0.0001"}, "unit": "Hrs"}}}}}
    return {
        "formatVersion": "v1.0",
        "offerCode": "AmazonEC2",
        "version": "20261120",
        "publicationDate": published,
        "products": listed,
        "terms": {"Reserved": reserved, "OnDemand": terms},
    }


def written(place: Path, content: dict[str, Any] | str, name: str = "offer.json") -> Path:
    file = place / name
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return file


GATEWAY = {"usage": "APN2-NatGateway-Hours", "usd": "0.0610000000"}
LINUX = {"operatingSystem": "Linux", "tenancy": "Shared", "preInstalledSw": "NA", "operation": "RunInstances"}


def test_an_exported_list_becomes_a_dated_file_that_takes_precedence(tmp_path: Path) -> None:
    file = written(tmp_path, offer(GATEWAY, {"usage": "APN2-BoxUsage:t4g.nano", "usd": "0.0052", "attributes": LINUX}))
    before = load_prices(tmp_path)
    done = import_offer(tmp_path, file)
    assert (done.written, done.prices) == (("prices/ap-northeast-2.AmazonEC2.2026-11-20.csv",), 2)
    found = load_prices(tmp_path).of("ap-northeast-2", NAT)
    assert found is not None
    assert (found.usd, found.date, found.source) == (
        Decimal("0.061"),
        date(2026, 11, 20),
        "AWS Price List AmazonEC2, version 20261120",
    )
    known = before.of("ap-northeast-2", NAT)
    assert known is not None
    assert known.usd == Decimal("0.059"), "the package's own price stands where nothing was imported"
    nano = load_prices(tmp_path).of("ap-northeast-2", Item("AmazonEC2", "instance-hour:t4g.nano"))
    assert nano is not None
    assert nano.usd == Decimal("0.0052"), "what was unknown is known now"


def test_the_same_list_again_changes_nothing_and_a_newer_one_counts(tmp_path: Path) -> None:
    file = written(tmp_path, offer(GATEWAY))
    import_offer(tmp_path, file)
    again = import_offer(tmp_path, file)
    assert (again.written, again.same) == ((), ("prices/ap-northeast-2.AmazonEC2.2026-11-20.csv",))
    newer = offer({**GATEWAY, "usd": "0.07"}, published="2026-12-01T00:00:00Z")
    import_offer(tmp_path, written(tmp_path, newer))
    found = load_prices(tmp_path).of("ap-northeast-2", NAT)
    assert found is not None
    assert found.usd == Decimal("0.07")


def test_any_region_can_be_imported(tmp_path: Path) -> None:
    file = written(tmp_path, offer({"usage": "EUN1-NatGateway-Hours", "region": "eu-north-1", "usd": "0.046"}))
    assert import_offer(tmp_path, file).written == ("prices/eu-north-1.AmazonEC2.2026-11-20.csv",)
    assert "eu-north-1" in load_prices(tmp_path).regions()


def test_reserved_prices_other_systems_and_outposts_are_left_aside(tmp_path: Path) -> None:
    windows = {"usage": "APN2-BoxUsage:t3.micro", "usd": "0.9", "attributes": {**LINUX, "operatingSystem": "Windows"}}
    outpost = {"usage": "APN2-NatGateway-Hours", "usd": "9", "region": "../../etc"}
    assert import_offer(tmp_path, written(tmp_path, offer(GATEWAY, windows, outpost))).prices == 1


def test_the_first_tier_that_is_not_free_counts(tmp_path: Path) -> None:
    tiers = [("0", "0.0000000000"), ("10", "0.5"), ("100", "0.4")]
    import_offer(tmp_path, written(tmp_path, offer({"usage": "APN2-NatGateway-Hours", "tiers": tiers})))
    found = load_prices(tmp_path).of("ap-northeast-2", NAT)
    assert found is not None
    assert found.usd == Decimal("0.5")


def test_two_prices_for_one_thing_are_told_and_none_is_taken(tmp_path: Path) -> None:
    micro = {"usage": "APN2-BoxUsage:t3.micro", "usd": "0.0131", "attributes": LINUX}
    done = import_offer(tmp_path, written(tmp_path, offer(micro, GATEWAY, {**GATEWAY, "usd": "0.062"})))
    assert (done.prices, done.doubtful) == (1, ("ap-northeast-2 nat-gateway-hour",))


COLUMNS_OF_AWS = [
    "SKU",
    "OfferTermCode",
    "TermType",
    "StartingRange",
    "EndingRange",
    "Unit",
    "PricePerUnit",
    "Currency",
    "ProductFamily",
    "usageType",
    "RegionCode",
]
HEAD_OF_AWS = [
    ["FormatVersion", "v1.0"],
    ["Disclaimer", "for information, not an offer"],
    ["Publication Date", "2026-11-20T00:00:00Z"],
    ["Version", "20261120"],
    ["OfferCode", "AmazonEC2"],
    COLUMNS_OF_AWS,
]


def csv_offer(*rows: list[str]) -> str:
    return "".join(",".join(f'"{one}"' for one in row) + "\n" for row in (*HEAD_OF_AWS, *rows))


def csv_row(usd: str, term: str = "OnDemand") -> list[str]:
    return ["A", "T", term, "0", "Inf", "Hrs", usd, "USD", "NAT", "APN2-NatGateway-Hours", "ap-northeast-2"]


def test_the_csv_form_gives_the_same(tmp_path: Path) -> None:
    content = csv_offer(csv_row("0.0610000000"), csv_row("0.01", "Reserved"))
    import_offer(tmp_path, written(tmp_path, content, "offer.csv"))
    found = load_prices(tmp_path).of("ap-northeast-2", NAT)
    assert found is not None
    assert found.usd == Decimal("0.061")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (
            "cut.json",
            '{"offerCode": "AmazonEC2", "publicationDate": "2026-11-20", "products": {\n"A": {"x"',
            "cut.json:2:1",
        ),
        ("other.json", '{"a": 1}', "no publication date"),
        ("none.json", json.dumps(offer({"usage": "APN2-Nothing"})), "no price for us"),
        ("price.json", json.dumps(offer({**GATEWAY, "usd": "cheap"})), 'the price is "cheap"'),
        ("short.csv", csv_offer(["A", "T"]), "short.csv:7:1: the line has 2 values, not 11"),
        ("other.csv", "a,b\n1,2\n", "no publication date"),
        ("price.csv", csv_offer(csv_row("x")), "price.csv:7"),
    ],
)
def test_a_broken_list_is_refused_by_line_and_nothing_is_written(
    name: str, content: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(WorkspaceInvalid) as refused:
        import_offer(tmp_path, written(tmp_path, content, name))
    assert said in refused.value.line()
    assert not (tmp_path / "prices").exists()


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=6), values, max_size=4), st.integers(1, 7), st.sampled_from([None, 2]))
def test_members_are_those_that_the_whole_would_give(inner: dict[str, Any], chunk: int, indent: int | None) -> None:
    """However the text falls into chunks."""
    text = json.dumps({"skip": [inner, "}"], "a": {"b": inner, "z": 1}, "after": inner}, indent=indent)

    class Slow:
        def __init__(self) -> None:
            self.at = 0

        def read(self, _: int) -> str:
            self.at += chunk
            return text[self.at - chunk : self.at]

    found = {key: value for key, value, _ in JsonReader(Slow()).members("a", "b")}  # type: ignore[arg-type]
    assert found == inner


def test_a_member_s_line_is_where_it_begins(tmp_path: Path) -> None:
    file = written(tmp_path, '{\n "a": {\n  "x": 1,\n  "y": 2\n }\n}\n')
    with file.open() as stream:
        assert [(key, line) for key, _, line in JsonReader(stream).members("a")] == [("x", 3), ("y", 4)]


def test_what_is_cut_off_is_no_json(tmp_path: Path) -> None:
    file = written(tmp_path, '{\n "a": {\n  "x": 1,')
    with file.open() as stream, pytest.raises(NotJson, match="line 3"):
        list(JsonReader(stream).members("a"))
