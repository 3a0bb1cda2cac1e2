"""A box's key and the landing zone's boundary by the commands: it comes when there is one, and is not waited for."""

import pytest
from dure.cloud import moto

from tests.contract.stacks.desk import Desk

SITE = "alpha/main"


@pytest.fixture(scope="module")
def account(own_account: moto.Account) -> moto.Account:
    return own_account


def boundaries(desk: Desk) -> list[str]:
    """Of all users that stacks made; empty for one without."""
    iam = desk.client("iam")
    users = [one["UserName"] for one in iam.list_users(PathPrefix=f"/dure/{desk.msp}/")["Users"]]
    found = [iam.get_user(UserName=name)["User"].get("PermissionsBoundary", {}) for name in users]
    return [one.get("PermissionsBoundaryArn", "") for one in found]


@pytest.mark.long
def test_a_box_that_stands_gets_the_boundary_once_the_landing_zone_does(desk: Desk) -> None:
    assert desk("up", SITE, "--yes").code == 0
    assert boundaries(desk) == [""]
    assert desk("up", "landing-zone", "--yes").code == 0
    boundary = desk.json("outputs", "landing-zone")["boundary_arn"]

    (shown,) = desk.json("preview", SITE, "--changed")["stacks"]
    changes = [(one["op"], one["name"]) for one in shown["preview"]["changes"] if one["type"].startswith("aws:")]
    assert changes == [("update", "vault-box")], "in place, and nothing else"
    assert shown["boundary"] == boundary
    assert desk("up", "tag=seoul", "--yes").code == 0
    assert boundaries(desk) == [boundary, boundary], "the one that stood, and one that is new"
    assert [one["reason"] for one in desk.json("up", "tag=seoul", "--changed", "--yes")["results"]] == [
        "as last applied"
    ] * 2
