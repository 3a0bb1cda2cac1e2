"""A second workstation without the stack's state is refused before it makes everything a second time."""

from pathlib import Path

import pytest
from dure import toolkit_path
from dure.errors import Refused
from dure.model import load_site
from dure.plan import resolve
from dure.runs import live as live_module
from dure.runs.addresses import hub_routes
from dure.runs.holder import this_process
from dure.runs.journal import Journal
from dure.runs.live import Live, Request
from dure.runs.provision import preview
from dure.runs.provision.prepare import applied_record
from dure.runs.remote_lease import ask

from tests.unit.runs.conftest import Office
from tests.unit.runs.machine import Machine
from tests.unit.runs.test_living_runs import Unattended

ANSAN = "hansol-plastics/ansan"
PLAN = resolve(load_site(Path(__file__).parents[3] / "examples" / "hanbit-it", ANSAN), toolkit_path())


class Unmade:
    """A stack of which no state lies here."""

    def outputs(self) -> dict[str, str]:
        return {}


class Made:
    def outputs(self) -> dict[str, str]:
        return {"bucket": "hanbit-it-hansol-plastics-ansan-1", "region": "ap-northeast-2"}


@pytest.fixture
def live(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Live:
    monkeypatch.setattr(live_module, "Session", lambda route, connect_deadline: Machine(tmp_path / "hub"))
    monkeypatch.setattr(preview, "check_machine", lambda *arguments: [])
    monkeypatch.setattr(preview, "preview_cloud", lambda *arguments: (["create Bucket vault"], [], None))
    monkeypatch.setattr(preview, "missing", lambda context, plan: [])
    journal = Journal(office.jiwon.store, "run-2", office.jiwon.artifacts("run-2"))
    holder = this_process("lee-jiwon", "run-2")
    live = Live(office.jiwon, "run-2", Request(site=ANSAN), holder, journal, Unattended(), lambda live: None)
    live.hub_route = hub_routes(office.jiwon)[0]
    live.keep_plan(PLAN)
    return live


def look(live: Live, stack: Made | Unmade, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(preview, "outputs_of", lambda live, plan: stack.outputs())
    return preview.look_ahead(live, PLAN, live.artifacts).cloud


def test_a_stack_that_a_colleague_made_is_not_made_again(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    record = applied_record(live, "").model_copy(update={"by": "kim-minsu", "at": "2026-11-22T04:55:00+00:00"})
    ask(live.hub(), ANSAN, "applied", applied=record.model_dump())
    with pytest.raises(Refused, match=r"no state of stack hansol-plastics\.ansan") as refused:
        look(live, Unmade(), monkeypatch)
    assert "kim-minsu brought it up at 2026-11-22T04:55:00+00:00" in refused.value.why
    assert "pulumi_backend: s3://BUCKET" in refused.value.mend
    assert look(live, Made(), monkeypatch) == ["create Bucket vault"]


def test_a_first_stack_and_one_that_the_blueprint_gains_later_are_made(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert look(live, Unmade(), monkeypatch) == ["create Bucket vault"]
    record = applied_record(live, "").model_copy(update={"stack": ""})
    ask(live.hub(), ANSAN, "applied", applied=record.model_dump())
    assert look(live, Unmade(), monkeypatch) == ["create Bucket vault"]
