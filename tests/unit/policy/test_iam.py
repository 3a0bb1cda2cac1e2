"""The evaluator against what AWS documents: data/iam-cases.yaml. A new case needs no Python."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from dure.policy.iam import Document, Policies, Request, Truth, Unreadable, decide, parse_document
from dure.policy.iam.matching import like, matches_arn
from hypothesis import given
from hypothesis import strategies as st

DATA = yaml.safe_load((Path(__file__).parent / "data" / "iam-cases.yaml").read_text(encoding="utf-8"))
CASES: list[dict[str, Any]] = DATA["cases"]


def document(short: list[list[Any]]) -> Document:
    statements = []
    for effect, action, resource, *more in short:
        statement = {"Effect": effect, **(more[0] if more else {})}
        if action is not None:
            statement["Action"] = action.split("/")
        if resource is not None and "Principal" not in statement:
            statement["Resource"] = resource
        statements.append(statement | ({"Resource": resource} if resource and resource != "*" else {}))
    return parse_document({"Version": "2012-10-17", "Statement": statements})


def documents(case: dict[str, Any], layer: str) -> tuple[Document, ...] | None:
    return (document(case[layer]),) if layer in case else None


def decision_of(case: dict[str, Any]) -> str:
    who, action, resource = case["request"]
    context = {
        key.lower(): tuple(value if isinstance(value, list) else [value])
        for key, value in case.get("context", {}).items()
    }
    request = Request(
        action=action,
        resource=resource,
        context=context,
        complete=case.get("complete", True),
        **DATA["principals"][who],
    )
    policies = Policies(
        identity=documents(case, "identity") or (),
        resource=document(case["resource_policy"]) if "resource_policy" in case else None,
        boundary=documents(case, "boundary"),
        session=documents(case, "session"),
        organization=tuple((document(level),) for level in case.get("organization", [])),
    )
    found = decide(request, policies)
    return f"{found.effect} {found.layer}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_decision_is_the_documented_one(case: dict[str, Any]) -> None:
    assert decision_of(case) == case["expect"]


def test_there_are_cases_enough_and_each_says_where_it_is_from() -> None:
    assert len(CASES) >= 40
    assert all(case["source"] for case in CASES)
    assert len({case["name"] for case in CASES}) == len(CASES)


@given(st.text(alphabet="ab/:*?", max_size=8), st.text(alphabet="ab/:", max_size=8))
def test_a_pattern_matches_what_it_stands_for(pattern: str, text: str) -> None:
    def slow(wanted: str, given: str) -> bool:
        if not wanted:
            return not given
        if wanted[0] == "*":
            return slow(wanted[1:], given) or (bool(given) and slow(wanted, given[1:]))
        return bool(given) and wanted[0] in ("?", given[0]) and slow(wanted[1:], given[1:])

    assert (like(pattern, text) is Truth.YES) == slow(pattern, text)


@given(st.text(alphabet="abk/", max_size=6), st.text(alphabet="abk/*", max_size=6))
def test_an_unknown_part_never_hides_a_match(text: str, pattern: str) -> None:
    """Whatever the unknown part turns out to be, a certain answer before stays right."""
    arn = f"arn:aws:s3:::b{text}"
    early = matches_arn(f"arn:aws:s3:::b{pattern}", "arn:aws:s3:::b(known once it is made)")
    late = matches_arn(f"arn:aws:s3:::b{pattern}", arn)
    assert early is Truth.MAY or early is late


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "not JSON"),
        ("[]", "no Statement"),
        ('{"Statement": [{"Effect": "allow", "Action": "*", "Resource": "*"}]}', "neither Allow nor Deny"),
        ('{"Statement": [{"Effect": "Allow", "Resource": "*"}]}', "names no Action"),
        ('{"Statement": [{"Effect": "Allow", "Action": "*", "NotAction": "*"}]}', "stand in one Statement"),
        ('{"Statement": [{"Effect": "Allow", "Action": "*", "Resources": "*"}]}', "Resources is no element"),
        ('{"Statement": [{"Effect": "Allow", "Action": "*", "Principal": "me"}]}', "neither * nor an object"),
    ],
)
def test_what_aws_would_refuse_is_refused(text: str, why: str) -> None:
    with pytest.raises(Unreadable, match=why.replace("*", r"\*")):
        parse_document(text)
