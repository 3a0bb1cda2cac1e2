"""A step of a durable run: journalled before and after its side effect, and safe to repeat."""

import contextlib
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pydantic import JsonValue

from dure.errors import Cancelled, DureError
from dure.runs.live import Live, Outcome
from dure.runs.provision.hold import hold_at_end
from dure.runs.slots import Slots

LIVES: dict[str, Live] = {}
"""Runs that this process works on: a workflow finds the living side of its run here."""


STOP_LAGS = 0.5
"""Seconds: Ctrl-C reaches a step's own processes too, and that they died may be known before that we are to stop."""


@dataclass(frozen=True, slots=True)
class Step:
    """`name` is its id for all time; `stops_at` says where a cancel takes hold within it."""

    name: str
    act: Callable[[Live], Outcome]
    stops_at: str
    leased: bool = True
    """False for steps that come before the machines' leases."""
    busy: bool = False
    """It keeps this workstation's processors at work: only so many runs are in such a step at once."""


class StepFailed(DureError):
    """A step could not do its work: which, on which host, why, and what to do next."""

    def __init__(self, what: str, *, why: str = "", mend: str = "", where: str = "", exit_code: int = 1) -> None:
        super().__init__(what, why=why, mend=mend, where=where)
        self.exit_code = exit_code


def work(run: str, steps: tuple[Step, ...]) -> None:
    """The body of a workflow: every step through DBOS, so that a done one is never done again."""
    from dbos import DBOS

    live = LIVES[run]
    for position, step in enumerate(steps):
        known = DBOS.run_step({"name": step.name}, execute, run, position, step)
        live.results[step.name] = known
    live.step = ""


def execute(run: str, position: int, step: Step) -> dict[str, JsonValue]:
    """Work one step off and tell the journal. Raises Cancelled or StepFailed."""
    live = LIVES[run]
    live.stop_if_wanted(f"step {step.name}")
    live.step = step.name
    live.journal.step_started(step.name, position, live.site, step.stops_at)
    started = time.monotonic()
    try:
        if step.leased:
            live.hold()
        with _slot(live, step):
            started = time.monotonic()
            outcome = step.act(live)
            hold_at_end(live, step.name)
    except BaseException as error:
        seconds = time.monotonic() - started
        failure = _as_failure(live, step, error)
        live.journal.step_ended(step.name, _state_of(failure), failure.line(), seconds)
        if failure is error:
            raise
        raise failure from error
    live.journal.step_ended(step.name, outcome.state, outcome.summary, time.monotonic() - started)
    return {"state": outcome.state, "summary": outcome.summary, **(outcome.data or {})}


@contextlib.contextmanager
def _slot(live: Live, step: Step) -> Iterator[None]:
    """For a busy step, a place among this workstation's runs. Raises Cancelled when asked to stop while it waits."""
    if not step.busy:
        yield
        return
    slots = Slots(live.context.state / "slots", live.context.settings.parallel_runs)
    with slots.held(lambda text: live.journal.tell("note", step.name, text), live.cancel):
        live.stop_if_wanted(f"step {step.name}")
        yield


def _state_of(failure: DureError) -> str:
    return "cancelled" if isinstance(failure, Cancelled) else "failed"


def _as_failure(live: Live, step: Step, error: BaseException) -> DureError:
    """Every end of a step as a DureError with step, host, cause and next command."""
    if isinstance(error, Cancelled):
        return error
    if live.cancel.wait(STOP_LAGS):
        return Cancelled(f"stopped in step {step.name}", where=live.site, why=live.cancel_reason)
    again = f"operator provision {live.site}"
    if isinstance(error, DureError):
        mend = f"{error.mend}; then {again}" if error.mend and again not in error.mend else error.mend or again
        why = f"{error.what}: {error.why}" if error.why else error.what
        return StepFailed(
            f"step {step.name} failed",
            where=error.where or live.site,
            why=why,
            mend=mend,
            exit_code=error.exit_code,
        )
    trace = live.artifacts / f"{step.name}.trace"
    trace.write_text("".join(traceback.format_exception(error)))
    return StepFailed(
        f"step {step.name} failed",
        where=live.site,
        why=f"{type(error).__name__}: {str(error)[:300]}",
        mend=f"{again}; if it fails again, {trace} tells where in the program",
    )
