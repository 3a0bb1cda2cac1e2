"""Workers and the template that they are copies of, with an engine that only tells its environment and then waits."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from dure import toolkit_path
from dure.cloud import conversation
from dure.cloud import workers as workers_module
from dure.cloud.conversation import Listener, converse
from dure.cloud.process_group import members
from dure.cloud.request import Request
from dure.cloud.workers import Worker, Workers
from dure.errors import DureError

from tests.contract.cloud.test_faults import alive, children, workers
from tests.poll import until

BEAT = 0.2
ENGINE = """#!/bin/sh
env > "$SEEN.draft" && mv "$SEEN.draft" "$SEEN"
read _ < "$GATE"
echo "error: $SECRET was let through" >&2
exit 1
"""
"""Stands at the gate until somebody opens it."""


class Operation:
    """One preview in the background: its engine has told its environment, and stands at its gate."""

    def __init__(self, source: Workers, place: Path, name: str) -> None:
        self._place = place / name
        (self._place / "bin").mkdir(parents=True)
        (self._place / "bin" / "pulumi").write_text(ENGINE)
        (self._place / "bin" / "pulumi").chmod(0o700)
        os.mkfifo(self._gate)
        self.ended: list[DureError] = []
        self.cancel = threading.Event()
        before = set(workers(os.getpid()))
        self._thread = threading.Thread(target=self._run, args=(source, name))
        self._thread.start()
        until(self._seen.exists, 30)
        (self.worker,) = set(workers(os.getpid())) - before
        self.template = int(Path(f"/proc/{self.worker}/stat").read_text().rpartition(")")[2].split()[1])

    @property
    def _gate(self) -> Path:
        return self._place / "gate"

    @property
    def _seen(self) -> Path:
        return self._place / "seen"

    def _run(self, source: Workers, name: str) -> None:
        environment = {
            "PATH": f"{self._place / 'bin'}:{os.defpath}",
            "SEEN": str(self._seen),
            "GATE": str(self._gate),
            "SECRET": f"secret-of-{name}",
            f"ONLY_{name}": "here",
        }
        request = Request(
            verb="preview",
            stack=name,
            program_directory=str(toolkit_path() / "stacks"),
            work_directory=str(self._place / "work"),
            configuration={},
            region="ap-northeast-2",
            lock_seconds=1,
            beat_seconds=BEAT,
        )
        try:
            converse(source, request, environment, Listener(lambda _: None, self.cancel.is_set, lambda _: None))
        except DureError as error:
            self.ended.append(error)

    @property
    def environment(self) -> dict[str, str]:
        return dict(line.split("=", 1) for line in self._seen.read_text().splitlines() if "=" in line)

    def end(self) -> str:
        """Let the engine go on, if it still stands there, and tell how the operation ended."""
        if alive(self.worker):
            self._gate.write_text("go\n")
        self._thread.join(30)
        return self.ended[0].line()


@pytest.fixture
def source() -> Iterator[Workers]:
    made = Workers()
    yield made
    made.close()


def test_two_at_once_do_not_see_each_others_environment_nor_ours(
    source: Workers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OF_THE_OPERATOR", "alone")
    left, right = Operation(source, tmp_path, "left"), Operation(source, tmp_path, "right")
    assert left.environment["SECRET"] == "secret-of-left"
    assert right.environment["SECRET"] == "secret-of-right"
    assert "ONLY_right" not in left.environment
    assert not {"ONLY_left", "OF_THE_OPERATOR"} & right.environment.keys()
    for pid in (left.template, left.worker, right.worker):
        assert b"secret-of" not in Path(f"/proc/{pid}/environ").read_bytes()
    assert os.getpgid(left.worker) == left.worker != os.getpgid(right.worker)
    assert "secret-of-left was let through" in left.end()
    assert "secret-of-right was let through" in right.end()


def threads(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def test_the_template_has_one_thread_and_imports_what_workers_had_to(source: Workers, tmp_path: Path) -> None:
    source.learn(["pulumi_aws.sqs", "pulumi_aws.no_such_part"])
    first, second = Operation(source, tmp_path, "first"), Operation(source, tmp_path, "second")
    assert first.template == second.template
    assert threads(first.template) == 1
    assert threads(first.worker) > 1, "its own begin in the copy"
    assert first.end()
    assert second.end()
    assert threads(first.template) == 1


def test_a_killed_template_takes_no_worker_with_it_and_is_started_anew(source: Workers, tmp_path: Path) -> None:
    under_way = Operation(source, tmp_path, "under-way")
    killed = under_way.template
    os.kill(killed, signal.SIGKILL)
    until(lambda: not alive(killed), 10)
    later = Operation(source, tmp_path, "later")
    assert later.template != killed
    assert "secret-of-under-way was let through" in under_way.end()
    assert "secret-of-later was let through" in later.end()


def test_a_killed_worker_is_told_and_the_others_go_on(source: Workers, tmp_path: Path) -> None:
    doomed, other = Operation(source, tmp_path, "doomed"), Operation(source, tmp_path, "other")
    os.killpg(doomed.worker, signal.SIGKILL)
    assert "its process was killed" in doomed.end()
    assert "secret-of-other was let through" in other.end()
    later = Operation(source, tmp_path, "later")
    assert later.template == other.template
    assert later.end()


def test_a_frozen_template_is_replaced(source: Workers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "START", 6.0)
    under_way = Operation(source, tmp_path, "under-way")
    frozen = under_way.template
    os.kill(frozen, signal.SIGSTOP)
    later = Operation(source, tmp_path, "later")
    assert later.template != frozen
    assert not alive(frozen)
    assert "secret-of-later was let through" in later.end()
    assert "secret-of-under-way was let through" in under_way.end()


def test_a_frozen_worker_is_killed_when_it_does_not_stop(
    source: Workers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "PATIENCE", 1.0)
    frozen = Operation(source, tmp_path, "frozen")
    os.kill(frozen.worker, signal.SIGSTOP)
    frozen.cancel.set()
    until(lambda: not alive(frozen.worker), 20)
    assert "preview of stack frozen was killed, because it was to stop, and did not" in frozen.end()
    later = Operation(source, tmp_path, "later")
    assert later.end()


def engine_of(operation: Operation) -> int:
    (found,) = members(operation.worker).keys() - {operation.worker}
    return found


def the_worker(operation: Operation) -> int:
    return operation.worker


@pytest.mark.parametrize("whom", [the_worker, engine_of])
def test_what_is_frozen_and_nobody_stops_is_killed_and_told(
    whom: Callable[[Operation], int], source: Workers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "SILENCE", 3.0)
    frozen, other = Operation(source, tmp_path, "frozen"), Operation(source, tmp_path, "other")
    engine = engine_of(frozen)
    os.kill(whom(frozen), signal.SIGSTOP)
    until(lambda: not alive(frozen.worker) and not alive(engine), 20)
    said = frozen.end()
    assert "its process or its engine was frozen, without a sign of life for 3 s" in said
    assert "give the same command again" in said
    assert "secret-of-other was let through" in other.end(), "it waited as long, and is not frozen"


def test_an_engine_that_waits_without_a_word_is_not_taken_for_frozen(
    source: Workers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "SILENCE", 1.5)
    heard: list[bytes | None] = []
    hear = Worker.hear

    def hearing(worker: Worker, seconds: float) -> bytes | None:
        heard.append(hear(worker, seconds))
        return heard[-1]

    monkeypatch.setattr(Worker, "hear", hearing)
    quiet = Operation(source, tmp_path, "quiet")
    until(lambda: len([one for one in heard if one == b'{"alive": true}\n']) * BEAT > 3 * conversation.SILENCE, 60)
    assert set(heard[1:]) == {b'{"alive": true}\n'}, "it says nothing else"
    assert "secret-of-quiet was let through" in quiet.end()


def test_closing_ends_a_frozen_template_too(source: Workers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers_module, "ENDING", 1.0)
    only = Operation(source, tmp_path, "only")
    assert only.end()
    os.kill(only.template, signal.SIGSTOP)
    source.close()
    assert not alive(only.template)


STARTER = """
import sys, time
from pathlib import Path
from dure.cloud.workers import Workers
from tests.contract.cloud.test_workers import Operation
operation = Operation(Workers(), Path(sys.argv[1]), "orphan")
print(operation.worker, flush=True)
sys.stdin.read()
"""


def test_template_and_worker_end_with_a_killed_operator(tmp_path: Path) -> None:
    command = [sys.executable, "-c", STARTER, str(tmp_path)]
    operator = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with operator:
        assert operator.stdout is not None
        worker = int(operator.stdout.readline())
        (own,) = children(operator.pid, "dure.cloud.template")
        operator.kill()
        until(lambda: not alive(own) and not alive(worker), 30)


def test_closing_ends_the_template(source: Workers, tmp_path: Path) -> None:
    only = Operation(source, tmp_path, "only")
    assert only.end()
    source.close()
    assert not alive(only.template)
