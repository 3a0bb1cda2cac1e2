"""The living side of a run: what this process holds while it works and a journal cannot keep."""

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pydantic import BaseModel, JsonValue

from dure.errors import Cancelled, DureError
from dure.fleet.route import Route
from dure.fleet.session import Session
from dure.model.workspace import HUB
from dure.plan.value import Plan
from dure.runs.context import Context
from dure.runs.holder import Holder
from dure.runs.journal import Event, Journal
from dure.runs.lease import LeaseTaken, LocalLease
from dure.runs.remote_lease import Applied, RemoteLease
from dure.runs.rounds import Rounds

RENEW_SECONDS = 20.0
CANCEL_SECONDS = 1.0
"""How often a run looks whether somebody asked it to stop."""
LAST_SECONDS = 5.0
"""Patience with a machine that does not answer while the run ends."""


class Request(BaseModel):
    """What was asked for; stored with the run, so that a resumed one does the same."""

    site: str
    fast: bool = False
    converge: bool = False
    prove_all: bool = False
    force: bool = False
    yes: bool = False
    reason: str = ""
    commit: str = ""
    """The workspace's commit when the run was asked for; empty outside of git."""


class Watcher(Protocol):
    """Whoever looks at the run in this process: the command line."""

    def attach(self, live: "Live") -> None:
        """The run begins in this process: from now on it can be cancelled through `live`."""
        ...

    def event(self, event: Event) -> None: ...

    def tick(self) -> None:
        """Called a few times a second while the run works."""
        ...

    def ask(self, text: str, cancelled: Callable[[], bool]) -> bool | None:
        """Show the text and ask for approval; None when nobody can be asked."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step hands to the journal: small plain values alone."""

    summary: str
    state: str = "done"
    data: dict[str, JsonValue] | None = None


class Live:
    """One run in this process."""

    def __init__(
        self,
        context: Context,
        run: str,
        request: Request,
        holder: Holder,
        journal: Journal,
        watcher: Watcher,
        take_hold: "Callable[[Live], None]",
    ) -> None:
        self.context = context
        self.run = run
        self.request = request
        self.site = request.site
        self.journal = journal
        self.watcher = watcher
        self.take_hold = take_hold
        self.holder = holder
        self.cancel = threading.Event()
        self.cancel_reason = ""
        self.results: dict[str, dict[str, JsonValue]] = {}
        self.step = ""
        self.local_lease = LocalLease(context.state / "leases", self.site, holder)
        self.remote_lease = RemoteLease(self.site, holder)
        self.box_route: Route | None = None
        self.hub_route: Route | None = None
        self.way = ""
        """How the site's machine is reached now: tunnel, first (way) or hub (the hub itself)."""
        self._sessions: dict[str, Session] = {}
        self._sessions_lock = threading.Lock()
        self._opening: dict[str, threading.Lock] = {}
        self._leased: set[str] = set()
        self._rounds = Rounds(lambda text: self.journal.tell("note", self.step, text))

    # -- facts ---------------------------------------------------------------------------------------------------

    @property
    def artifacts(self) -> Path:
        return self.context.artifacts(self.run)

    @property
    def plan(self) -> Plan:
        """The run's plan as written by its plan step, with the allocation after that."""
        file = self.artifacts / "plan.json"
        return Plan.model_validate_json(file.read_bytes())

    def keep_plan(self, plan: Plan) -> None:
        part = self.artifacts / "plan.part"
        part.write_bytes(plan.canonical_json())
        part.replace(self.artifacts / "plan.json")

    def data(self, step: str) -> dict[str, JsonValue]:
        """What an earlier step handed on."""
        return self.results.get(step, {})

    # -- cancel --------------------------------------------------------------------------------------------------

    def wants_stop(self) -> bool:
        return self.cancel.is_set()

    def request_cancel(self, reason: str) -> None:
        self.cancel_reason = self.cancel_reason or reason
        self.cancel.set()

    def stop_if_wanted(self, where: str) -> None:
        if self.cancel.is_set():
            raise Cancelled(f"stopped before {where}", where=self.site, why=self.cancel_reason)

    # -- sessions ------------------------------------------------------------------------------------------------

    def session(self, route: Route, deadline: float = 15.0) -> Session:
        """An open session of this run, opened anew when it broke."""
        name = f"{route.alias}|{route.address}|{route.user}"
        with self._sessions_lock:
            opening = self._opening.setdefault(name, threading.Lock())
        # A machine that is silent holds up those who ask for it, and nobody else.
        with opening:
            session = self._sessions.get(name)
            if session is None or not session.alive:
                self._drop(name)
                session = Session(route, connect_deadline=deadline)
                session.__enter__()
                with self._sessions_lock:
                    self._sessions[name] = session
            return session

    def hub(self) -> Session:
        if self.hub_route is None:
            raise DureError("the way to the hub is not known yet", where=HUB)
        return self.session(self.hub_route)

    def box(self) -> Session:
        """The machine that this site is about; for the hub's own run the hub."""
        route = self.hub_route if self.site == HUB else self.box_route
        if route is None:
            raise DureError("the way to the box is not known yet", where=self.site)
        return self.session(route)

    def forget_sessions(self, alias: str) -> None:
        """Close what is open to a machine, because its way or its network has changed."""
        for name in self._open_names():
            if name.startswith(alias + "|"):
                self._drop(name)

    def _open_names(self) -> list[str]:
        with self._sessions_lock:
            return list(self._sessions)

    def _drop(self, name: str) -> None:
        with self._sessions_lock:
            session = self._sessions.pop(name, None)
        if session is not None:
            with contextlib.suppress(Exception):
                session.__exit__(None, None, None)

    def hold(self) -> None:
        """Ways and leases, also in a process that took the run over after its lease step."""
        self.take_hold(self)

    # -- leases --------------------------------------------------------------------------------------------------

    def lease_machine(self, session: Session) -> Applied:
        """Take or renew the site's lease on that machine."""
        applied = self.remote_lease.take(session)
        self._leased.add(session.route.alias)
        return applied

    def start_beating(self) -> None:
        """Look for a cancel and renew the leases until `close`: a silent machine must not hold up the others."""
        self._rounds.start("looking for a cancel", CANCEL_SECONDS, self._look_for_cancel)
        self._rounds.start("renewing the lease on this workstation", RENEW_SECONDS, self._renew_local)
        self._rounds.start("renewing the lease on the hub", RENEW_SECONDS, lambda: self._renew_on(self.hub_route))
        self._rounds.start("renewing the lease on the box", RENEW_SECONDS, lambda: self._renew_on(self.box_route))

    def _look_for_cancel(self) -> None:
        wanted = self.journal.cancel_wanted()
        if wanted and not self.cancel.is_set():
            self.request_cancel(f"{wanted} asked for it")

    def _renew_local(self) -> None:
        if not self.local_lease.renew():
            self.request_cancel("another run took the lease on this workstation")

    def _renew_on(self, route: Route | None) -> None:
        """A machine that is out of reach for a while keeps our lease until its expiry."""
        if route is None or route.alias not in self._leased:
            return
        try:
            self.lease_machine(self.session(route))
        except LeaseTaken as error:
            self.request_cancel(error.line())

    def close(self) -> None:
        """Give leases back and close sessions; what cannot be reached expires by itself."""
        self._rounds.end(LAST_SECONDS)
        for route in (self.box_route, self.hub_route):
            if route is not None and route.alias in self._leased:
                with contextlib.suppress(DureError, OSError, EOFError):
                    self.remote_lease.release(self.session(route, LAST_SECONDS))
        self.close_sessions()
        self.local_lease.release()

    def close_sessions(self) -> None:
        for name in self._open_names():
            self._drop(name)
