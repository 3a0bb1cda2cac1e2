"""The documented way down (docs/stacks.md, Taking down): a silo with all that AWS keeps, then the landing zone."""

import re

import pytest
from dure.cloud import moto

from tests.contract.stacks.desk import Desk, make_desk

pytestmark = pytest.mark.long

SITE, ZONE = "theta/trial", "landing-zone"
REASON = ("--reason", "the trial has ended")
TENANT = """\
id: theta
name: 시험 세타
people: 3
sites:
  - id: trial
    name: 시험 운영
    blueprint: saas-tenant
    parameters:
      isolation: silo
      network_index: 3
      image: public.ecr.aws/docker/library/nginx:1.27
"""
KEPT_BY_AWS = re.compile(r"arn:aws:(kms:|secretsmanager:|ecs:|rds:.*:snapshot:|ec2:.*:instance/)")
"""A key and a secret wait to be deleted, a service is inactive, a terminated instance fades within the hour."""
WAIVERS = """\
waivers:
  - rule: deletion-protection
    site: {site}
    reason: The trial has ended and the customer has its data
    approver: kim-minsu
    expires: 2099-01-31
"""


@pytest.fixture(scope="module")
def account(own_account: moto.Account) -> moto.Account:
    return own_account


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory, account: moto.Account) -> Desk:
    """A silo tenant beside nothing but the landing zone."""
    desk = make_desk(tmp_path_factory.mktemp("down"), account, "down-msp")
    for file in (desk.root / "customers").iterdir():
        file.unlink()
    (desk.root / "customers" / "theta.yaml").write_text(TENANT, encoding="utf-8")
    up = desk("up", "--all", "--yes", "--reason", "a trial")
    assert up.code == 0, up.stderr
    return desk


def protected(desk: Desk, site: str) -> list[str]:
    """URNs that `destroy --check` names, as a person reads them off."""
    shown = desk("destroy", site, "--check")
    assert shown.code == 3
    return [line.split()[-1] for line in shown.stdout.splitlines() if line.lstrip().startswith("protected:")]


def lifting(urns: list[str]) -> list[str]:
    return [word for urn in urns for word in ("--unprotect", urn)]


def standing_for(desk: Desk, site: str) -> list[str]:
    """ARNs that carry the site's tag, without what AWS itself keeps for a while or, as the snapshot, for good."""
    pages = desk.client("resourcegroupstaggingapi").get_paginator("get_resources")
    wanted = [{"Key": "dure:site", "Values": [site]}]
    found = [one["ResourceARN"] for page in pages.paginate(TagFilters=wanted) for one in page["ResourceTagMappingList"]]
    return [arn for arn in found if not KEPT_BY_AWS.match(arn)]


def let_go(desk: Desk, site: str) -> None:
    (desk.root / "waivers.yaml").write_text(WAIVERS.format(site=site), encoding="utf-8")


def test_a_tenant_whose_data_is_protected_stays_until_each_part_is_named(standing: Desk) -> None:
    urns = protected(standing, SITE)
    assert {urn.split("::")[2].split("$")[-1] for urn in urns} >= {"aws:rds/instance:Instance", "aws:s3/bucket:Bucket"}
    for given in ([], lifting(urns[1:])):
        refused = standing("destroy", SITE, "--yes", *REASON, *given, "--confirm", SITE)
        assert refused.code == 4, refused
        assert urns[0] in refused.stderr
    assert standing_for(standing, SITE)


def test_aws_own_protection_comes_off_only_under_a_waiver(standing: Desk) -> None:
    standing.edit(
        "customers/theta.yaml", "      isolation: silo", "      isolation: silo\n      deletion_protection: false"
    )
    refused = standing("up", SITE, "--yes")
    assert (refused.code, "deletion-protection" in refused.stderr) == (4, True)
    let_go(standing, SITE)
    assert standing("up", SITE, "--yes").code == 0


def test_the_landing_zone_stays_while_a_tenant_stands_on_it(standing: Desk) -> None:
    refused = standing("destroy", ZONE, "--check")
    assert (refused.code, f"{SITE} still stands on it" in refused.stderr) == (4, True)


def test_then_the_tenant_goes_and_its_database_leaves_a_last_snapshot(standing: Desk) -> None:
    gone = standing("destroy", SITE, "--yes", *REASON, *lifting(protected(standing, SITE)), "--confirm", SITE)
    assert gone.code == 0, gone.stderr
    assert standing_for(standing, SITE) == []
    kept = [one["DBSnapshotIdentifier"] for one in standing.client("rds").describe_db_snapshots()["DBSnapshots"]]
    assert [name for name in kept if name.startswith("t-down-msp-theta-trial")] != []
    assert standing("destroy", SITE, "--check").stdout == "none of them stands\n"


def test_then_the_landing_zone_goes_the_same_way(standing: Desk) -> None:
    standing.edit("operator.yaml", "landing_zone:", "landing_zone:\n  deletion_protection: false")
    let_go(standing, ZONE)
    up = standing("up", ZONE, "--yes")
    assert up.code == 0, up.stderr
    gone = standing("destroy", ZONE, "--yes", *REASON, *lifting(protected(standing, ZONE)), "--confirm", ZONE)
    assert gone.code == 0, gone.stderr
    assert standing_for(standing, ZONE) == []
    drift = standing("drift", "--all")
    assert (drift.code, "unmanaged" in drift.stdout) == (0, False), drift.stdout
