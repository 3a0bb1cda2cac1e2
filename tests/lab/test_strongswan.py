"""The tunnels to AWS: they carry the LAN's traffic, one alone is enough, and a mistake costs no line that stands."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from dure.fleet.session import Session
from dure.lab.host import lock
from dure.lab.instance import Lab
from dure.lab.workspace import prepare
from dure.plan.overlay import allocate
from dure.plan.value import Plan, VerificationPlan
from dure.runs.verify.aws_tunnels import aws_tunnels
from dure.runs.verify.scene import Scene

from tests.lab.machine import BENCH_USER, GATEWAY, HUB, Bench
from tests.lab.vpn_peer import INSIDE, NETWORK, PEERS, SITE, Aws, reaches, reaches_again, vpn_topology
from tests.poll import until

pytestmark = pytest.mark.lab

EXAMPLE = Path(__file__).parents[2] / "examples" / "hanbit-it"
FAILOVER_SECONDS = 40.0
RETURN_SECONDS = 60.0


def with_vpn() -> dict[str, str]:
    """The example's files, with a VPN to AWS for its gateway box."""
    customer = (EXAMPLE / "customers" / "hansol-plastics.yaml").read_text(encoding="utf-8")
    asked = customer.replace("    parameters:\n", f"    parameters:\n      vpn: aws\n      vpn_address: {SITE}\n", 1)
    operator = (EXAMPLE / "operator.yaml").read_text(encoding="utf-8")
    with_gateway = operator.replace("landing_zone:\n", "landing_zone:\n  vpn_gateway: true\n", 1)
    return {"operator.yaml": with_gateway, "customers/hansol-plastics.yaml": asked}


@pytest.fixture(scope="module")
def lab(fit_host: None) -> Iterator[Lab]:
    """A lab of its own beside the session's: it has a machine that no other test wants."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    name = ((os.environ.get("DURE_LAB", "") or "test")[:4] + worker)[:5] + "v"
    with lock(f"dure-lab-session-{name}", busy=f"another test session uses the lab `{name}`"):
        made = Lab(name, vpn_topology(name))
        made.up()
        try:
            yield made
        finally:
            made.down()


@pytest.fixture(scope="module")
def aws(lab: Lab) -> Aws:
    made = Aws(lab)
    made.start()
    return made


@pytest.fixture(scope="module")
def bench(lab: Lab, aws: Aws, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    root = tmp_path_factory.mktemp("vpn") / "workspace"
    prepare(EXAMPLE, root, lab, with_vpn())
    allocate(root, GATEWAY)
    made = Bench(lab, root, root.parent / "runs")
    made.outputs = {"bucket": "none", "vpn_address_1": PEERS[1], "vpn_address_2": PEERS[2], "vpn_network": NETWORK}
    made.secrets = {f"vpn_key_{number}": key for number, key in aws.keys.items()}
    return made


def site(bench: Bench, **extra: int) -> tuple[list[str], list[str]]:
    """Tasks that changed, and what failed."""
    roles = ["base", "accounts", "ssh", "firewall", "wireguard"]
    wanted = [one.name for one in bench.plan(GATEWAY).host.roles if one.name in (*roles, "strongswan")]
    result = bench.converge("site", GATEWAY, bench.tunnel(GATEWAY), fast=True, dure_roles=list(wanted), **extra)
    return [one.task for one in result.changed], [f"{one.task}: {one.message}" for one in result.failed]


@pytest.fixture(scope="module")
def converged(bench: Bench) -> Bench:
    assert bench.converge("hub", HUB, bench.first_way(HUB, BENCH_USER), fast=True).failed == ()
    assert bench.converge("join", GATEWAY, bench.first_way(GATEWAY, BENCH_USER), fast=True).failed == ()
    until(lambda: bench.reaches(GATEWAY), 30)
    assert site(bench)[1] == []
    bench.lab.root("ansan", "ip address replace 192.168.0.1/24 dev eth1; ip link set eth1 up")
    return bench


@pytest.fixture
def standing(converged: Bench, aws: Aws) -> Iterator[Bench]:
    """Both tunnels stand before a test and after it."""
    until(lambda: both_stand(converged), RETURN_SECONDS)
    yield converged
    for number in PEERS:
        aws.mend(number)
    until(lambda: both_stand(converged), RETURN_SECONDS)


def states(bench: Bench) -> dict[int, str]:
    said = bench.lab.root("ansan", "swanctl --list-sas --raw").stdout
    return {
        int(number): state for number, state in re.findall(r"name=aws(\d) uniqueid=\S+ reqid=\S+ state=(\w+)", said)
    }


def carrier(bench: Bench) -> int:
    """The tunnel by which the LAN's packets go now."""
    before = sent_by(bench)
    reaches_again(bench.lab, 20)
    after = sent_by(bench)
    return max(after, key=lambda number: after[number] - before.get(number, 0))


def sent_by(bench: Bench) -> dict[int, int]:
    said = bench.lab.root("ansan", "swanctl --list-sas --raw").stdout
    return {int(number): int(count) for number, count in re.findall(r"name=aws(\d) .*?bytes-out=(\d+)", said)}


def carried(lab: Lab) -> int:
    """Bytes that came in by both tunnels, as the box's own watch counts them."""
    tunnels = json.loads(lab.root("ansan", "cat /run/dure/vpn.json").stdout)["tunnels"]
    return sum(int(one["bytes_in"]) for one in tunnels)


def both_stand(bench: Bench) -> bool:
    return states(bench) == {1: "INSTALLED", 2: "INSTALLED"}


def test_the_lan_reaches_aws_by_its_overlay_address_and_aws_begins_nothing(standing: Bench, aws: Aws) -> None:
    lab = standing.lab
    listen = [
        "timeout",
        "60",
        "socat",
        "TCP-LISTEN:8080,fork,reuseaddr",
        "SYSTEM:echo $SOCAT_PEERADDR; head -c 2000000 /dev/zero",
    ]
    with subprocess.Popen([*lab.inside("aws"), *listen]) as serving:
        try:
            ask = ["socat", "-u", f"TCP:{INSIDE}:8080,connect-timeout=5", "-"]
            until(lambda: lab.run("ansan-client", ask).returncode == 0, 20)
            came = lab.run("ansan-client", ask).stdout
        finally:
            serving.terminate()
    assert came.splitlines()[0] == "10.64.1.50"
    assert len(came) > 2_000_000
    until(lambda: carried(lab) > 2_000_000, 10)
    assert "0 received" in lab.run("aws", ["ping", "-n", "-c", "2", "-W", "1", "-I", INSIDE, "10.64.1.50"]).stdout


def test_the_acceptance_sees_both_tunnels_and_tells_one_that_is_down(standing: Bench, aws: Aws) -> None:
    plan = VerificationPlan(name="aws-tunnels", kind="aws_tunnels", parameters={}, when="always")
    with Session(standing.tunnel(GATEWAY), connect_deadline=8) as session:
        scene = cast("Scene", SimpleNamespace(box=session, live=SimpleNamespace(wants_stop=lambda: True)))
        row = aws_tunnels(scene, plan)
        assert (row.seen, row.ok) == ("tunnel 1 INSTALLED, tunnel 2 INSTALLED", True)
        aws.cut(2)
        until(lambda: states(standing).get(2) != "INSTALLED", FAILOVER_SECONDS)
        row = aws_tunnels(scene, plan)
        assert (row.seen, row.ok) == ("tunnel 1 INSTALLED, tunnel 2 DOWN", False)


def test_a_second_run_changes_nothing(standing: Bench) -> None:
    before = standing.fingerprint("ansan")
    assert site(standing) == ([], [])
    after = standing.fingerprint("ansan")
    lines = {name: set(before[name].splitlines()) ^ set(after[name].splitlines()) for name in before}
    assert {name: found for name, found in lines.items() if found} == {}


@pytest.mark.parametrize("number", PEERS)
def test_one_tunnel_alone_is_enough(standing: Bench, aws: Aws, number: int) -> None:
    """The one that is cut is the one that carries; the newest does."""
    if carrier(standing) != number:
        aws.cut(number)
        until(lambda: states(standing).get(number) != "INSTALLED", FAILOVER_SECONDS)
        aws.mend(number)
        until(lambda: both_stand(standing), RETURN_SECONDS)
    assert carrier(standing) == number
    pinging = lost_while(standing, 240)
    aws.cut(number)
    until(lambda: states(standing).get(number) != "INSTALLED", FAILOVER_SECONDS)
    reaches_again(standing.lab, FAILOVER_SECONDS)
    sent, lost = ended(pinging)
    print(f"tunnel {number} cut: {lost} of {sent} echoes lost, 5 a second")
    assert 0 < lost <= FAILOVER_SECONDS * 5, "it was cut, and the other took over"
    aws.mend(number)
    until(lambda: both_stand(standing), RETURN_SECONDS)
    reaches_again(standing.lab, FAILOVER_SECONDS)


def test_without_a_tunnel_nothing_leaves_in_the_clear(standing: Bench, aws: Aws) -> None:
    lab = standing.lab
    for number in PEERS:
        aws.cut(number)
    until(lambda: not {"INSTALLED"} & set(states(standing).values()), FAILOVER_SECONDS)
    watch = "add table ip seen; add chain ip seen in { type filter hook prerouting priority -300; }; "
    assert lab.run("ansan-router", ["nft", f"{watch} add rule ip seen in ip daddr {NETWORK} counter"]).returncode == 0
    try:
        assert not reaches(lab, 3)
        lab.root("ansan", f"ping -n -c 2 -W 1 {INSIDE}")
        assert "counter packets 0 " in lab.run("ansan-router", ["nft", "list", "table", "ip", "seen"]).stdout
    finally:
        lab.run("ansan-router", ["nft", "delete", "table", "ip", "seen"])


def lost_while(bench: Bench, seconds: float) -> "subprocess.Popen[str]":
    ping = ["ping", "-n", "-q", "-i", "0.2", "-W", "1", "-w", str(int(seconds)), INSIDE]
    argv = [*bench.lab.inside("ansan-client"), *ping]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)


def ended(pinging: "subprocess.Popen[str]") -> tuple[int, int]:
    """Sent, and lost."""
    pinging.send_signal(2)
    said = pinging.communicate(timeout=20)[0]
    sent, came = (int(one) for one in re.findall(r"(\d+) packets transmitted, (\d+) received", said)[0])
    return sent, sent - came


def test_a_wrong_key_fails_the_run_and_costs_no_line(standing: Bench, aws: Aws) -> None:
    reaches_again(standing.lab, 20)
    right = dict(standing.secrets)
    before = standing.fingerprint("ansan")["contents"]
    pinging = lost_while(standing, 240)
    try:
        standing.secrets = {**right, "vpn_key_1": "c3" * 16}
        failed = site(standing, commit_confirm_seconds=20)[1]
        assert "tunnel 1 cannot be made with the new settings and keys" in " ".join(failed)
        assert standing.reaches(GATEWAY), "the way by the hub has nothing to do with it"
        until(lambda: standing.fingerprint("ansan")["contents"] == before, 60)
        held = "test ! -e /var/lib/dure/commit/armed.json"
        until(lambda: standing.lab.root("ansan", held).returncode == 0, 60)
    finally:
        standing.secrets = right
        sent, lost = ended(pinging)
    print(f"wrong key: {lost} of {sent} echoes lost")
    assert sent > 50
    assert lost <= 10, "two seconds of it"
    assert both_stand(standing)
    assert site(standing) == ([], [])


@pytest.mark.long
def test_new_keys_at_both_ends_are_taken_up_while_the_traffic_goes_on(standing: Bench, aws: Aws) -> None:
    reaches_again(standing.lab, 20)
    aws.keys = {1: "d4" * 16, 2: "e5" * 16}
    aws.load()
    pinging = lost_while(standing, 240)
    standing.secrets = {f"vpn_key_{number}": key for number, key in aws.keys.items()}
    changed, failed = site(standing)
    sent, lost = ended(pinging)
    print(f"new keys: {lost} of {sent} echoes lost")
    assert failed == []
    assert changed == ["Tell that the keys are others", "Load what has changed"]
    assert lost <= 10
    until(lambda: both_stand(standing), RETURN_SECONDS)


def test_the_keys_are_seen_nowhere_but_in_their_file(standing: Bench, aws: Aws) -> None:
    for number, key in aws.keys.items():
        found = subprocess.run(
            ["grep", "-rlF", key, str(standing.directory)], capture_output=True, text=True, check=False
        )
        assert {Path(one).name for one in found.stdout.split()} <= {f"vpn_key_{number}"}
    for machine_place in ("/var/log", "/run", "/tmp"):
        said = standing.lab.root("ansan", f"grep -rlE '{'|'.join(aws.keys.values())}' {machine_place}").stdout
        assert said == "", machine_place


def test_the_tunnels_come_back_by_themselves_after_a_boot(standing: Bench) -> None:
    machine = standing.lab.machine("ansan")
    machine.stop()
    standing.lab.start_machines([machine])
    standing.lab.root("ansan", "ip address replace 192.168.0.1/24 dev eth1; ip link set eth1 up")
    until(lambda: both_stand(standing), RETURN_SECONDS)
    reaches_again(standing.lab, FAILOVER_SECONDS)


@pytest.mark.long
def test_a_site_that_gives_its_vpn_up_keeps_nothing_of_it(standing: Bench, aws: Aws) -> None:
    """Last: the module's lab has no tunnels afterwards; `standing` finds them again, since they are asked for again."""
    file = standing.root / "customers" / "hansol-plastics.yaml"
    with_it = file.read_text(encoding="utf-8")
    file.write_text(with_it.replace(f"      vpn: aws\n      vpn_address: {SITE}\n", ""), encoding="utf-8")
    assert "strongswan" not in plan_roles(standing.plan(GATEWAY))
    changed, failed = site(standing)
    assert failed == []
    assert {"End the tunnels", "Take the settings away", "Write the rules"} <= set(changed)
    left = "ls /etc/swanctl/conf.d/dure* /etc/nftables.d/vpn.nft /etc/dure/vpn.json /etc/strongswan.d/dure.conf"
    assert standing.lab.root("ansan", left).stdout == ""
    assert standing.lab.root("ansan", "systemctl is-active dure-vpn strongswan").stdout.split() == [
        "inactive",
        "inactive",
    ]
    assert "vpn" not in standing.lab.root("ansan", "nft list ruleset; ip rule").stdout
    assert standing.reaches(GATEWAY)
    assert site(standing) == ([], [])
    file.write_text(with_it, encoding="utf-8")
    assert site(standing)[1] == []


def plan_roles(plan: Plan) -> list[str]:
    return [one.name for one in plan.host.roles]
