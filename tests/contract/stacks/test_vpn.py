"""A site's VPN to AWS by the commands alone: what it waits for, and that its keys are shown nowhere."""

import pytest
from dure.cloud import moto

from tests.contract.command import operator
from tests.contract.stacks.desk import Desk

SITE = "alpha/main"


@pytest.fixture(scope="module")
def account(own_account: moto.Account) -> moto.Account:
    return own_account


@pytest.mark.long
def test_a_vpn_waits_for_its_gateway_and_its_overlay_and_shows_no_key(desk: Desk) -> None:
    desk.edit("operator.yaml", "landing_zone:\n", "landing_zone:\n  vpn_gateway: true\n")
    asked = "parameters: { backup_lock_days: 30, vpn: aws, vpn_address: 203.0.113.21 }"
    desk.edit("customers/alpha.yaml", "parameters: { backup_lock_days: 30 }", asked)
    early = desk("up", SITE, "--yes")
    assert early.code == 1
    assert "operator stacks up landing-zone" in early.stdout + early.stderr

    assert desk("up", "landing-zone", "--yes").code == 0
    unwritten = desk("up", SITE, "--yes")
    assert unwritten.code == 1
    assert f"operator allocate {SITE}" in unwritten.stdout + unwritten.stderr
    assert desk.client("ec2").describe_vpn_connections()["VpnConnections"] == []

    assert operator("allocate", SITE, "-w", desk.root).code == 0
    done = desk("up", SITE, "--yes")
    assert done.code == 0, done.stderr
    outputs = desk("outputs", SITE)
    assert outputs.stdout.count("[secret]") >= 2
    assert "10.128.0.0/20" in outputs.stdout
    assert desk("preview", SITE).code == 0, "nothing is left to change"
