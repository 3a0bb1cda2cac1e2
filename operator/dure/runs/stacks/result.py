"""What became of each stack, as values that hold no secret: what commands print, and what rules and prices read."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue

from dure.cloud.preview import Preview, ResourceChange
from dure.errors import Cancelled, DureError, Refused
from dure.plan.stacks import StackPlan

State = Literal["changed", "unchanged", "failed", "refused", "skipped", "cancelled"]


class Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Fault(Value):
    """A DureError as a value."""

    what: str
    why: str = ""
    mend: str = ""

    def line(self) -> str:
        return DureError(self.what, why=self.why, mend=self.mend).line()


def fault_of(error: DureError) -> Fault:
    return Fault(what=f"{error.where}: {error.what}" if error.where else error.what, why=error.why, mend=error.mend)


class StackPreview(Value):
    """One stack as it is planned and what that would change: the seam for policy and cost."""

    plan: StackPlan
    identity: str
    """Digest of what would be applied; empty while upstream outputs are not known."""
    preview: Preview | None
    """None when it cannot be told: see `provisional`, `fault` and `skipped`."""
    provisional: str = ""
    """Why it may turn out otherwise once its upstream is applied; empty: it is exact."""
    fault: Fault | None = None
    skipped: str = ""
    """Why nothing was looked at."""
    afterwards: str = ""
    """What follows once its resources stand, as a line; empty: nothing, or it is done."""
    same: bool = False
    """Left out by --changed: it is what was last applied."""
    ended: str = ""
    """Why it is not to stand any more, and does not: its last day has passed."""
    boundary: str = ""
    """ARN of the permissions boundary that the landing zone gives it besides `upstream`; empty: none."""

    @property
    def site(self) -> str:
        return self.plan.site

    @property
    def would_change(self) -> bool:
        changes = self.preview is not None and (not self.preview.empty or bool(self.afterwards))
        return changes or (self.preview is None and bool(self.provisional))

    def counts(self) -> dict[str, int]:
        """Operation -> resources; components are counted as well as what they are made of."""
        found: dict[str, int] = {}
        for change in self.preview.changes if self.preview else ():
            found[change.op] = found.get(change.op, 0) + 1
        return found


class StackResult(Value):
    """What was done to one stack."""

    site: str
    stack: str
    state: State
    changes: tuple[ResourceChange, ...] = ()
    resources_unchanged: int = 0
    seconds: float = 0.0
    reason: str = ""
    """Why nothing was done."""
    note: str = ""
    """What is to be known besides."""
    fault: Fault | None = None

    def line(self) -> str:
        """`hansol/erp: changed, 12 resources in 3.1 s`."""
        if self.fault:
            return f"{self.site}: {self.state}: {self.fault.line()}"
        note = f"; {self.note}" if self.note else ""
        if self.reason:
            return f"{self.site}: {self.state}: {self.reason}{note}"
        return f"{self.site}: {self.state}, {len(self.changes)} resources in {self.seconds:.1f} s{note}"


def failure(plan: StackPlan, error: DureError, seconds: float) -> StackResult:
    """A stack that ended with an error."""
    state: State = (
        "cancelled" if isinstance(error, Cancelled) else "refused" if isinstance(error, Refused) else "failed"
    )
    return StackResult(
        site=plan.site, stack=plan.cloud.stack, state=state, fault=fault_of(error), seconds=round(seconds, 2)
    )


class Report(Value):
    """All of a command's results, in the order of its stacks."""

    verb: str
    run: str
    results: tuple[StackResult, ...]

    def count(self, *states: State) -> int:
        return sum(one.state in states for one in self.results)

    @property
    def exit_code(self) -> int:
        """130 when it was cancelled, 1 when a stack failed, 4 when one was refused, else 0."""
        if self.count("cancelled"):
            return Cancelled.exit_code
        if self.count("failed"):
            return DureError.exit_code
        return Refused.exit_code if self.count("refused") else 0

    def summary(self) -> str:
        """`5 stacks: 2 changed, 3 unchanged`."""
        states: tuple[State, ...] = ("changed", "unchanged", "failed", "refused", "skipped", "cancelled")
        told = [f"{self.count(state)} {state}" for state in states if self.count(state)]
        count = len(self.results)
        return f"{count} stack{'s' if count != 1 else ''}: {', '.join(told) or 'nothing to do'}"

    def as_json(self) -> JsonValue:
        return {"summary": self.summary(), **self.model_dump(mode="json")}
