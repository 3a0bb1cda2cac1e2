"""operator policy and operator cost as a user meets them, on recorded stacks."""

import json
from pathlib import Path

import pytest

from tests.contract.bad_workspace import GOOD, build
from tests.contract.command import Outcome, operator
from tests.subjects import HERE, subject

RATE = "\ncost: { usd_krw: 1385.5, rate_date: 2026-11-20 }\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The good workspace with a rate for won."""
    made = build({}, tmp_path)
    file = made / "operator.yaml"
    file.write_text(file.read_text(encoding="utf-8") + RATE, encoding="utf-8")
    return made


@pytest.fixture
def abroad(tmp_path: Path) -> Path:
    """A stack of alpha's whose vault lies abroad: refused."""
    stack = subject("hybrid-site").model_copy(
        update={"region": "us-east-1", "site": "alpha/main", "place": "customers/alpha.yaml:12"}
    )
    file = tmp_path / "abroad.json"
    file.write_text(json.dumps([stack.model_dump(mode="json")]), encoding="utf-8")
    return file


def check(root: Path, subjects: Path, *more: str) -> Outcome:
    return operator("policy", "check", "--subjects", subjects, "-w", root, *more)


def waive(root: Path, **changes: str) -> None:
    given = {
        "rule": "personal-data-region",
        "site": "alpha/main",
        "reason": "Their parent company keeps all data there",
        "approver": "kim-minsu",
        "expires": "2999-12-31",
        **changes,
    }
    lines = "".join(f"    {key}: {value}\n" for key, value in given.items())
    (root / "waivers.yaml").write_text(f"waivers:\n  -\n{lines}", encoding="utf-8")


def refusals(outcome: Outcome) -> list[str]:
    return [line for line in outcome.stdout.splitlines() if "(mandatory)" in line and "[waived" not in line]


def test_the_rules_are_listed_with_severity_reason_and_mending() -> None:
    outcome = operator("policy", "list")
    assert outcome.code == 0
    assert "no-public-bucket (mandatory): No bucket is open to the public" in outcome.stdout
    assert outcome.stdout.count("  because ") == outcome.stdout.count("  to mend: ") == 17
    assert {one["id"] for one in json.loads(operator("policy", "list", "--json").stdout)} >= {"budget", "imds-v2"}


def test_a_sound_stack_passes(root: Path) -> None:
    outcome = check(root, HERE / "hybrid-site.json")
    assert (outcome.code, outcome.stdout) == (0, "1 stack, no findings\n")


def test_a_refused_stack_ends_with_4_and_names_rule_resource_line_and_mend(root: Path, abroad: Path) -> None:
    outcome = check(root, abroad)
    assert outcome.code == 4
    (line,) = [one for one in refusals(outcome) if "personal-data-region" in one]
    assert line == (
        "customers/alpha.yaml:12: personal-data-region (mandatory): vault of alpha/main: it lies in us-east-1, because "
        "personal data of Korean customers stays in Korea unless the customer agreed otherwise (PIPA, article 28-8). "
        "To mend: lay the stack in ap-northeast-2, or tag what holds no personal data with dure:data=general"
    )
    told = json.loads(check(root, abroad, "--json").stdout)
    assert told["refused"] is True
    assert "personal-data-region" in {one["rule"] for one in told["findings"] if one["refuses"]}


def test_a_waiver_in_the_workspace_counts_until_it_expires(root: Path, abroad: Path) -> None:
    waive(root)
    assert "[waived by waivers.yaml:3]" in check(root, abroad).stdout
    assert not [one for one in refusals(check(root, abroad)) if "personal-data-region" in one]
    waive(root, expires="2026-01-31")
    outcome = check(root, abroad)
    assert outcome.code == 4
    assert "[waiver waivers.yaml:3 expired on 2026-01-31]" in outcome.stdout
    assert "expired on 2026-01-31 (approved by kim-minsu): remove it, or have it approved anew" in outcome.stderr


def test_a_wrong_waiver_stops_the_check(root: Path, abroad: Path) -> None:
    waive(root, approver="nobody-known")
    outcome = check(root, abroad)
    assert outcome.code == 2
    assert 'waivers.yaml:6:15: unknown approver "nobody-known"' in outcome.stderr


def test_a_budget_that_is_exceeded_refuses_at_its_own_line(root: Path, tmp_path: Path) -> None:
    file = root / "customers" / "alpha.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("people: 3", "people: 3\nbudget_krw_month: 3000"), "utf-8")
    stack = subject("hybrid-site").model_copy(update={"site": "alpha/main"})
    planned = tmp_path / "planned.json"
    planned.write_text(stack.model_dump_json(), encoding="utf-8")
    outcome = check(root, planned)
    assert outcome.code == 4
    assert (
        "customers/alpha.yaml:4: budget (mandatory): alpha: 3,879 KRW a month, 879 more than its budget"
        in outcome.stdout
    )


def test_cost_shows_amounts_assumptions_and_won(root: Path) -> None:
    outcome = operator("cost", "--subjects", HERE / "hybrid-site.json", "-w", root)
    assert outcome.code == 0
    assert (
        "storage-gb: 100 × 0.025 USD/GB-month (100 GB in the backup vault, versions included (assumed))"
        in outcome.stdout
    )
    assert "KRW with VAT 10 %: before 0  after 3,879  difference +3,879" in outcome.stdout
    korean = operator("cost", "--subjects", HERE / "hybrid-site.json", "-w", root, "--language", "ko")
    assert "합계: 변경 전 0.00  변경 후 2.55  차이 +2.55 USD/월" in korean.stdout
    told = json.loads(operator("cost", "--subjects", HERE / "hybrid-site.json", "-w", root, "--json").stdout)
    assert told["month_krw"]["after"] == "3526"


def test_cost_says_when_there_is_no_rate_for_won() -> None:
    outcome = operator("cost", "--subjects", HERE / "hybrid-site.json", "-w", GOOD)
    assert "no amounts in KRW: operator.yaml has no `cost:`" in outcome.stdout


@pytest.mark.parametrize("arguments", [(), ("--all", "--customer", "alpha"), ("--all", "--import", "x")])
def test_cost_wants_to_know_whose(arguments: tuple[str, ...], root: Path) -> None:
    assert operator("cost", *arguments, "-w", root).code == 2


def test_an_unknown_selector_and_a_file_that_holds_no_stacks_are_told(root: Path, tmp_path: Path) -> None:
    (tmp_path / "none.json").write_text('{"a": 1}')
    assert 'no customer "nobody"' in operator("policy", "check", "nobody", "-w", root).stderr
    assert "holds no planned stacks" in check(root, tmp_path / "none.json").stderr
    assert "cannot be read" in check(root, tmp_path / "missing.json").stderr


def test_an_imported_price_is_used_and_a_broken_file_is_found_by_validate(root: Path, tmp_path: Path) -> None:
    rows = [
        ["FormatVersion", "v1.0"],
        ["Disclaimer", ""],
        ["Publication Date", "2026-11-21T00:00:00Z"],
        ["Version", "20261121"],
        ["OfferCode", "AmazonS3"],
        ["SKU", "TermType", "StartingRange", "Unit", "PricePerUnit", "Currency", "usageType", "RegionCode"],
        ["A", "OnDemand", "0", "GB-Mo", "0.0300000000", "USD", "APN2-TimedStorage-ByteHrs", "ap-northeast-2"],
    ]
    offer = tmp_path / "index.csv"
    offer.write_text("".join(",".join(f'"{one}"' for one in row) + "\n" for row in rows), encoding="utf-8")
    outcome = operator("cost", "--import", offer, "-w", root)
    assert (outcome.code, outcome.stdout) == (0, "prices/ap-northeast-2.AmazonS3.2026-11-21.csv written\n1 prices\n")
    assert "was the same already" in operator("cost", "--import", offer, "-w", root).stdout
    shown = operator("cost", "--subjects", HERE / "hybrid-site.json", "-w", root).stdout
    assert "storage-gb: 100 × 0.03 USD/GB-Mo " in shown
    assert operator("validate", root).code == 0
    file = root / "prices" / "ap-northeast-2.AmazonS3.2026-11-21.csv"
    file.write_text(file.read_text(encoding="utf-8").replace(",0.0300000000,", ",dear,"), encoding="utf-8")
    outcome = operator("validate", root)
    assert outcome.code == 2
    assert outcome.stdout.startswith('prices/ap-northeast-2.AmazonS3.2026-11-21.csv:2:1: usd is "dear"')


def test_a_broken_list_is_refused_by_line(root: Path, tmp_path: Path) -> None:
    offer = tmp_path / "index.json"
    offer.write_text('{\n"offerCode": "AmazonS3",\n"publicationDate": "2026', encoding="utf-8")
    outcome = operator("cost", "--import", offer, "-w", root)
    assert outcome.code == 2
    assert "index.json:3:1: the file is not JSON" in outcome.stderr
    assert "Traceback" not in outcome.stderr
