"""Who works where: the workspace, this workstation's settings, the engineer and the store."""

import getpass
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from dure.errors import Refused, UsageError
from dure.model.local import LocalSettings, load_local_settings, state_directory
from dure.runs.promise import clock
from dure.store.database import Store, store_at

if TYPE_CHECKING:
    from dure.cloud.workers import Workers
    from dure.model import Operator


@dataclass(frozen=True)
class Context:
    """Made once a command; opens nothing by itself."""

    workspace: Path
    settings: LocalSettings

    @cached_property
    def operator(self) -> "Operator":
        from dure.model import load_operator

        return load_operator(self.workspace)

    @cached_property
    def store(self) -> Store:
        return store_at(self.workspace, self.settings.store_url)

    @cached_property
    def workers(self) -> "Workers":
        """What all stacks of this command share; starts nothing by itself."""
        from dure.cloud.workers import Workers

        return Workers()

    @cached_property
    def engineer(self) -> str:
        """Id of the engineer who sits here; UsageError when it cannot be told, Refused when they have left."""
        return find_engineer(self.operator, self.settings, clock.now())

    @property
    def known_hosts(self) -> Path:
        return self.workspace / "known_hosts"

    @property
    def state(self) -> Path:
        return state_directory(self.workspace)

    def artifacts(self, run: str) -> Path:
        """The run's own directory for what is too big for a journal."""
        directory = self.state / "artifacts" / run
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        return directory


def open_context(workspace: Path) -> Context:
    return Context(workspace, load_local_settings(workspace))


def find_engineer(operator: "Operator", settings: LocalSettings, now: int) -> str:
    """The engineer named in the settings, the only one, or the one whose public key lies on this workstation.

    Raises UsageError when it cannot be told, Refused for one who does not work here at `now`, in seconds of UTC: their
    clock may lie, so what they sign is judged once more where it is read.
    """
    name = _who(operator, settings)
    engineer = operator.engineer(name)
    if engineer is None or engineer.is_here(now):
        return name
    raise Refused(
        f"{name} does not work here " + ("any more" if engineer.has_left(now) else "yet"),
        where="operator.yaml",
        why=f"it has {name} " + (f"until {engineer.until}" if engineer.has_left(now) else f"from {engineer.from_}"),
        mend="have a colleague do it; or correct the day there, or `engineer` in .dure/local.yaml",
    )


def _who(operator: "Operator", settings: LocalSettings) -> str:
    known = [engineer.id for engineer in operator.engineers]
    if settings.engineer:
        if settings.engineer not in known:
            raise UsageError(
                f'no engineer "{settings.engineer}"',
                where=".dure/local.yaml",
                why=f"operator.yaml has {', '.join(known)}",
                mend="correct `engineer` there, or add the person to operator.yaml",
            )
        return settings.engineer
    if len(known) == 1:
        return known[0]
    here = _public_keys(settings)
    for engineer in operator.engineers:
        if any(key.split()[1] in here for key in engineer.ssh_keys):
            return engineer.id
    user = getpass.getuser()
    if user in known:
        return user
    raise UsageError(
        "it is not known which engineer sits here",
        why="none of the public keys of operator.yaml lies on this workstation",
        mend="write `engineer: YOUR-ID` into .dure/local.yaml",
    )


def _public_keys(settings: LocalSettings) -> set[str]:
    files = [settings.ssh_key.with_name(settings.ssh_key.name + ".pub")] if settings.ssh_key else []
    files += sorted((Path.home() / ".ssh").glob("*.pub"))
    bodies = set()
    for file in files:
        fields = file.read_text(errors="replace").split() if file.is_file() else []
        if len(fields) > 1:
            bodies.add(fields[1])
    return bodies
