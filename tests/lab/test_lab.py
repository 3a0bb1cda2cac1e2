"""The lab as its user sees it: machines that boot, reach what they may, and come back."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from dure.lab.faults import cut, mend
from dure.lab.instance import Lab
from dure.lab.netns import banner
from dure.lab.workspace import Prepared
from dure.model import validate
from dure.model.local import load_local_settings
from dure.secrets import SecretStore

from tests.lab.conftest import PROGRAM, Operator
from tests.poll import until

pytestmark = pytest.mark.lab


def through_proxy(lab: Lab, address: str, alias: str, command: str) -> subprocess.CompletedProcess[str]:
    """ssh from this host by the lab's ProxyCommand, the host key checked."""
    argv = [
        "ssh", "-F", "none", "-i", str(lab.key), "-o", f"UserKnownHostsFile={lab.directory}/known_hosts",
        "-o", "StrictHostKeyChecking=yes", "-o", f"HostKeyAlias={alias}", "-o", "BatchMode=yes",
        "-o", f"ProxyCommand={lab.proxy_command}", f"dure@{address}", command,
    ]  # fmt: skip
    return subprocess.run(argv, capture_output=True, text=True, timeout=30, check=False)


def answers(lab: Lab, place: str, address: str, seconds: int = 1) -> bool:
    """Whether `address` answers to a ping from a place of the lab."""
    return lab.run(place, ["ping", "-c1", f"-W{seconds}", address]).returncode == 0


def box_v6(lab: Lab) -> str:
    return next(address for address in lab.machine("ansan").addresses() if ":" in address)


# What is there


def test_status_names_machines_with_namespace_addresses_and_segments(lab: Lab) -> None:
    done = subprocess.run(
        [PROGRAM, "lab", "status", "--name", lab.name, "--json"], capture_output=True, text=True, check=True
    )
    status = json.loads(done.stdout)
    rows = {row["name"]: row for row in status["machines"]}
    assert status["up"] is True
    assert rows["hub"]["addresses"][0] == "203.0.113.10"
    assert rows["ansan"]["segments"] == ["ansan-up", "ansan-lan"]
    assert rows["seocho"]["namespace"] == f"{lab.name}-seocho"
    assert rows["seocho"]["host_key"].startswith("ssh-ed25519 AAAA")
    assert all(row["running"] for row in rows.values())


@pytest.mark.parametrize(
    ("address", "alias", "name"),
    [
        ("203.0.113.10", "hub", "hub"),
        ("172.30.1.10", "hansol-plastics/ansan", "ansan"),
        ("203.0.113.21", "hansol-plastics/ansan", "ansan"),
        ("192.168.0.10", "saehan-accounting/seocho", "seocho"),
        ("2001:db8:0:1::10", "hub", "hub"),
    ],
)
def test_the_proxy_command_reaches_each_machine_with_its_pinned_key(
    lab: Lab, address: str, alias: str, name: str
) -> None:
    done = through_proxy(lab, address, alias, "hostname; sudo id -u")
    assert done.stdout.split() == [name, "0"], done.stderr


def test_a_machine_with_another_host_key_is_refused(lab: Lab) -> None:
    done = through_proxy(lab, "192.168.0.10", "hansol-plastics/ansan", "true")
    assert done.returncode == 255
    assert "verification failed" in done.stderr


def test_every_machine_is_factory_fresh_and_healthy(lab: Lab) -> None:
    for name in lab.machines:
        until(lambda name=name: lab.root(name, "systemctl is-system-running").stdout.strip() == "running", 20)
        seen = lab.root(name, "cat /etc/hostname; command -v nft samba wg; ls /etc/ssh/ssh_host_*_key")
        assert seen.stdout.split() == [name, "/etc/ssh/ssh_host_ed25519_key"]


def test_a_machine_installs_packages_by_the_hosts_own_sources(lab: Lab) -> None:
    done = lab.ssh(
        "seocho", "sudo apt-get -qq update && sudo apt-get -qq install -y hello >/dev/null && hello", seconds=120
    )
    assert done.stdout.strip() == "Hello, world!", done.stderr


def test_a_machine_sets_its_own_network_but_not_the_hosts_kernel(lab: Lab) -> None:
    before = Path("/proc/sys/kernel/panic").read_text()
    assert lab.root("ansan", "sysctl -w net.ipv4.ip_forward=1 && test -c /dev/net/tun").returncode == 0
    assert lab.root("ansan", "sysctl -w kernel.panic=77").returncode != 0
    assert Path("/proc/sys/kernel/panic").read_text() == before
    assert lab.run("hub", ["cat", "/proc/sys/net/ipv4/ip_forward"]).stdout.strip() == "0"


# Who reaches whom


def test_the_internet_reaches_the_box_behind_the_modem_in_both_protocols(lab: Lab) -> None:
    assert banner(f"{lab.name}-outside", "203.0.113.21", 22).startswith(b"SSH-")
    assert banner(f"{lab.name}-outside", box_v6(lab), 22).startswith(b"SSH-")


def test_the_internet_does_not_reach_the_box_beside_a_router(lab: Lab) -> None:
    assert banner(f"{lab.name}-outside", "203.0.113.22", 22) == b""
    assert not answers(lab, "outside", "192.168.0.10")


def test_the_lans_are_apart_though_their_subnet_is_the_same(lab: Lab) -> None:
    assert answers(lab, "seocho-client", "192.168.0.10")
    assert answers(lab, "seocho-stranger", "192.168.0.10")
    assert not answers(lab, "ansan-client", "192.168.0.10")


@pytest.mark.parametrize("place", ["ansan", "seocho", "hub"])
def test_machines_reach_the_hub_and_the_aws_double_and_nothing_beyond_the_lab(lab: Lab, place: str) -> None:
    host = next(iter(subprocess.run(["hostname", "-I"], capture_output=True, text=True, check=True).stdout.split()), "")
    assert answers(lab, place, "203.0.113.10")
    assert lab.run(place, ["curl", "-sS", "-m5", "-o/dev/null", "http://203.0.113.2:5000/"]).returncode == 0
    assert not host or not answers(lab, place, host)
    assert not answers(lab, place, "192.88.99.1")


def test_a_switch_keeps_its_own_address_whatever_is_plugged_in(lab: Lab) -> None:
    """Else what its neighbours know of 203.0.113.2 would be wrong for half a minute after a machine's boot."""
    shown = ["ip", "-br", "link", "show", "br0"]
    before = lab.run("inet", shown).stdout
    plug = "link add low address 02:00:00:00:00:01 type veth peer name low1\nlink set low master br0 up\n"
    try:
        subprocess.run([*lab.inside("inet"), "ip", "-batch", "-"], input=plug, text=True, check=True, timeout=10)
        assert lab.run("inet", shown).stdout == before
    finally:
        lab.run("inet", ["ip", "link", "del", "low"])


def test_names_of_the_hub_resolve_and_others_fail_at_once(lab: Lab) -> None:
    assert lab.root("seocho", "getent hosts hub.hanbit-it.example").stdout.split()[0] == "203.0.113.10"
    assert lab.root("seocho", "timeout 2 getent hosts nowhere.example").returncode == 2


def test_commands_run_on_machines_and_in_segments(operator: Operator) -> None:
    inside = operator("lab", "exec", "hub", "--", "cat", "/etc/hostname")
    assert inside.stdout.strip() == "hub"
    switch = operator("lab", "exec", "inet", "--", "ip", "-br", "addr", "show", "br0")
    assert "203.0.113.2/24" in switch.stdout
    assert operator("lab", "ssh", "ansan", "--", "id", "-un").stdout.strip() == "dure"
    assert operator("lab", "exec", "outside", "--", "false", expect=1).returncode == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["exec", "nowhere", "--", "true"], "the lab has no `nowhere`. To mend: use one of inet"),
        (["ssh", "nowhere"], "the lab has no machine `nowhere`. To mend: use one of hub"),
        (["cut", "ansan", "water"], "`water` cannot be cut. To mend: use one of vpn, link, power"),
        (["cut", "busan", "link"], "the lab has no site `busan`. To mend: use one of hub"),
        (["exec", "--name", "absent", "hub", "--", "true"], "lab absent is not up. To mend: operator lab up"),
    ],
)
def test_what_does_not_exist_is_told_with_what_does(operator: Operator, arguments: list[str], message: str) -> None:
    done = operator("lab", *arguments, expect=2)
    assert done.stderr.startswith(f"error: {message}")
    assert "Traceback" not in done.stderr


# Faults


def test_a_cut_line_is_silent_until_it_is_mended(lab: Lab, operator: Operator) -> None:
    operator("lab", "cut", "hansol-plastics/ansan", "link")
    assert not answers(lab, "ansan", "203.0.113.10")
    assert answers(lab, "seocho", "203.0.113.10")
    operator("lab", "mend", "ansan", "link")
    until(lambda: answers(lab, "ansan", "203.0.113.10"), 10)


def test_a_cut_hub_line_leaves_the_sites_their_internet(lab: Lab) -> None:
    cut(lab, "hub", "link")
    assert not answers(lab, "ansan", "203.0.113.10")
    assert answers(lab, "ansan", "203.0.113.66")
    cut(lab, "hub", "power")
    mend(lab, "hub", "power")
    assert not answers(lab, "ansan", "203.0.113.10"), "a boot does not mend the line"
    mend(lab, "hub", "link")
    until(lambda: answers(lab, "ansan", "203.0.113.10"), 10)


def echoed(lab: Lab, place: str, port: int) -> bool:
    """Whether the hub's UDP echo on `port` answers to a place."""
    argv = ["socat", "-t1", "-T1", "-", f"UDP4:203.0.113.10:{port}"]
    command = [*lab.inside(place), *argv]
    done = subprocess.run(command, input=b"x", capture_output=True, timeout=10, check=False)
    return done.stdout == b"x"


@pytest.fixture
def hub_echo(lab: Lab) -> Iterator[None]:
    """A UDP echo on the hub's tunnel ports and one more."""
    # Each sender has a child of its own there, which nobody ends: it goes by itself when nothing comes any more.
    echoes = [
        subprocess.Popen([*lab.inside("hub"), "socat", "-T5", f"UDP4-LISTEN:{port},fork", "EXEC:cat"])
        for port in (51820, 443, 5353)
    ]
    until(lambda: all(echoed(lab, "seocho", port) for port in (51820, 443, 5353)), 10)
    yield
    for echo in echoes:
        echo.terminate()
        echo.wait(5)


def test_a_cut_vpn_drops_the_tunnel_of_that_site_and_nothing_else(lab: Lab, hub_echo: None) -> None:
    cut(lab, "ansan", "vpn")
    cut(lab, "ansan", "vpn")
    assert [port for port in (51820, 443, 5353) if echoed(lab, "ansan", port)] == [5353]
    assert echoed(lab, "seocho", 51820)
    mend(lab, "ansan", "vpn")
    assert echoed(lab, "ansan", 51820)


def test_a_machine_without_power_is_off_and_comes_back_with_its_files(lab: Lab) -> None:
    lab.root("seocho", "echo kept > /root/kept; sync")
    cut(lab, "seocho", "power")
    assert not lab.machine("seocho").running()
    assert not answers(lab, "seocho-client", "192.168.0.10")
    mend(lab, "seocho", "power")
    assert lab.root("seocho", "cat /root/kept").stdout == "kept\n"
    mend(lab, "seocho", "power")
    assert answers(lab, "seocho-client", "192.168.0.10"), "mending what runs cost it its cables"


def test_a_reboot_keeps_files_and_nothing_of_the_kernels_state(lab: Lab) -> None:
    boot = lab.root("hub", "echo kept > /root/kept; readlink /proc/1/ns/pid").stdout

    def booted_again() -> bool:
        machine = lab.machine("hub")
        return machine.ready() and lab.root("hub", "readlink /proc/1/ns/pid").stdout not in ("", boot)

    lab.run("hub", ["nft", "add", "table", "inet", "not_saved"])
    lab.ssh("hub", "sudo systemctl reboot")
    until(booted_again, 20)
    assert lab.root("hub", "cat /root/kept").stdout == "kept\n"
    assert lab.run("hub", ["nft", "list", "ruleset"]).stdout == "", "rules that nothing loads at boot are gone"


def test_a_full_disk_is_the_machines_own(lab: Lab) -> None:
    lab.fresh("seocho", disk_megabytes=48)
    done = lab.root("seocho", "dd if=/dev/zero of=/full bs=1M count=100")
    assert "No space left on device" in done.stderr
    lab.fresh("seocho")
    assert lab.root("seocho", "dd if=/dev/zero of=/full bs=1M count=100").returncode == 0


# Snapshots


def test_a_machine_goes_back_to_each_of_its_snapshots(lab: Lab) -> None:
    lab.root("ansan", "echo one > /root/state; mkdir /srv/one")
    lab.snapshot("ansan", "one")
    lab.root("ansan", "echo two > /root/state; rm -r /srv/one /usr/share/doc")
    lab.snapshot("ansan", "two")
    lab.root("ansan", "echo three > /root/state")
    look = "cat /root/state; ls -d /srv/one /usr/share/doc"
    lab.restore("ansan", "one")
    assert lab.root("ansan", look).stdout.split() == ["one", "/srv/one", "/usr/share/doc"]
    lab.restore("ansan", "two")
    assert lab.root("ansan", look).stdout.split() == ["two"]
    lab.fresh("ansan")
    assert lab.root("ansan", look).stdout.split() == ["/usr/share/doc"]


# The workspace


def test_a_prepared_workspace_is_valid_and_its_secrets_open(prepared: Prepared) -> None:
    assert validate(prepared.root) == []
    settings = load_local_settings(prepared.root)
    assert settings.engineer == "kim-minsu"
    assert settings.age_identity == prepared.identity
    store = SecretStore(prepared.root, ["unused"], prepared.identity)
    owners = {name.reference for owner in store.owners() for name in store.names(owner)}
    assert {"operator/pulumi_passphrase", "hansol-plastics/ansan/restic_password"} <= owners
    assert all(store.get(reference) for reference in owners)
    clean = subprocess.run(["git", "-C", prepared.root, "status", "--porcelain"], capture_output=True, check=True)
    assert clean.stdout == b""


def test_up_with_a_workspace_points_it_at_the_lab(lab: Lab, operator: Operator, workspace: Path) -> None:
    file = workspace / ".dure" / "local.yaml"
    before = file.read_text()
    file.unlink()
    operator("lab", "up", "--workspace", str(workspace))
    assert file.read_text() == before


# Hosts that cannot


def test_without_root_the_lab_says_so_in_one_line() -> None:
    argv = ["setpriv", "--reuid=65534", "--clear-groups", sys.executable, "-m", "dure.cli.main"]
    code = "import sys; sys.argv[1:] = ['lab', 'up', '--name', 'nobody']; from dure.cli.main import main; main()"
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2] / "operator"), "HOME": "/"}
    done = subprocess.run([*argv[:4], "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "as root" in done.stderr
    assert not Path("/var/lib/dure-lab/nobody").exists()
