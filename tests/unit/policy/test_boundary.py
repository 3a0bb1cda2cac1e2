"""CI's role attacks: data/boundary-attacks.yaml, over the documents that the recorded landing zone gives it.

A new attack needs no Python.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from dure.plan.subject import Resource
from dure.policy.iam import Document, Policies, Request, decide, parse_document
from dure.policy.rules.boundary import bounded_identities
from moto.iam import aws_managed_policies

from tests.subjects import subject

ATTACKS: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "data" / "boundary-attacks.yaml").read_text(encoding="utf-8")
)
ACCOUNT = "123456789012"
ZONE = subject("landing-zone-applied")
EVERYTHING = parse_document(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
)
BOUNDED = ("aws:iam/role:Role", "aws:iam/user:User")


@cache
def managed(arn: str) -> Document:
    """A policy of AWS's own, as moto has copied it."""
    every = json.loads(aws_managed_policies.aws_managed_policies_data)
    return parse_document(every[arn.rpartition("/")[2]]["Document"])


def of(name: str, kind: str) -> Resource:
    return next(one for one in ZONE.planned(kind) if one.name == name)


def role_name(kind: str) -> str:
    return str(of(f"access-{kind}", "aws:iam/role:Role").inputs["name"])


def role_arn(kind: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{role_name(kind)}"


def boundary(kind: str) -> tuple[str, Document]:
    inputs = of(f"boundary-{kind}", "aws:iam/policy:Policy").inputs
    return f"arn:aws:iam::{ACCOUNT}:policy{inputs['path']}{inputs['name']}", parse_document(str(inputs["policy"]))


def documents(role: str) -> tuple[Document, ...]:
    """All that is written for a role of the landing zone, and all that is attached to it."""
    own = [
        parse_document(str(one.inputs["policy"]))
        for one in ZONE.planned("aws:iam/rolePolicy:RolePolicy")
        if one.inputs["role"] == role
    ]
    attached = [
        managed(str(one.inputs["policyArn"]))
        for one in ZONE.planned("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
        if one.inputs["role"] == role
    ]
    return (*own, *attached)


PLACES = {kind: role_arn(kind) for kind in ("ci", "engineer", "preview")}
PLACES |= {kind: boundary(kind)[0] for kind in ("workload", "sandbox")}
PLACES["audit"] = f"arn:aws:s3:::{of('audit-logs', 'aws:s3/bucket:Bucket').inputs['bucket']}"
MADE = {"role": "workload", "box": "workload", "sandbox": "sandbox"}
"""Who CI made -> within which boundary."""


def told(text: str) -> str:
    for name, arn in PLACES.items():
        text = text.replace(f"{{{name}}}", arn)
    return text if text.startswith(("arn:", "*")) else f"arn:aws:iam::{ACCOUNT}:{text}"


def decision(attack: dict[str, Any]) -> str:
    who, action, resource = attack["request"]
    given: dict[str, str] = attack.get("context", {})
    context = {key.lower(): (told(value) if value.startswith("{") else value,) for key, value in given.items()}
    if who == "ci":
        role, policies = PLACES["ci"], Policies(identity=documents(role_name("ci")))
    else:
        role = f"arn:aws:iam::{ACCOUNT}:{'user' if who == 'box' else 'role'}/dure/hanbit-it/evil"
        policies = Policies(identity=(EVERYTHING,), boundary=(boundary(MADE[who])[1],))
    request = Request(principal=role, action=action, resource=told(resource), context=context, complete=True)
    found = decide(request, policies)
    return f"{found.effect} {found.layer}"


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack["name"])
def test_ci_makes_no_administrator(attack: dict[str, Any]) -> None:
    assert decision(attack) == attack["expect"]


def test_the_attacks_are_on_what_ci_really_has() -> None:
    assert len(documents(role_name("ci"))) == 3, "identities, limits and AWS's PowerUserAccess"
    names = [attack["name"] for attack in ATTACKS]
    assert len(set(names)) == len(names)
    assert decision({"request": ["ci", "iam:CreateRole", "role/dure/hanbit-it/tenants/new"]}).startswith("implicit")


WITH_IDENTITIES = ("pool", "bridge-applied", "silo-applied", "sandbox-applied", "hybrid-vpn", "landing-zone-applied")


@pytest.mark.parametrize("name", WITH_IDENTITIES)
def test_no_boundary_takes_what_a_program_gives_its_own_identities(name: str) -> None:
    """Each action of each policy, on the resource that it names, is allowed within the boundary of its role or user."""
    stack, ceilings = subject(name), dict(boundary(kind) for kind in ("workload", "sandbox"))
    looked_at = 0
    for one in stack.planned(*BOUNDED):
        arn = str(one.inputs.get("permissionsBoundary", ""))
        if arn not in ceilings:
            continue
        kind, title = ("user" if "user" in one.type else "role"), str(one.inputs["name"])
        me = f"arn:aws:iam::{ACCOUNT}:{kind}{one.inputs.get('path', '/')}{title}"
        for policy in stack.planned("aws:iam/rolePolicy:RolePolicy", "aws:iam/userPolicy:UserPolicy"):
            if policy.inputs.get(kind) != title:
                continue
            for action, resource in wanted(str(policy.inputs["policy"])):
                alone = decide(Request(me, action, resource), Policies(identity=(EVERYTHING,), resource=trusting(me)))
                within = Policies(identity=(EVERYTHING,), resource=trusting(me), boundary=(ceilings[arn],))
                assert (alone.denied, decide(Request(me, action, resource), within).denied) == (False, False), (
                    f"{one.name}: {action} on {resource}"
                )
                looked_at += 1
    assert looked_at, "or nothing was shown"


def trusting(principal: str) -> Document:
    """A key's or role's own policy, which must allow besides: the account's root, and so no boundary is passed by."""
    root = f"arn:aws:iam::{principal.split(':')[4]}:root"
    statement = {"Effect": "Allow", "Principal": {"AWS": root}, "Action": "*", "Resource": "*"}
    return parse_document(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


def wanted(text: str) -> list[tuple[str, str]]:
    if not text.lstrip().startswith("{"):
        return []  # known once it is made
    statements = [one for one in parse_document(text).statements if one.effect == "Allow"]
    return [
        (action, resource.replace("*", "some"))
        for one in statements
        for action in one.actions
        for resource in one.resources
    ]


@pytest.mark.parametrize("name", ["pool", "bridge", "silo", "sandbox", "hybrid-vpn"])
def test_every_identity_of_a_tenant_has_one_of_the_two_boundaries(name: str) -> None:
    ceilings = {boundary(kind)[0] for kind in ("workload", "sandbox")}
    found = {one.name: one.inputs.get("permissionsBoundary") for one in subject(name).planned(*BOUNDED)}
    assert found
    assert set(found.values()) <= ceilings


def test_a_box_to_which_the_landing_zone_gives_a_boundary_has_it() -> None:
    bare = subject("hybrid-site")
    given = {**bare.parameters, "boundary_arn": boundary("workload")[0]}
    assert list(bounded_identities.check([bare])) == [], "no landing zone stands"
    found = bounded_identities.check([bare.model_copy(update={"parameters": given})])
    assert [(hit.resource.name, hit.what) for _, hit in found if hit.resource] == [
        ("vault-box", "it has no permissions boundary")
    ]
