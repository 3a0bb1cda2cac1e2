"""What the watch of the tunnels to AWS reads of strongSwan, and where it leads the route."""

import importlib.machinery
import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from dure.runs.verify.aws_tunnels import tunnel_states

WATCH = Path(__file__).parents[3] / "playbooks" / "roles" / "strongswan" / "files" / "vpn-watch"
SAID = (
    "list-sa event {dure-aws1 {uniqueid=7 version=2 state=ESTABLISHED local-host=172.30.1.10 local-port=4500 "
    "nat-any=yes tasks-passive=[] remote-vips=[10.0.0.1 10.0.0.2] child-sas {aws1-3 {name=aws1 uniqueid=3 reqid=1 "
    "state=REKEYED mode=TUNNEL bytes-in=1 local-ts=[10.64.1.0/24]} aws1-4 {name=aws1 uniqueid=4 reqid=1 "
    "state=INSTALLED mode=TUNNEL bytes-in=84 bytes-out=168 local-ts=[10.64.1.0/24]}}}}\n"
    "list-sa event {dure-aws2 {uniqueid=9 version=2 state=CONNECTING tasks-active=[IKE_INIT IKE_AUTH] child-sas {}}}\n"
    "list-sas reply {}\n"
)


@pytest.fixture(scope="module")
def watch() -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("vpn_watch", str(WATCH))
    spec = importlib.util.spec_from_loader("vpn_watch", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def test_associations_are_read_with_their_children(watch: Any) -> None:
    first, second = watch.associations(SAID)
    assert (first["name"], first["uniqueid"], first["state"]) == ("dure-aws1", "7", "ESTABLISHED")
    assert [one["uniqueid"] for one in first["children"]] == ["3", "4"]
    assert (second["state"], second["children"]) == ("CONNECTING", [])
    assert watch.associations("list-sas reply {}\n") == []


def test_a_tunnel_is_told_by_the_child_that_carries_its_traffic(watch: Any) -> None:
    sas = watch.associations(SAID)
    assert watch.described(sas, 1) == {"number": 1, "state": "INSTALLED", "bytes_in": 84, "bytes_out": 168}
    assert watch.described(sas, 2)["state"] == "CONNECTING"
    assert watch.described([], 2)["state"] == "DOWN"
    assert watch.child_of(sas, 2) is None


def test_the_acceptance_reads_the_same(watch: Any) -> None:
    assert tunnel_states(SAID) == {1: "INSTALLED"}
    assert tunnel_states("list-sas reply {}\n") == {}


class Told:
    """Stands for the machine: keeps the commands, answers nothing."""

    def __init__(self) -> None:
        self.commands: list[str] = []

    def __call__(self, *command: str, seconds: int = 30) -> str:
        self.commands.append(" ".join(command))
        return ""


@pytest.fixture
def told(watch: Any, monkeypatch: pytest.MonkeyPatch) -> Told:
    found = Told()
    monkeypatch.setattr(watch, "must", found)
    monkeypatch.setattr(watch, "run", found)
    return found


def settings(kernel: str) -> dict[str, Any]:
    return {
        "kernel": kernel,
        "table": 251,
        "network": "10.128.0.0/20",
        "uplink": "eth0",
        "address": "10.64.1.1",
        "tunnels": [1, 2],
    }


def test_the_route_stays_with_a_tunnel_that_stands_and_moves_from_one_that_fell(watch: Any, told: Told) -> None:
    ways = watch.Ways(settings("xfrm"))
    for standing in ([1], [1, 2], [2], [2, 1], []):
        ways.lead(standing)
    assert told.commands == [
        "ip route replace 10.128.0.0/20 dev vpn1 src 10.64.1.1 table 251",
        "ip route replace 10.128.0.0/20 dev vpn2 src 10.64.1.1 table 251",
        "ip route del 10.128.0.0/20 dev vpn2 table 251",
    ]
    assert ways.via is None


def test_where_strongswan_encrypts_by_itself_it_sets_its_own_route(watch: Any, told: Told) -> None:
    ways = watch.Ways(settings("libipsec"))
    ways.lead([2])
    assert (told.commands, ways.via) == ([], None)
