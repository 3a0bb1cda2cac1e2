"""Every rule on recorded stacks: golden findings of each program, and data/rule-cases.yaml (a case needs no Python)."""

import copy
import re
from datetime import date
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from dure.cost import Spending
from dure.model.waivers import PlacedWaiver, RuleId, Waiver
from dure.plan.subject import Subject
from dure.policy import RULES, evaluate
from dure.policy.evaluation import expired
from dure.policy.rules.tagging import taggable

from tests.golden import expected
from tests.subjects import NAMES, subject

DATA = Path(__file__).parent / "data"
CASES: list[dict[str, Any]] = yaml.safe_load((DATA / "rule-cases.yaml").read_text(encoding="utf-8"))
TODAY = date(2026, 11, 24)


def changed(case: dict[str, Any]) -> Subject:
    """The recorded stack with the case's edits."""
    whole = subject(case["subject"])
    plain = whole.model_dump(mode="json")
    resources: list[dict[str, Any]] = plain["resources"]

    def of(name: str, kind: str = "aws:") -> dict[str, Any]:
        return next(one for one in resources if one["name"] == name and one["type"].startswith(kind))

    for edit in case.get("set", []):
        *way, last = edit["path"].split(".")
        place = of(edit["of"], edit.get("type", "aws:"))["inputs"]
        for step in way:
            place = place.setdefault(step, {})
        place[last] = edit["to"]
    for edit in case.get("unset", []):
        *way, last = edit["path"].split(".")
        place = of(edit["of"])["inputs"]
        for step in way:
            place = place[step]
        del place[last]
    for edit in case.get("add", []):
        like = of(edit["like"])["inputs"] if "like" in edit else {"tags": of(edit["below"])["inputs"].get("tags", {})}
        inputs = {**copy.deepcopy(like), **edit["inputs"]}
        parent = of(edit["below"])["parent"]
        added = {"urn": f"urn:{edit['name']}", "type": edit["type"], "name": edit["name"], "op": "create"}
        resources.append({**added, "inputs": inputs, "parent": parent})
    for name, to in case.get("protect", {}).items():
        of(name)["protect"] = to
    plain["resources"] = [one for one in resources if one["name"] not in case.get("drop", [])]
    plain |= {key: case[key] for key in ("tier", "region", "program") if key in case}
    return Subject.model_validate(plain)


def findings(stack: Subject) -> list[str]:
    return [f"{one.rule} {one.resource}: {one.what}" for one in evaluate([stack], (), TODAY)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_change_is_judged_as_the_case_says(case: dict[str, Any]) -> None:
    before = findings(subject(case["subject"]))
    assert sorted(one for one in findings(changed(case)) if one not in before) == sorted(case["new"])


@pytest.mark.parametrize("name", NAMES)
def test_a_program_gives_the_findings_that_were_looked_at(name: str) -> None:
    got = "".join(f"{one.line()}\n" for one in evaluate([subject(name)], (), TODAY))
    assert got == expected(DATA / "findings" / f"{name}.txt", got)


@pytest.mark.parametrize("name", NAMES)
def test_no_program_is_refused(name: str) -> None:
    assert [one.line() for one in evaluate([subject(name)], (), TODAY) if one.refuses] == []


def test_every_rule_has_a_case_and_an_id_of_the_model() -> None:
    assert tuple(one.id for one in RULES) == get_args(RuleId)
    shown = {line.partition(" ")[0] for case in CASES for line in case["new"]}
    assert {one.id for one in RULES} - shown == {"budget"}, "of which there are tests below"
    assert all(one.demand and one.reason and one.mend for one in RULES)


def takes_tags(kind: str) -> bool:
    """By the provider's own source: importing all of it would take half a minute."""
    module, _, title = kind.removeprefix("aws:").partition("/")
    member, _, made = title.partition(":")
    name = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", member).lower()
    spec = find_spec("pulumi_aws")
    place = (spec.submodule_search_locations or [""])[0] if spec else ""
    text = Path(place, module, f"{name}.py").read_text(encoding="utf-8")
    return "def tags(self)" in text.partition(f"class {made}(pulumi.CustomResource)")[2]


def test_types_that_take_tags_are_those_of_the_provider() -> None:
    """Of all types that the programs use."""
    used = {one.type for name in NAMES for one in subject(name).planned()}
    assert {kind for kind in used if takes_tags(kind)} == used & taggable()


def placed(line: int = 2, **changes: str) -> PlacedWaiver:
    given = {
        "rule": "imds-v2",
        "site": "landing-zone",
        "reason": "An old appliance cannot do otherwise",
        "approver": "kim-minsu",
        "expires": "2026-12-31",
    }
    return PlacedWaiver(Waiver.model_validate({**given, **changes}), f"waivers.yaml:{line}")


OPEN = changed(
    {"subject": "landing-zone", "set": [{"of": "hub", "path": "metadataOptions.httpTokens", "to": "optional"}]}
)


def judged(*waivers: PlacedWaiver, today: date = TODAY) -> list[tuple[bool, str, str]]:
    found = [one for one in evaluate([OPEN], waivers, today) if one.rule == "imds-v2"]
    return [(one.refuses, one.waiver, one.expired) for one in found]


def test_a_waiver_lets_a_rule_not_hold_and_is_named() -> None:
    assert judged() == [(True, "", "")]
    assert judged(placed()) == [(False, "waivers.yaml:2", "")]
    assert judged(placed(resource="hub")) == [(False, "waivers.yaml:2", "")]
    (found,) = [one for one in evaluate([OPEN], [], TODAY) if one.rule == "imds-v2"]
    assert judged(placed(resource=found.urn, site="")) == [(False, "waivers.yaml:2", "")]


@pytest.mark.parametrize("changes", [{"rule": "closed-ingress"}, {"site": "a/b"}, {"resource": "other"}])
def test_a_waiver_of_something_else_does_not_count(changes: dict[str, str]) -> None:
    assert judged(placed(**changes)) == [(True, "", "")]


def test_an_expired_waiver_does_not_count_and_is_told() -> None:
    assert judged(placed(), today=date(2026, 12, 31)) == [(False, "waivers.yaml:2", "")]
    assert judged(placed(), today=date(2027, 1, 1)) == [(True, "", "waivers.yaml:2")]
    (found,) = [one for one in evaluate([OPEN], [placed()], date(2027, 1, 1)) if one.rule == "imds-v2"]
    assert found.line().endswith("[waiver waivers.yaml:2 expired on 2026-12-31]")
    (line,) = expired([placed(), placed(3, expires="2027-06-30")], date(2027, 1, 1))
    assert line.startswith("waivers.yaml:2: the waiver of imds-v2 for landing-zone expired on 2026-12-31")
    assert judged(placed(), placed(3, expires="2027-06-30"), today=date(2027, 1, 1)) == [(False, "waivers.yaml:3", "")]


def over(krw: str | None, unknown: int = 0) -> list[tuple[str, bool, str]]:
    amount = Decimal(krw) if krw is not None else None
    spent = Spending("hansol-plastics", 150000, amount, unknown, "customers/hansol-plastics.yaml:9")
    return [(one.severity, one.refuses, one.line()) for one in evaluate([], (), TODAY, [spent])]


def test_more_than_the_budget_refuses_at_the_budget_s_line() -> None:
    assert over("150000") == []
    ((severity, refuses, line),) = over("150001.4")
    assert (severity, refuses) == ("mandatory", True)
    assert line.startswith(
        "customers/hansol-plastics.yaml:9: budget (mandatory): hansol-plastics: 150,001 KRW a month, 1 more"
    )


def test_a_sum_with_unknown_prices_is_no_proof_of_a_budget() -> None:
    ((severity, refuses, line),) = over("100000", unknown=3)
    assert (severity, refuses) == ("advisory", False)
    assert "3 quantities without a price" in line
    assert over("150001", unknown=3)[0][1], "a lower bound above the budget refuses all the same"
    assert over(None)[0][:2] == ("advisory", False)


def test_a_waiver_of_a_customer_s_site_covers_its_budget() -> None:
    spent = Spending("hansol-plastics", 150000, Decimal(200000), 0, "customers/hansol-plastics.yaml:9")
    (found,) = evaluate([], [placed(rule="budget", site="hansol-plastics/ansan")], TODAY, [spent])
    assert not found.refuses
