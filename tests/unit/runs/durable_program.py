"""A run of five small steps in a process of its own, so that a test can kill it: WORKSPACE LOG [RUN to go on with].

Each step appends its name to LOG before and after it works; the middle of a step waits until LOG.go exists or the
test kills the process. Where LOG.hub holds a port, the run holds the lease of a hub that it reaches there.
"""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))
from dbos import DBOS
from dure.errors import DureError
from dure.fleet.route import Route
from dure.runs import live as live_module
from dure.runs.context import open_context
from dure.runs.engine import Engine
from dure.runs.holder import this_process
from dure.runs.journal import Journal, create_run
from dure.runs.live import Live, Outcome, Request
from dure.runs.provision.step import LIVES, Step, work
from dure.store.tables import Run

from tests.unit.runs.machine import Machine

WORKSPACE, LOG = Path(sys.argv[1]), Path(sys.argv[2])
NAMES = ("one", "two", "three", "four", "five")


def say(line: str) -> None:
    with LOG.open("a") as stream:
        stream.write(line + "\n")


def step(name: str) -> Step:
    def act(live: Live) -> Outcome:
        say(f"begin {name}")
        while not LOG.with_suffix(".go").exists() and LOG.with_suffix(".stop").read_text() == name:
            live.stop_if_wanted(name)
            time.sleep(0.02)
        if LOG.with_suffix(".fail").exists() and LOG.with_suffix(".fail").read_text() == name:
            raise DureError(f"{name} is not possible today", mend="come again tomorrow")
        say(f"end {name}")
        return Outcome(f"{name} is done", data={"from": name})

    return Step(name, act, "at once", leased=False)


STEPS = tuple(step(name) for name in NAMES)


@DBOS.workflow(name="five-steps")
def five_steps(run: str) -> None:
    work(run, STEPS)
    say("all " + " ".join(str(LIVES[run].data(name).get("from")) for name in NAMES))


class Nobody:
    def attach(self, live: Live) -> None: ...

    def event(self, event: object) -> None: ...

    def tick(self) -> None: ...

    def ask(self, text: str, cancelled: object) -> bool | None: ...


def main() -> None:
    context = open_context(WORKSPACE)
    holder = this_process("kim-minsu", "run-1")
    request = Request(site="hansol-plastics/ansan")
    if len(sys.argv) < 4:
        row = Run(
            id="run-1", kind="test", site=request.site, engineer="kim-minsu", reason="", request=request.model_dump(),
            plan_digest="", state="open", started_at=datetime.now(UTC), error="", cancel_by="", holder=holder.as_json(),
        )  # fmt: skip
        create_run(context.store, row)
    journal = Journal(context.store, "run-1", context.artifacts("run-1"))
    LIVES["run-1"] = live = Live(context, "run-1", request, holder, journal, Nobody(), lambda live: None)
    if LOG.with_suffix(".hub").exists():
        live_module.RENEW_SECONDS = 0.2
        live.hub_route = Route(
            "hub", "127.0.0.1", "root", context.known_hosts, int(LOG.with_suffix(".hub").read_text())
        )
        live.lease_machine(Machine(context.state / "hub"))
    live.start_beating()
    engine = Engine(context, request.site, holder)
    engine.work_off("run-1", five_steps, lambda: None)
    engine.stop()


main()
