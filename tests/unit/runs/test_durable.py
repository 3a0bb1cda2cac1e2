"""kill -9 in any step, and another process goes on: done steps are not done again, the rest is."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from dure.runs.cancel import cancel
from dure.runs.journal import events_of, steps_of

from tests.poll import until
from tests.unit.runs.conftest import Office, make_key

PROGRAM = Path(__file__).with_name("durable_program.py")
NAMES = ("one", "two", "three", "four", "five")


@dataclass
class Work:
    """The five-step run in a process, its log, and the step in which it waits."""

    office: Office
    log: Path

    def start(self, *, waits_in: str = "", again: bool = False) -> "subprocess.Popen[bytes]":
        self.log.with_suffix(".stop").write_text(waits_in)
        arguments = [str(self.office.root), str(self.log), *(["run-1"] if again else [])]
        return subprocess.Popen([sys.executable, str(PROGRAM), *arguments], stderr=subprocess.PIPE)

    def lines(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []

    def states(self) -> list[tuple[str, int]]:
        return [(step.state, step.attempts) for step in steps_of(self.office.minsu.store, "run-1")]


@pytest.fixture
def work(office: Office, tmp_path: Path) -> Work:
    return Work(office, tmp_path / "log")


def killed_in(work: Work, name: str) -> None:
    """Start the run and kill -9 its process in the middle of the step."""
    process = work.start(waits_in=name)
    until(lambda: f"begin {name}" in work.lines(), 60)
    process.kill()
    process.wait()


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.long] if name in ("two", "four") else []) for name in NAMES]
)
def test_a_killed_run_goes_on_where_it_stopped(work: Work, name: str) -> None:
    killed_in(work, name)
    before = work.lines()
    again = work.start(again=True)
    assert again.wait(90) == 0
    rest = NAMES[NAMES.index(name) :]
    assert work.lines()[len(before) :] == [
        *(line for one in rest for line in (f"begin {one}", f"end {one}")),
        "all one two three four five",
    ]
    assert work.states() == [("done", 2 if one == name else 1) for one in NAMES]


def test_a_step_that_was_done_and_not_written_down_is_repeated_and_none_before_it(
    work: Work, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold = tmp_path / "hold"
    hold.write_text("three")
    monkeypatch.setenv("DURE_HOLD", str(hold))
    process = work.start()
    directory = work.office.minsu.artifacts("run-1")
    until(lambda: any((event.kind, event.step) == ("held", "three") for event in events_of(directory)), 60)
    process.kill()
    process.wait()
    assert work.lines()[-1] == "end three"
    hold.unlink()
    assert work.start(again=True).wait(90) == 0
    assert [line for line in work.lines() if line.startswith("end")] == [
        f"end {one}" for one in ("one", "two", "three", "three", "four", "five")
    ]
    assert work.states() == [("done", 2 if one == "three" else 1) for one in NAMES]


def test_a_failed_run_goes_on_with_the_step_that_failed(work: Work) -> None:
    work.log.with_suffix(".fail").write_text("three")
    failing = work.start()
    assert failing.wait(90) != 0
    assert failing.stderr
    assert "step three failed, because three is not possible today. To mend: come again tomorrow; then operator" in (
        failing.stderr.read().decode()
    )
    work.log.with_suffix(".fail").unlink()
    assert work.start(again=True).wait(90) == 0
    assert [line for line in work.lines() if line.startswith("begin")] == [
        f"begin {one}" for one in ("one", "two", "three", "three", "four", "five")
    ]


def test_a_second_process_takes_nothing_from_a_living_one(work: Work) -> None:
    first = work.start(waits_in="two")
    until(lambda: "begin two" in work.lines(), 60)
    other = Work(work.office, work.log.with_name("other"))
    other.log.with_suffix(".stop").write_text("")
    launch = (
        "import sys; from pathlib import Path; from dure.model.local import LocalSettings\n"
        "from dure.runs.context import Context; from dure.runs.engine import Engine\n"
        "from dure.runs.holder import this_process; import threading\n"
        "e = Engine(Context(Path(sys.argv[1]), LocalSettings()), 'hansol-plastics/ansan', this_process('x', 'y'))\n"
        "threading.Event().wait(2.5); print(e.state('run-1')); e.stop()"
    )
    said = subprocess.run(
        [sys.executable, "-c", launch, str(work.office.root)], capture_output=True, text=True, timeout=90
    )
    assert said.stdout.strip() == "PENDING"
    assert work.lines() == ["begin one", "end one", "begin two"]
    work.log.with_suffix(".go").touch()
    assert first.wait(60) == 0
    assert work.lines().count("begin two") == 1


@pytest.fixture
def silent_hub(work: Work) -> Iterator[socket.socket]:
    """Takes connections and says nothing, as a machine whose line was cut; the run holds a lease on it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(60)
        (work.office.root / "known_hosts").write_text(f"hub {make_key(work.office.root / 'hub-key')}\n")
        work.log.with_suffix(".hub").write_text(str(listener.getsockname()[1]))
        yield listener


def test_after_a_cancel_nothing_new_is_started_although_a_machine_is_silent(
    work: Work, silent_hub: socket.socket
) -> None:
    process = work.start(waits_in="three")
    until(lambda: "begin three" in work.lines(), 60)
    _line, _ = silent_hub.accept()
    stops = cancel(work.office.jiwon, "run-1")
    asked = time.time()
    assert (stops.step, stops.where) == ("three", "in step three, at once")
    assert process.wait(30) != 0
    events = list(events_of(work.office.minsu.artifacts("run-1")))
    ended = next(event for event in events if (event.kind, event.step) == ("step-ended", "three"))
    assert ended.state == "cancelled"
    assert ended.at - asked < 5
    assert [event.step for event in events if event.kind == "step-started"] == ["one", "two", "three"]
    assert work.states() == [("done", 1), ("done", 1), ("cancelled", 1)]
