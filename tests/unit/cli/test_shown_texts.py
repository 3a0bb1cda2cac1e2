"""What a run, a box or a colleague said reaches the terminal as text, and as nothing else."""

from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO

import pytest
from dure.cli.progress import Progress
from dure.cli.runs import show_run
from dure.runs.journal import Event, Journal, create_run
from dure.store.tables import Proof, Run
from rich.console import Console

from tests.unit.runs.conftest import Office, office

EVIL = "a\x1b[2J\x9bb\u202ec\n✔ verify      1.0 s  all is well"
SHOWN = r"a\x1b[2J\x9bb\u202ec\n✔ verify      1.0 s  all is well"
__all__ = ["office"]


@pytest.mark.parametrize(
    "said",
    [
        lambda progress: progress.event(Event(0, "step-ended", "converge", EVIL, "failed", 1.0)),
        lambda progress: progress.event(Event(0, "task", "converge", EVIL)),
    ],
)
def test_progress_shows_a_text_of_a_machine_on_its_line(
    said: Callable[[Progress], None], capsys: pytest.CaptureFixture[str]
) -> None:
    out = StringIO()
    progress = Progress(Console(file=out, width=200, force_terminal=True, color_system=None))
    progress.event(Event(0, "step-started", "converge", ""))
    said(progress)
    progress.console.print(progress._table())
    for shown in (out.getvalue(), capsys.readouterr().err):
        assert SHOWN in shown or not shown
        assert not {"\x1b", "\x9b", "\u202e"} & set(shown)
    assert SHOWN in out.getvalue()


@pytest.fixture
def told(office: Office) -> Office:
    """A run whose every free text is hostile."""
    store, at = office.minsu.store, datetime.now(UTC)
    row = Run(
        id="run-1", kind="provision", site="hub", engineer="kim-minsu", reason=EVIL, request={}, plan_digest="",
        state="failed", started_at=at, error=EVIL, cancel_by="", holder={},
    )  # fmt: skip
    create_run(store, row)
    journal = Journal(store, "run-1", office.minsu.artifacts("run-1"))
    journal.step_started("verify", 0, "hub", "")
    journal.step_ended("verify", "failed", EVIL, 1.0)
    journal.tell("note", "audit", EVIL)
    with store.transaction() as session:
        session.add(
            Proof(run="run-1", name="row", position=0, site="hub", what=EVIL, expected=EVIL, seen=EVIL, ok=False,
                  seconds=0.1, at=at)
        )  # fmt: skip
    return office


def test_a_run_is_shown_without_what_moves_the_cursor(told: Office, capsys: pytest.CaptureFixture[str]) -> None:
    show_run(told.minsu, "run-1", as_json=False, steps=True)
    shown = capsys.readouterr()
    assert not {"\x1b", "\x9b", "\u202e"} & set(shown.out + shown.err)
    assert shown.out.count(SHOWN) == 2  # the step's and the run's own
    assert f"note: {SHOWN}" in shown.err
    assert not any(line.startswith("✔ verify") for line in shown.out.splitlines())
