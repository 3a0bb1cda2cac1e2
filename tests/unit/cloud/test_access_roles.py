"""The landing zone's roles: the tokens that docs/ci presents are trusted, and people see nothing of customers."""

import json
import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import yaml
from dure.policy.iam import Policies, Request, decide, parse_document

from tests.subjects import subject

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pulumi_aws itself, at import

VERSION = "2012-10-17"
CI = Path(__file__).parents[3] / "docs" / "ci"
WORKSPACE = "hanbit-it/workspace"


def workflow(name: str) -> dict[str, Any]:
    return dict(yaml.safe_load((CI / name).read_text(encoding="utf-8")))


def github_subject(job: dict[str, Any]) -> str:
    """What GitHub writes as `sub`: the environment comes first, then the event, else the branch."""
    if "environment" in job:
        return f"repo:{WORKSPACE}:environment:{job['environment']}"
    if "'pull_request'" in job["if"]:
        return f"repo:{WORKSPACE}:pull_request"
    return f"repo:{WORKSPACE}:ref:refs/heads/main"


def gitlab_subject(name: str) -> str:
    branch = "a-change" if name == "preview" else "main"
    return f"project_path:{WORKSPACE}:ref_type:branch:ref:{branch}"


def trusted(subject: str, subjects: list[str]) -> bool:
    return any(fnmatchcase(subject, one) for one in subjects)


def test_each_github_job_takes_a_role_that_trusts_its_token_for_as_long(stacks_module: Callable[[str], Any]) -> None:
    roles = stacks_module("iaas.access_roles")
    args = roles.AccessRolesArgs("hanbit-it", "123456789012", "github", WORKSPACE)
    taken = {}
    for name, job in workflow("github-actions.yml")["jobs"].items():
        (given,) = [one["with"] for one in job["steps"] if "configure-aws-credentials" in one.get("uses", "")]
        role = re.findall(r"AWS_\w+_ROLE", given["role-to-assume"])[0]
        mine, others = args.applies(), args.previews()
        longest = roles.APPLIES
        if role == "AWS_PREVIEW_ROLE":
            (mine, others), longest = (others, mine), roles.PREVIEWS
        assert trusted(github_subject(job), mine)
        assert not trusted(github_subject(job), others)
        seconds = given.get("role-duration-seconds", 3600)
        assert job["timeout-minutes"] * 60 <= seconds <= longest
        taken[name] = role
    reads = dict.fromkeys(("preview", "ended", "drift"), "AWS_PREVIEW_ROLE")
    assert taken == reads | dict.fromkeys(("apply", "expire"), "AWS_APPLY_ROLE")


def test_each_gitlab_job_takes_a_role_that_trusts_its_token(stacks_module: Callable[[str], Any]) -> None:
    roles = stacks_module("iaas.access_roles")
    args = roles.AccessRolesArgs("hanbit-it", "123456789012", "gitlab", WORKSPACE)
    jobs = workflow("gitlab-ci.yml")
    for name in ("preview", "apply", "drift", "ended", "expire"):
        role, changes = jobs[name]["variables"]["ROLE"], name in ("apply", "expire")
        assert role == ("$AWS_APPLY_ROLE" if changes else "$AWS_PREVIEW_ROLE")
        assert trusted(gitlab_subject(name), args.applies() if changes else args.previews())
    assert not trusted(gitlab_subject("preview"), args.applies())


def test_no_job_changes_anything_without_an_approval(stacks_module: Callable[[str], Any]) -> None:
    """An environment of another name is made by whoever writes it into a workflow, and has no reviewers."""
    roles = stacks_module("iaas.access_roles")
    args = roles.AccessRolesArgs("hanbit-it", "123456789012", "github", WORKSPACE)
    for name in ("expiry", "staging"):
        assert not trusted(f"repo:{WORKSPACE}:environment:{name}", args.applies())
    for name, job in workflow("gitlab-ci.yml").items():
        if isinstance(job, dict) and job.get("variables", {}).get("ROLE") == "$AWS_APPLY_ROLE":
            assert job["environment"] == {"name": "production"}, name
            assert [one["when"] for one in job["rules"]] == ["manual"], name


@pytest.mark.parametrize("action", ["s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectTorrent"])
def test_an_engineer_reads_no_version_of_a_customers_backup(stacks_module: Callable[[str], Any], action: str) -> None:
    roles = stacks_module("iaas.access_roles")
    reads = json.dumps({"Version": VERSION, "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]})
    kept_out = stacks_module("iaas.policies").document(*roles.kept_out(["*"]))
    me = "arn:aws:iam::123456789012:role/hanbit-it-engineer"
    request = Request(principal=me, action=action, resource="arn:aws:s3:::hanbit-it-hansol-ansan-0/data/00/0000")
    assert decide(request, Policies(identity=(parse_document(reads),))).effect == "allow"
    assert decide(request, Policies(identity=(parse_document(reads), parse_document(kept_out)))).denied


def test_a_preview_reads_states_and_no_customers_objects(stacks_module: Callable[[str], Any]) -> None:
    """Its deny names the buckets that the programs make, by the beginning of their names."""
    (objects, secrets) = stacks_module("iaas.access_roles").kept_out(["arn:aws:s3:::hanbit-it-*"])
    names = stacks_module("iaas.names")
    (pattern,) = objects["Resource"]
    for bucket in (names.bucket("123456789012", "hanbit-it", "hansol-plastics", "erp"), "hanbit-it-hansol-ansan-0"):
        assert fnmatchcase(f"arn:aws:s3:::{bucket}/data/00/0000", pattern)
    assert not fnmatchcase("arn:aws:s3:::states-of-hanbit-it/.pulumi/stacks/a.json", pattern)
    assert secrets["Resource"] == ["*"]


@pytest.mark.parametrize(
    ("policy", "effect"),
    [
        ("arn:aws:iam::aws:policy/AdministratorAccess", "implicit-deny"),
        ("arn:aws:iam::123456789012:policy/dure/hanbit-it/x", "allow"),
    ],
)
def test_ci_gives_bounded_roles_what_the_programs_give(
    stacks_module: Callable[[str], Any], policy: str, effect: str
) -> None:
    """What else CI may do and not: tests/unit/policy/data/boundary-attacks.yaml."""
    args = stacks_module("iaas.access_roles").AccessRolesArgs("hanbit-it", "123456789012", "github", WORKSPACE)
    may = parse_document(stacks_module("iaas.policies").document(*args.builds()))
    me = "arn:aws:iam::123456789012:role/hanbit-it-ci"
    role = "arn:aws:iam::123456789012:role/dure/hanbit-it/tenants/one"
    context = {"iam:policyarn": (policy,), "iam:permissionsboundary": (args.boundaries.arn("workload"),)}
    request = Request(principal=me, action="iam:AttachRolePolicy", resource=role, context=context)
    assert decide(request, Policies(identity=(may,))).effect == effect


def test_the_recorded_landing_zone_has_the_documents_that_the_programs_make_now(
    stacks_module: Callable[[str], Any],
) -> None:
    """What attacks are tried on (tests/unit/policy/test_boundary.py) is no older than the code."""
    args = stacks_module("iaas.access_roles").AccessRolesArgs("hanbit-it", "123456789012", "github", WORKSPACE)
    document, made = stacks_module("iaas.policies").document, stacks_module("iaas.boundary").BoundaryArgs
    ceilings = made("hanbit-it", "123456789012")
    now = {
        "access-ci-identities": document(*args.builds()),
        "access-ci-limits": document(*args.limits()),
        "boundary-workload": document(*ceilings.workload()),
        "boundary-sandbox": document(*ceilings.sandbox()),
    }
    recorded = {one.name: one.inputs.get("policy") for one in subject("landing-zone-applied").planned()}
    assert {name: recorded.get(name) for name in now} == now, "python -m tests.record_subjects"
    assert max(map(len, now.values())) <= 6144, "characters of a managed policy (AWS: IAM and STS quotas)"
