"""A machine that answers nothing any more holds up neither a cancel nor the leases of the others."""

import errno
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from dure.errors import DureError
from dure.fleet.result import CommandResult
from dure.fleet.route import Route
from dure.fleet.session import Session
from dure.runs import live as live_module
from dure.runs.cancel import cancel
from dure.runs.holder import this_process
from dure.runs.journal import Journal, create_run, events_of
from dure.runs.live import Live, Request
from dure.runs.remote_lease import ask
from dure.store.tables import Run

from tests.poll import until
from tests.unit.runs.conftest import Office
from tests.unit.runs.machine import Machine
from tests.unit.runs.test_living_runs import Unattended

SITE = "hansol-plastics/ansan"
ROUND = 0.1


class Line:
    """The way to both machines: `hub` falls silent until `mended` is set, the box answers."""

    def __init__(self, root: Path) -> None:
        self.mended = threading.Event()
        self.tried = threading.Event()
        self.box = Machine(root, SITE)

    def session(self, route: Route, connect_deadline: float = 15.0) -> Session:
        if route.alias == "hub":
            self.tried.set()
            self.mended.wait(connect_deadline)
            raise DureError("nothing answered in time", where="hub")
        return self.box


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Line:
    line = Line(tmp_path / "box")
    monkeypatch.setattr(live_module, "Session", line.session)
    monkeypatch.setattr(live_module, "RENEW_SECONDS", ROUND)
    return line


@pytest.fixture
def live(office: Office, line: Line, tmp_path: Path) -> Live:
    """A run that holds the leases of hub and box; then the line to the hub is cut."""
    holder = this_process("kim-minsu", "run-1")
    request = Request(site=SITE)
    create_run(
        office.minsu.store,
        Run(
            id="run-1", kind="provision", site=SITE, engineer="kim-minsu", reason="", request=request.model_dump(),
            plan_digest="", state="open", started_at=datetime.now(UTC), error="", cancel_by="",
            holder=holder.as_json(),
        ),
    )  # fmt: skip
    journal = Journal(office.minsu.store, "run-1", office.minsu.artifacts("run-1"))
    live = Live(office.minsu, "run-1", request, holder, journal, Unattended(), lambda live: None)
    live.local_lease.take()
    live.lease_machine(Machine(tmp_path / "hub"))
    live.lease_machine(line.box)
    live.hub_route = Route("hub", "203.0.113.10", "kim-minsu", office.minsu.known_hosts)
    live.box_route = Route(SITE, "10.64.1.1", "kim-minsu", office.minsu.known_hosts)
    return live


def renewed_on_the_box(line: Line) -> float:
    left = ask(line.box, SITE, "look")["left"]
    assert isinstance(left, float)
    return left


def test_a_cancel_is_seen_within_5_s_while_the_hub_is_silent(live: Live, line: Line, office: Office) -> None:
    live.start_beating()
    assert line.tried.wait(5)
    stops = cancel(office.jiwon, "run-1")
    assert stops.where == "before its next step"
    until(live.wants_stop, 5)
    assert live.cancel_reason == "lee-jiwon asked for it"
    line.mended.set()
    live.close()


def test_the_boxs_lease_is_renewed_and_the_box_reached_while_the_hub_is_silent(live: Live, line: Line) -> None:
    ask(line.box, SITE, "take", holder=live.holder.as_json(), ttl=10)
    live.start_beating()
    assert line.tried.wait(5)
    until(lambda: renewed_on_the_box(line) > 60, 5)
    opened = threading.Event()
    threading.Thread(target=lambda: (live.box(), opened.set()), daemon=True).start()
    assert opened.wait(2)
    line.mended.set()
    live.close()


@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "No space left on device"), ValueError("half an answer")])
def test_a_renewal_that_fails_is_noted_once_and_the_next_one_comes(
    live: Live, line: Line, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    rounds: list[int] = []
    renew = live.local_lease.renew

    def failing_thrice() -> bool:
        rounds.append(1)
        if len(rounds) <= 3:
            raise failure
        return renew()

    monkeypatch.setattr(live.local_lease, "renew", failing_thrice)
    live.start_beating()
    until(lambda: len(rounds) > 4, 5)
    line.mended.set()
    live.close()
    notes = [event.text for event in events_of(live.artifacts) if event.kind == "note"]
    assert [note for note in notes if "this workstation" in note] == [
        f"renewing the lease on this workstation failed: {failure}"
    ]
    assert not live.wants_stop()


def test_an_answer_of_another_program_is_an_error_that_says_so(tmp_path: Path) -> None:
    class Talkative(Machine):
        def script(self, *arguments: object, **more: object) -> CommandResult:
            return CommandResult(0, b"Welcome to Debian!\n", b"", 0.1)

    with pytest.raises(DureError, match="Welcome to Debian!"):
        ask(Talkative(tmp_path), SITE, "look")
