"""What a scan does with addresses that its vantage has no way to; the programs that it runs there are stand-ins."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest
from dure.fleet.result import CommandResult
from dure.fleet.session import Session
from dure.model.workspace import HUB
from dure.plan.value import PortRule, VerificationPlan
from dure.runs.verify import scan
from dure.runs.verify.row import Seen
from dure.runs.verify.scene import Scene, Vantage

CONTROL = 50000
NMAP = f"""#!/bin/sh
cat <<'END'
<nmaprun><scaninfo protocol="tcp" services="1-65535"/><host><ports>
<port protocol="tcp" portid="{CONTROL}"><state state="open"/></port>
</ports></host><runstats><finished exit="success"/></runstats></nmaprun>
END
"""
IP = """#!/bin/sh
for last; do :; done
case " {routed} " in
  *" $last "*) echo '[{{"dst": "'$last'", "prefsrc": "192.0.2.66"}}]' ;;
  *) echo 'RTNETLINK answers: Network is unreachable' >&2; exit 2 ;;
esac
"""
V4, OVERLAY, PUBLIC, LOCAL = "192.0.2.21", "10.64.2.1", "2001:db8:21::10", "fd00:22::10"


@dataclass
class Machine:
    """Answers what the proof asks box and hub."""

    v6: list[str]

    def check(self, argv: Sequence[str], **_: object) -> CommandResult:
        answers = {
            "cat": b"the-key",
            "wg": f"the-key\t{V4}:51820\n".encode(),
            "ip": json.dumps([{"addr_info": [{"local": address} for address in self.v6]}]).encode(),
        }
        return CommandResult(0, answers[argv[0]], b"", 0.0)


@dataclass
class MachinePlan:
    topology: str
    lan_address: str = "192.168.0.10"
    interfaces: dict[str, str] = field(default_factory=lambda: {"uplink": "eth0"})
    ports: list[PortRule] = field(default_factory=list)


@dataclass
class SitePlan:
    host: MachinePlan
    site: str = "hansol-plastics/ansan"


@dataclass
class Stage:
    """As much of a Scene as a scan looks at."""

    vantage: Vantage
    plan: SitePlan
    box: Machine
    hub: Machine
    overlay_address: str = OVERLAY

    def outside(self) -> Vantage:
        return self.vantage


@contextmanager
def opened(_box: Session, vantage_addresses: list[str]) -> Iterator[int]:
    assert vantage_addresses
    yield CONTROL


def row(
    directory: Path, vantage: str, topology: str, v6: list[str], routed: list[str], monkeypatch: pytest.MonkeyPatch
) -> Seen:
    """The row of a TCP scan by a vantage that has a way to the `routed` addresses alone."""
    for name, source in (("nmap", NMAP), ("ip", IP.format(routed=" ".join(routed)))):
        (directory / name).write_text(source)
        (directory / name).chmod(0o755)
    monkeypatch.setattr(scan, "control_port", opened)
    place = Vantage(vantage, ("env", f"PATH={directory}:/usr/bin:/bin"))
    stage = Stage(place, SitePlan(MachinePlan(topology)), Machine(v6), Machine(v6))
    return scan.tcp(
        cast("Scene", stage), VerificationPlan(name="outside-tcp", kind="scan_tcp", parameters={}, when="proof")
    )


def test_an_address_that_the_vantage_has_no_way_to_is_told_and_does_not_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = row(tmp_path, "outside", "gateway", [PUBLIC], [V4], monkeypatch)
    assert seen.seen.endswith(f"{PUBLIC} not scanned: outside has no way to it")
    assert not seen.ok


def test_a_hub_without_ipv6_tells_what_it_could_not_scan_and_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = row(tmp_path, HUB, "gateway", [PUBLIC], [V4], monkeypatch)
    assert seen.seen == f"open: none and the control port / {PUBLIC} not scanned: hub has no way to it"
    assert seen.ok


def test_the_hub_has_no_way_to_what_a_foreign_router_lets_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = row(tmp_path, HUB, "beside", [PUBLIC, LOCAL], [OVERLAY, PUBLIC], monkeypatch)
    assert OVERLAY in seen.what
    assert seen.seen.endswith(f"/ {PUBLIC} not scanned: hub has no way to it")
    assert seen.ok


@pytest.mark.parametrize(
    ("topology", "v6", "routed"),
    [
        ("gateway", [PUBLIC], [V4, PUBLIC]),
        ("gateway", [LOCAL], [V4]),  # nobody on the internet has a way to it
        ("beside", [LOCAL], ["192.168.0.10", LOCAL]),
    ],
)
def test_addresses_that_are_reached_are_scanned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, topology: str, v6: list[str], routed: list[str]
) -> None:
    seen = row(tmp_path, "outside", topology, v6, routed, monkeypatch)
    assert all(address in seen.what for address in routed)
    assert "not scanned" not in seen.seen
    assert seen.ok


def test_a_stranger_on_the_lan_must_reach_the_boxs_local_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = row(tmp_path, "outside", "beside", [LOCAL], ["192.168.0.10"], monkeypatch)
    assert (LOCAL in seen.seen, seen.ok) == (True, False)


def test_a_hub_that_nobody_can_look_at_from_outside_says_so(tmp_path: Path) -> None:
    stage = Stage(Vantage(HUB), SitePlan(MachinePlan("hub"), HUB), Machine([]), Machine([]))
    one = VerificationPlan(name="outside-tcp", kind="scan_tcp", parameters={}, when="proof")
    assert "not scanned" in scan.tcp(cast("Scene", stage), one).seen
