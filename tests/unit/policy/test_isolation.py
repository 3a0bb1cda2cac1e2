"""No tenant reaches another's: what the recorded programs give, and what happens when a policy is too wide."""

import json
from datetime import date
from typing import Any

import pytest
from dure.plan.subject import Resource, Subject
from dure.policy import evaluate
from dure.policy.iam import decide
from dure.policy.isolation import Fleet, proof, tenant_isolation
from dure.policy.isolation.proof import TemplateProofs
from dure.policy.isolation.tenant import tenant_of

from tests.subjects import NAMES, subject
from tests.unit.policy.fleet import fleet, for_customer

TODAY = date(2026, 11, 24)
TENANTS = [name for name in NAMES if not name.startswith("landing")]
POOL_BUCKET = "pool_bucket"


def told(*subjects: Subject) -> list[str]:
    """`site resource: what`, of what refuses."""
    found = evaluate(subjects, (), TODAY, rules=(tenant_isolation,))
    return [f"{one.site} {one.resource}: {one.what}" for one in found if one.refuses]


def with_statement(tenant: Subject, resource: str, **changed: object) -> Subject:
    """One statement more in a policy; text in it may name the pool's bucket as {bucket}."""

    def edited(one: Resource) -> Resource:
        if one.name != resource:
            return one
        policy = json.loads(str(one.inputs["policy"]))
        bucket = policy["Statement"][0]["Resource"][0]
        extra = json.loads(json.dumps({"Effect": "Allow", **changed}).replace("{bucket}", bucket))
        inputs = {**one.inputs, "policy": json.dumps({**policy, "Statement": [*policy["Statement"], extra]})}
        return one.model_copy(update={"inputs": inputs})

    return tenant.model_copy(update={"resources": tuple(edited(one) for one in tenant.resources)})


def test_the_programs_keep_every_tenant_from_every_other() -> None:
    assert told(*(subject(name) for name in TENANTS)) == []


@pytest.mark.parametrize("name", TENANTS)
def test_a_single_stack_is_proven_against_a_stranger_of_its_template(name: str) -> None:
    tenant = tenant_of(subject(name), "123456789012")
    assert tenant.identities, "there is somebody to prove it of"
    assert len(tenant.things) >= 5, "there is something to reach"
    assert told(subject(name)) == []


TOO_WIDE: list[dict[str, Any]] = [
    {"Action": "s3:GetObject", "Resource": "{bucket}/*"},
    {"Action": "s3:*", "Resource": "*"},
    {"Action": "s3:Get*", "Resource": "{bucket}/tenants/*"},
    {"NotAction": "iam:*", "Resource": "{bucket}/tenants/*"},
    {"Action": "s3:GetObject", "NotResource": "arn:aws:s3:::some-bucket/*"},
    {"Action": "s3:ListBucket", "Resource": "{bucket}"},
    {"Action": "s3:ListBucket", "Resource": "{bucket}", "Condition": {"StringLike": {"s3:prefix": "tenants/*"}}},
    {"Action": "ssm:GetParameter", "Resource": "arn:aws:ssm:*:*:parameter/dure/*"},
    {"Action": "s3:GetObject", "Resource": "{bucket}/*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}},
    {"Action": "s3:GetObject", "Resource": "{bucket}/${aws:PrincipalTag/dure:msp}/*", "Sid": "harmless"},
    {"Action": "s3:GetObject", "Resource": "{bucket}/tenants/${aws:PrincipalTag/dure:customer}/*", "Sid": "harmless"},
    {"Action": "s3:GetObject", "Resource": "{bucket}/tenants/${aws:username}/*"},
]


@pytest.mark.parametrize("statement", TOO_WIDE, ids=lambda one: json.dumps(one))
def test_a_statement_that_is_too_wide_is_found_with_one_stack_alone(statement: dict[str, Any]) -> None:
    found = told(with_statement(subject("pool"), "identity-own", **statement))
    assert bool(found) == (statement.get("Sid") != "harmless"), found
    assert all("mirae-bakery/erp identity: it may" in one for one in found)


def test_a_deny_mends_what_an_allow_opens() -> None:
    wide = with_statement(subject("pool"), "identity-own", Action="s3:GetObject", Resource="{bucket}/*")
    own = "{bucket}/tenants/mirae-bakery/erp/*"
    mended = with_statement(wide, "identity-own", Effect="Deny", Action="s3:*", NotResource=["{bucket}", own])
    assert told(wide)
    assert told(mended) == []


def test_one_id_that_begins_another_is_found_only_in_the_fleet() -> None:
    short = for_customer(subject("pool"), "hansol")
    long = for_customer(subject("pool"), "hansol-plastics")
    assert told(short, long) == []
    loose = with_statement(short, "identity-own", Action="s3:GetObject", Resource="{bucket}/tenants/hansol*")
    assert told(loose) == [], "no stranger begins like that"
    (found,) = told(loose, long)
    assert "hansol/erp identity: it may s3:GetObject on" in found
    assert "/tenants/hansol-plastics/erp/x of another customer" in found


def test_a_pattern_cut_within_an_id_is_found_too() -> None:
    cut = with_statement(subject("pool"), "identity-own", Action="s3:GetObject", Resource="{bucket}/tenants/cust*")
    others = fleet(subject("pool"), size=3)
    assert [one.partition(" ")[0] for one in told(cut, *others)] == ["mirae-bakery/erp"]


def test_a_right_that_only_another_template_feels_is_found() -> None:
    wide = with_statement(
        subject("pool"), "identity-own", Action="rds:DeleteDBInstance", Resource="arn:aws:rds:*:*:db:*"
    )
    assert told(wide) == [], "the pool has no database of its own"
    assert any("rds:DeleteDBInstance" in one for one in told(wide, subject("bridge")))


@pytest.mark.parametrize(
    "action",
    [
        "s3:DeleteObjectVersion",
        "s3:PutBucketAcl",
        "s3:PutReplicationConfiguration",
        "kms:CreateGrant",
        "kms:PutKeyPolicy",
        "kms:ScheduleKeyDeletion",
        "secretsmanager:UpdateSecret",
        "secretsmanager:PutResourcePolicy",
        "ssm:GetParameterHistory",
        "rds:RestoreDBInstanceToPointInTime",
        "iam:UpdateAssumeRolePolicy",
        "iam:DeleteRolePermissionsBoundary",
        "logs:FilterLogEvents",
        "ecs:ExecuteCommand",
        "codebuild:UpdateProject",
    ],
)
def test_a_right_over_everybodys_things_is_found_whatever_it_does(action: str) -> None:
    wide = with_statement(subject("pool"), "identity-own", Action=action, Resource="*")
    others = (subject("bridge"), subject("silo"), subject("sandbox-applied"))
    assert any(f"may {action} on" in one for one in told(wide, *others))


def test_a_resource_that_lets_another_in_is_found_at_the_one_let_in() -> None:
    silo, pool = subject("silo"), subject("pool")
    intruder = tenant_of(pool, "123456789012").identities[0].arn
    policy = next(one for one in silo.resources if one.type == "aws:s3/bucketPolicy:BucketPolicy")
    document = json.loads(str(policy.inputs["policy"]))
    bucket = f"arn:aws:s3:::{policy.inputs['bucket']}"
    document["Statement"].append(
        {"Effect": "Allow", "Principal": {"AWS": intruder}, "Action": "s3:GetObject", "Resource": f"{bucket}/*"}
    )
    opened = policy.model_copy(update={"inputs": {**policy.inputs, "policy": json.dumps(document)}})
    resources = tuple(opened if one.urn == policy.urn else one for one in silo.resources)
    found = told(silo.model_copy(update={"resources": resources}), pool)
    assert f"mirae-bakery/erp identity: it may s3:GetObject on {bucket}/x/x of another customer" in found
    assert all(one.startswith("mirae-bakery/erp identity: it may s3:GetObject on") for one in found)


def test_two_sites_of_one_customer_are_not_strangers() -> None:
    loose = with_statement(
        subject("bridge"), "identity-own", Action="s3:GetObject", Resource="{bucket}/tenants/hansol-plastics/*"
    )
    second = Subject.model_validate_json(subject("bridge").model_dump_json().replace("/erp", "/crm"))
    assert told(loose, second) == []


def test_a_policy_that_is_not_known_yet_is_said_to_be_unproven() -> None:
    (found,) = evaluate([subject("bridge")], (), TODAY, rules=(tenant_isolation,))
    assert (found.severity, found.resource) == ("advisory", "identity-parts")
    assert "not proven yet" in found.what
    assert evaluate([subject("bridge-applied")], (), TODAY, rules=(tenant_isolation,)) == ()


def test_a_thousand_tenants_need_one_proof_a_template() -> None:
    tenants = [tenant_of(one, "123456789012") for one in fleet(subject("pool"), subject("bridge-applied"), size=60)]
    assert len(TemplateProofs(tenants)) == 2


def beside(looked: Subject, *others: Subject) -> list[str]:
    """What is told when one stack alone is looked at, and the others are known."""
    return [
        f"{one.site} {hit.resource and hit.resource.name}: {hit.what}" for one, hit in Fleet(others).check([looked])
    ]


def test_one_stack_alone_is_told_what_the_whole_fleet_would_be_whether_it_reaches_or_is_reached() -> None:
    long = for_customer(subject("pool"), "hansol-plastics")
    loose = with_statement(
        for_customer(subject("pool"), "hansol"),
        "identity-own",
        Action="s3:GetObject",
        Resource="{bucket}/tenants/hansol*",
    )
    strangers = fleet(subject("pool"), subject("bridge-applied"), size=20)
    (whole,) = told(loose, long, *strangers)
    assert beside(loose, long, *strangers) == [whole]
    assert beside(long, loose, *strangers) == [whole]
    assert beside(strangers[0], loose, long, *strangers[1:]) == [], "it has no part in it"


def test_a_wildcard_of_one_that_stands_is_told_to_whoever_comes_into_its_reach() -> None:
    right = {"Action": "rds:DeleteDBInstance", "Resource": "arn:aws:rds:*:*:db:*"}
    wide = with_statement(subject("pool"), "identity-own", **right)
    found = beside(subject("bridge-applied"), wide)
    assert found
    assert all(one.startswith("mirae-bakery/erp identity: it may rds:DeleteDBInstance on") for one in found)


def test_a_mended_stack_takes_the_place_of_what_it_was() -> None:
    long = for_customer(subject("pool"), "hansol-plastics")
    short = for_customer(subject("pool"), "hansol")
    loose = with_statement(short, "identity-own", Action="s3:GetObject", Resource="{bucket}/tenants/hansol*")
    known = Fleet([loose, long])
    assert known.check([long])
    assert known.check([short]) == []
    assert known.check([long]) == []
    assert known.check([loose])


def test_one_stack_beside_a_larger_fleet_is_not_more_work(monkeypatch: pytest.MonkeyPatch) -> None:
    decided: list[object] = []

    def counting(*given: Any) -> Any:
        decided.append(given)
        return decide(*given)

    monkeypatch.setattr(proof, "decide", counting)
    work = []
    for size in (120, 240):
        tenants = fleet(subject("pool"), subject("silo"), subject("sandbox-applied"), size=size)
        known = Fleet(tenants)
        known.check(tenants)
        before = len(decided)
        for one in tenants[:3]:
            assert not [hit for _, hit in known.check([one]) if hit.severity != "advisory"]
        work.append(len(decided) - before)
    assert work[0] == work[1] > 0
