"""What every proof looks from and at."""

import json
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass

from dure.errors import DeadlineExceeded, DureError
from dure.fleet.result import CommandResult
from dure.fleet.session import Session
from dure.model.workspace import HUB
from dure.plan.value import Plan
from dure.runs.live import Live


@dataclass(frozen=True, slots=True)
class Vantage:
    """A place that programs run at: a command prefix on this workstation, or a machine over SSH."""

    name: str
    prefix: tuple[str, ...] = ()
    session: Session | None = None

    def run(
        self, argv: Sequence[str], *, input: bytes = b"", deadline: float = 60.0, sudo: bool = False
    ) -> CommandResult:
        """Run a program there; a program that is missing is a result with code 127."""
        if self.session is not None:
            return self.session.run(argv, input=input, deadline=deadline, sudo=sudo)
        started = time.monotonic()
        try:
            done = subprocess.run([*self.prefix, *argv], input=input, capture_output=True, timeout=deadline)
        except FileNotFoundError as error:
            return CommandResult(127, b"", str(error).encode(), time.monotonic() - started)
        except subprocess.TimeoutExpired as error:
            raise DeadlineExceeded(f"{argv[0]} did not end within {deadline:g} s", where=self.name) from error
        return CommandResult(done.returncode, done.stdout, done.stderr, time.monotonic() - started)

    def script(
        self, source: str, arguments: Sequence[str], *, input: bytes = b"", deadline: float = 60.0
    ) -> CommandResult:
        """Run Python source there with the system's own interpreter."""
        return self.run(["/usr/bin/python3", "-c", source, *arguments], input=input, deadline=deadline)


@dataclass(frozen=True, slots=True)
class Scene:
    """The site under proof."""

    live: Live
    plan: Plan
    full: bool

    @property
    def hub(self) -> Session:
        return self.live.hub()

    @property
    def box(self) -> Session:
        return self.live.box()

    @property
    def overlay_address(self) -> str:
        if self.plan.overlay is None:
            raise DureError("the plan gives the site no overlay", where=self.plan.site)
        return self.plan.overlay.address

    @property
    def lan_interface(self) -> str:
        interfaces = self.plan.host.interfaces
        return interfaces.get("lan") or interfaces["uplink"]

    def outside(self) -> Vantage:
        """The internet for a gateway, a LAN stranger for a box beside a router; the hub where there is neither."""
        settings = self.live.context.settings
        prefix = settings.outside_commands.get(self.plan.site, [])
        if not prefix and self.plan.host.topology != "beside":
            prefix = settings.outside_command
        if prefix:
            return Vantage("outside", tuple(prefix))
        return Vantage(HUB, session=self.hub)

    def lan(self) -> Vantage:
        """A machine of the LAN where this workstation can run programs on one, else the box itself."""
        prefix = self.live.context.settings.lan_commands.get(self.plan.site, [])
        return Vantage("lan", tuple(prefix)) if prefix else Vantage("box", session=self.box)

    def script(self, session: Session, source: str, request: object, deadline: float) -> dict[str, object]:
        """Run Python as root on a machine with a JSON request; its JSON answer. DureError when it fails."""
        result = session.script(source, input=json.dumps(request).encode(), deadline=deadline, sudo=True)
        if result.code != 0:
            raise DureError("a proof could not be made", where=session.route.alias, why=result.complaint)
        answer = json.loads(result.stdout)
        return answer if isinstance(answer, dict) else {"answer": answer}
