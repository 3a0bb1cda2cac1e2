"""Two workstations with one store: a colleague's living run is never given up, a dead one is."""

from datetime import UTC, datetime

import pytest
from dure.model.workspace import HUB
from dure.runs.holder import Holder
from dure.runs.journal import find_run
from dure.runs.lease import TTL_SECONDS, LeaseTaken
from dure.runs.live import Live, Request
from dure.runs.provision import command
from dure.runs.remote_lease import RemoteLease, ask
from dure.store.tables import Run

from tests.unit.runs.conftest import Office
from tests.unit.runs.machine import Machine


class Unattended:
    """Nobody looks at the run."""

    def attach(self, live: Live) -> None: ...

    def event(self, event: object) -> None: ...

    def tick(self) -> None: ...

    def ask(self, text: str, cancelled: object) -> bool | None: ...


def provision_here(office: Office) -> None:
    command.provision(office.minsu, Request(site=HUB, yes=True), Unattended())


def test_a_colleagues_living_run_is_left_alone_and_named(office: Office, hub: Machine, theirs: Holder) -> None:
    RemoteLease(HUB, theirs).take(hub)
    with pytest.raises(LeaseTaken, match=r"run run-1 of lee-jiwon .* on another-laptop") as refused:
        provision_here(office)
    assert "operator runs cancel run-1" in refused.value.mend
    assert find_run(office.minsu.store, "run-1").state == "open"


def test_the_hub_tells_how_long_a_lease_still_holds(hub: Machine, theirs: Holder) -> None:
    RemoteLease(HUB, theirs).take(hub)
    left = ask(hub, HUB, "look")["left"]
    assert isinstance(left, float)
    assert TTL_SECONDS - 30 < left <= TTL_SECONDS


def test_a_colleagues_dead_run_is_closed_once_its_lease_has_ended(office: Office, hub: Machine, theirs: Holder) -> None:
    ask(hub, HUB, "take", holder=theirs.as_json(), ttl=-1)
    with pytest.raises(Exception, match="not enrolled"):  # the new run begins, and there is no machine in this test
        provision_here(office)
    assert find_run(office.minsu.store, "run-1").state == "closed"


def test_a_colleagues_run_that_has_just_begun_is_left_alone_before_it_holds_the_hubs_lease(
    office: Office, hub: Machine, theirs: Holder
) -> None:
    with office.minsu.store.transaction() as session:
        session.get_one(Run, "run-1").started_at = datetime.now(UTC)
    with pytest.raises(LeaseTaken, match="on another-laptop"):
        provision_here(office)
    assert find_run(office.minsu.store, "run-1").state == "open"
