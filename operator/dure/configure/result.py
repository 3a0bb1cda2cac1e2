"""What a converge tells while it runs and when it has ended."""

from dataclasses import dataclass
from typing import Literal

from dure.errors import DureError

State = Literal["started", "ok", "changed", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class TaskEvent:
    """One task on one host; `started` has no host yet. `seconds` is the task's own time."""

    host: str
    role: str
    task: str
    state: State
    seconds: float = 0.0
    message: str = ""


@dataclass(frozen=True, slots=True)
class TaskChange:
    """What was changed, or would be; `difference` is the text that Ansible shows, empty where there is none."""

    host: str
    role: str
    task: str
    difference: str = ""


@dataclass(frozen=True, slots=True)
class TaskFailure:
    """One task that failed, or a host that could not be reached."""

    host: str
    role: str
    task: str
    message: str
    unreachable: bool = False

    def error(self) -> DureError:
        """The failure as a message for people, with the command that goes on."""
        task = f"{self.role}: {self.task}" if self.role else self.task
        if self.unreachable:
            return DureError(
                f"the machine could not be reached in `{task}`",
                where=self.host,
                why=self.message,
                mend=f"see that it has power and internet, wait 3 minutes in case a change has to go back by itself, "
                f"then run `operator provision {self.host}` again",
            )
        return DureError(
            f"`{task}` failed",
            where=self.host,
            why=self.message,
            mend=f"remove the cause, then run `operator provision {self.host}` again; what is done is not done twice",
        )


@dataclass(frozen=True, slots=True)
class ConvergeResult:
    """All that was changed and what failed; `notes` say what ran otherwise than asked."""

    changed: tuple[TaskChange, ...]
    failed: tuple[TaskFailure, ...]
    seconds: float
    notes: tuple[str, ...] = ()

    def raise_if_failed(self) -> None:
        """Raise the first failure as a DureError."""
        if self.failed:
            raise self.failed[0].error()
