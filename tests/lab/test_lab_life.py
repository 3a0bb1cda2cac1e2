"""The lab's coming and going: nothing stays, whatever happened in between."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from dure.lab import shared
from dure.lab.host import STATE_ROOT
from dure.lab.instance import Lab
from dure.lab.netns import NAMESPACES
from dure.lab.processes import hierarchies
from dure.lab.topology import row_topology

from tests.lab.beside import name_beside
from tests.lab.conftest import PROGRAM
from tests.poll import until

pytestmark = pytest.mark.lab


@dataclass(frozen=True)
class HostState:
    """What a lab makes on its host."""

    mounts: frozenset[str]
    namespaces: frozenset[str]
    links: frozenset[str]
    groups: frozenset[str]
    loops: frozenset[str]
    files: frozenset[str]
    processes: frozenset[str]
    limits: str


def lines(*argv: str) -> frozenset[str]:
    return frozenset(subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines())


def host_state(name: str) -> HostState:
    """Everything of the host that could be the lab's, other labs' left out."""
    marks = (f"/{name}/", f"dure-{name}", f"/{name}-")

    def own(texts: Iterable[str]) -> frozenset[str]:
        return frozenset(text for text in texts if any(mark in f"{text}/" for mark in marks))

    mounted = Path("/proc/self/mountinfo").read_text().splitlines()
    known = [str(path) for pattern in ("*", "users/*", "apt/users/*") for path in STATE_ROOT.glob(pattern)]
    return HostState(
        mounts=own(line.split()[4] for line in mounted),
        namespaces=own(str(path) for path in NAMESPACES.glob("*")),
        links=lines("ip", "-o", "-br", "link"),
        groups=own(str(path) for root in hierarchies() for path in root.glob("dure*")),
        loops=own(lines("losetup", "-a")),
        files=own(known),
        processes=own(living_processes()),
        limits=Path("/proc/sys/fs/inotify/max_user_instances").read_text(),
    )


def living_processes() -> Iterator[str]:
    """Number, arguments and groups of every process; without those that only wait for their parent to take note."""
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (directory / "cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
            group = (directory / "cgroup").read_text().replace("\n", " ")
            state = (directory / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state != "Z":
            yield f"{directory.name} {arguments} {group}"


@pytest.fixture
def other_lab(session_lab: Lab) -> Iterator[Lab]:
    """A second lab beside the session's, by a name of its own."""
    with name_beside(session_lab) as name:
        lab = Lab(name)
        lab.down()
        yield lab
        lab.down()


def test_the_lab_of_another_session_is_left_alone(session_lab: Lab) -> None:
    with name_beside(session_lab) as theirs, name_beside(session_lab) as ours:
        assert len({theirs, ours, session_lab.name}) == 3


def up_process(name: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [PROGRAM, "lab", "up", "--name", name], stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def test_a_second_lab_lives_beside_the_first_and_its_down_leaves_nothing_behind(
    session_lab: Lab, other_lab: Lab
) -> None:
    before = host_state(other_lab.name)
    other_lab.up()
    other_lab.root("hub", "echo other > /root/whose")
    assert session_lab.root("hub", "cat /root/whose").stdout == ""
    assert other_lab.ssh("ansan", "hostname").stdout.strip() == "ansan"
    other_lab.fresh("seocho", disk_megabytes=32)
    other_lab.snapshot("ansan", "kept")
    left_running = subprocess.Popen([*other_lab.inside("outside"), "sleep", "600"])
    during = host_state(other_lab.name)
    other_lab.down()
    assert left_running.wait(5) == -signal.SIGKILL
    assert len(during.mounts - before.mounts) >= 4
    assert len(during.namespaces - before.namespaces) == 13
    assert during.groups > before.groups
    assert during.loops != before.loops
    assert len(during.processes) > 10
    assert host_state(other_lab.name) == before
    assert session_lab.root("ansan", "hostname").stdout.strip() == "ansan"


@pytest.mark.parametrize("said", ["network and services", "booting"])
def test_a_lab_killed_while_it_comes_up_comes_up_again(other_lab: Lab, said: str) -> None:
    before = host_state(other_lab.name)
    process = up_process(other_lab.name)
    assert process.stderr is not None
    seen = next(line for line in process.stderr if said in line)
    os.kill(process.pid, signal.SIGKILL)
    process.wait(5)
    process.stderr.close()
    assert seen
    assert not other_lab.is_up()
    other_lab.up()
    assert other_lab.ssh("seocho", "hostname").stdout.strip() == "seocho"
    other_lab.down()
    assert host_state(other_lab.name) == before


def test_a_machine_that_died_is_started_by_the_next_up(session_lab: Lab) -> None:
    session_lab.machine("ansan").kill()
    done = subprocess.run(
        [PROGRAM, "lab", "up", "--name", session_lab.name, "--json"], capture_output=True, text=True, check=True
    )
    assert all(row["running"] for row in json.loads(done.stdout)["machines"])


def test_an_interrupted_up_cleans_up_after_itself(other_lab: Lab) -> None:
    before = host_state(other_lab.name)
    process = up_process(other_lab.name)
    assert process.stderr is not None
    next(line for line in process.stderr if "booting" in line)
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 130
    process.stderr.close()
    assert host_state(other_lab.name) == before


@pytest.mark.long
def test_a_base_tree_whose_making_was_killed_is_made_again(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    environment = {**os.environ, "DURE_CACHE": str(cache)}
    argv = [sys.executable, "-m", "dure.lab.base"]
    process = subprocess.Popen(argv, env=environment, stdout=subprocess.DEVNULL, start_new_session=True)
    until(lambda: list(cache.glob(".base-*/tree/var/lib/dpkg")), 120)
    os.kill(process.pid, signal.SIGKILL)
    process.wait(5)
    assert not list(cache.glob("base-*"))
    subprocess.run(argv, env=environment, stdout=subprocess.DEVNULL, check=True, timeout=400)
    (tree,) = cache.glob("base-*/tree")
    assert (tree / "etc/sudoers.d/dure").exists()
    assert not list(cache.glob(".base-*"))
    assert not any((root / "dure-lab-base").exists() for root in hierarchies())


def test_ten_machines_come_up_together(session_lab: Lab) -> None:
    with name_beside(session_lab) as beside:
        lab = Lab(beside, row_topology(beside, 10))
        lab.down()
        try:
            lab.up()
            assert all(lab.ssh(name, "hostname").stdout.strip() == name for name in lab.machines)
        finally:
            lab.down()


def test_the_last_lab_gives_the_kernels_limits_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = Path("/proc/sys/fs/inotify/max_queued_events")
    usual = limit.read_text()
    monkeypatch.setattr(shared, "LIMITS", {"fs/inotify/max_queued_events": int(usual) + 1})
    monkeypatch.setattr(shared, "STATE_ROOT", tmp_path / "state")
    monkeypatch.setattr(shared, "USERS", tmp_path / "state" / "users")
    monkeypatch.setattr(shared, "BEFORE", tmp_path / "state" / "before.json")
    monkeypatch.setattr(shared, "leave_apt_proxy", lambda _name: None)
    shared.join("one")
    shared.join("two")
    assert int(limit.read_text()) == int(usual) + 1
    shared.leave("one")
    assert int(limit.read_text()) == int(usual) + 1
    shared.leave("two")
    assert limit.read_text() == usual
    assert not (tmp_path / "state").exists()
