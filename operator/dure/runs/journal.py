"""Runs as people see them: states and steps in the store, everything said in the run's event file."""

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import JsonValue
from sqlalchemy import select

from dure.errors import UsageError
from dure.store.database import Store
from dure.store.tables import Run, Step

OPEN = "open"
ACTS = (
    *("restore", "vault rewind", "stacks unlock", "report send"),
    *("sla import", "import tickets", "import survey", "import usage", "import endpoints", "import benefit"),
)
"""Kinds of runs that are no state of their site: each begins and ends in one command (`runs/act.py`)."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a run; `kind` is run- or step-started or -ended, run-resumed, task, note or held."""

    at: float
    kind: str
    step: str
    text: str
    state: str = ""
    seconds: float | None = None


class Journal:
    """Writes one run's story: to the store, to events.jsonl, to whoever listens in this process."""

    def __init__(self, store: Store, run: str, directory: Path) -> None:
        self.store = store
        self.run = run
        self.file = directory / "events.jsonl"
        self.listeners: list[Callable[[Event], None]] = []
        self._lock = threading.Lock()

    def tell(self, kind: str, step: str, text: str, state: str = "", seconds: float | None = None) -> None:
        """Append one event. A full disk under the event file, or a reader that went away, does not end the run."""
        event = Event(time.time(), kind, step, text, state, seconds)
        line = json.dumps(event_json(event), ensure_ascii=False)
        with self._lock:
            with contextlib.suppress(OSError), self.file.open("a") as stream:
                stream.write(line + "\n")
            for listener in self.listeners:
                with contextlib.suppress(OSError):
                    listener(event)

    def step_started(self, name: str, position: int, host: str, stops_at: str) -> None:
        with self.store.transaction() as session:
            step = session.get(Step, (self.run, name))
            if step is None:
                step = Step(run=self.run, name=name, position=position, attempts=0)
                session.add(step)
            step.attempts += 1
            step.host, step.state, step.stops_at = host, "started", stops_at
            step.started_at, step.seconds, step.summary = datetime.now(UTC), None, ""
        self.tell("step-started", name, host)

    def step_ended(self, name: str, state: str, summary: str, seconds: float) -> None:
        with self.store.transaction() as session:
            step = session.get_one(Step, (self.run, name))
            step.state, step.summary, step.seconds = state, summary, seconds
        self.tell("step-ended", name, summary, state, seconds)

    def ended(self, state: str, error: str = "") -> None:
        with self.store.transaction() as session:
            run = session.get_one(Run, self.run)
            run.state, run.error, run.ended_at = state, error, datetime.now(UTC)
        self.tell("run-ended", "", error, state)

    def cancel_wanted(self) -> str:
        """Who asked for this run to stop; empty: nobody."""
        with self.store.transaction() as session:
            return session.get_one(Run, self.run).cancel_by


def notes_of(directory: Path, step: str) -> list[str]:
    """What was noted under the step, each once, in order."""
    told = [event.text for event in events_of(directory) if (event.kind, event.step) == ("note", step)]
    return list(dict.fromkeys(told))


def events_of(directory: Path) -> Iterator[Event]:
    """Everything that the run said, in order; a line that a kill left half written is passed over."""
    file = directory / "events.jsonl"
    for line in file.read_text(errors="replace").splitlines() if file.exists() else []:
        try:
            yield Event(**json.loads(line))
        except (ValueError, TypeError):
            continue


def create_run(store: Store, run: Run) -> None:
    with store.transaction() as session:
        session.add(run)


def find_run(store: Store, run: str) -> Run:
    """The run of that id or of the only id that starts so; UsageError otherwise."""
    with store.transaction() as session:
        exact = session.get(Run, run)
        if exact is not None:
            return exact
        near = list(session.scalars(select(Run).where(Run.id.startswith(run, autoescape=True)).limit(3)))
    if run and len(near) == 1:
        return near[0]
    raise UsageError(
        f'no run "{run}"' if not near else f'more than one run starts with "{run}"',
        why="the store of this workspace has none of that id" if not near else ", ".join(one.id for one in near),
        mend="operator runs list",
    )


def open_runs(store: Store, site: str) -> list[Run]:
    """Provision runs of the site that have not ended, newest first."""
    with store.transaction() as session:
        mine = (Run.site == site, Run.kind == "provision", Run.state == OPEN)
        query = select(Run).where(*mine).order_by(Run.started_at.desc())
        return list(session.scalars(query))


def list_runs(store: Store, site: str, limit: int) -> list[Run]:
    """Newest first; `site` empty: of all."""
    with store.transaction() as session:
        query = select(Run).order_by(Run.started_at.desc()).limit(limit)
        return list(session.scalars(query.where(Run.site == site) if site else query))


def steps_of(store: Store, run: str) -> list[Step]:
    with store.transaction() as session:
        return list(session.scalars(select(Step).where(Step.run == run).order_by(Step.position)))


def ask_to_cancel(store: Store, run: str, engineer: str) -> None:
    with store.transaction() as session:
        session.get_one(Run, run).cancel_by = engineer


def event_json(event: Event) -> dict[str, JsonValue]:
    """One event as its file and `--json` have it."""
    return dict(asdict(event))


def run_json(run: Run) -> dict[str, JsonValue]:
    """One run as `--json` shows it."""
    return {
        "id": run.id,
        "kind": run.kind,
        "site": run.site,
        "engineer": run.engineer,
        "reason": run.reason,
        "state": run.state,
        "plan_digest": run.plan_digest,
        "started_at": run.started_at.isoformat(timespec="seconds"),
        "ended_at": run.ended_at.isoformat(timespec="seconds") if run.ended_at else None,
        "error": run.error,
        "cancel_by": run.cancel_by,
    }


def step_json(step: Step) -> dict[str, JsonValue]:
    """One step as `--json` shows it."""
    return {
        "name": step.name,
        "host": step.host,
        "state": step.state,
        "attempts": step.attempts,
        "started_at": step.started_at.isoformat(timespec="milliseconds"),
        "seconds": step.seconds,
        "summary": step.summary,
    }
