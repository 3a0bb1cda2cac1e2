"""The common way of commands that change stacks: each under its lease, within the error budget, kept in the record."""

import contextlib
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from dure.cloud.preview import Preview, UpResult
from dure.cloud.stack import Tell
from dure.errors import Cancelled, DureError
from dure.plan.stacks import StackPlan
from dure.runs.context import Context
from dure.runs.stacks import lease
from dure.runs.stacks.conduct import CANCELLED, conduct
from dure.runs.stacks.record import Record
from dure.runs.stacks.result import Report, StackResult, failure
from dure.runs.stacks.schedule import DEFAULT_BUDGET, Schedule, budget_of


@dataclass(frozen=True, slots=True)
class Options:
    """How a command works its stacks off."""

    parallel: int = 4
    max_failed: str = DEFAULT_BUDGET
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Listener:
    """Whoever watches: gets lines, may ask for a stop, may be asked."""

    tell: Callable[[str], None]
    cancelled: Callable[[], bool]
    agree: Callable[[str], bool]
    """Shown what would happen; False: no. Raises Refused where nobody can be asked."""


@dataclass(frozen=True, slots=True)
class Work:
    """One stack of a command, for whoever works on it."""

    plan: StackPlan
    run: str
    tell: Tell
    cancelled: Callable[[], bool]


Skip = Callable[[StackPlan], StackResult | None]
"""What is known of a stack without working on it; None: it has to be worked on."""
Act = Callable[[Work], StackResult]
"""Works on one stack until done or cancelled. Raises DureError."""


class Change:
    """One verb on many stacks."""

    def __init__(
        self, context: Context, verb: str, plans: list[StackPlan], options: Options, listener: Listener
    ) -> None:
        self.context, self.verb, self.plans = context, verb, plans
        self.options, self.listener = options, listener
        self.budget = budget_of(options.max_failed, len(plans))

    def carry_out(self, act: Act, upstream: Mapping[str, Collection[str]], skip: Skip = lambda _: None) -> Report:
        """All of them, each when those that `upstream` names for it are done.

        What `skip` answers for is not worked on: no lease, no step, no link; a thousand such stacks cost a second.
        """
        record = Record(self.context, self.verb, [plan.site for plan in self.plans], self.options.reason)
        by_site = {plan.site: plan for plan in self.plans}
        results: dict[str, StackResult] = {}
        self.listener.tell(f"run {record.run}")

        def cancelled() -> bool:
            return self.listener.cancelled() or record.cancel_wanted()

        def work(site: str) -> bool:
            results[site] = self._one(by_site[site], act, skip, record, cancelled)
            self.listener.tell(results[site].line())
            return results[site].state in ("changed", "unchanged")

        beating = lease.Heartbeat(self.context.store, record.holder)
        try:
            schedule = Schedule.of(upstream, self.budget)
            ended = conduct(schedule, work, parallel=self.options.parallel, cancel=cancelled)
        except DureError as error:
            record.broken(error)
            raise
        finally:
            beating.stop()
        for site, reason in ended.reasons.items():
            state = "cancelled" if reason == CANCELLED else "skipped"
            results[site] = StackResult(site=site, stack=by_site[site].cloud.stack, state=state, reason=reason)
            self.listener.tell(results[site].line())
        report = Report(verb=self.verb, run=record.run, results=tuple(results[plan.site] for plan in self.plans))
        record.close(report)
        return report

    def _one(self, plan: StackPlan, act: Act, skip: Skip, record: Record, cancelled: Callable[[], bool]) -> StackResult:
        """Whatever happens becomes a result: one stack never ends the others."""
        begun = time.monotonic()
        try:
            known = skip(plan)
            if known is not None:
                return known
            record.started(plan.site)
            with _held(self.context, plan.site, record):
                result = act(Work(plan, record.run, lambda event: record.task(plan.site, event), cancelled))
        except DureError as error:
            result = failure(plan, error, time.monotonic() - begun)
        except Exception as error:  # whatever it is, the other stacks go on and it is told
            told = DureError(f"{self.verb} of stack {plan.cloud.stack} failed", why=f"{type(error).__name__}: {error}")
            result = failure(plan, told, time.monotonic() - begun)
        try:
            record.ended(result, plan.digest)
        except DureError as error:
            mend = "see that it can be kept, then give the same command again"
            told = DureError(f"{result.line()}, and that is not kept in the audit log", why=error.line(), mend=mend)
            return failure(plan, told, time.monotonic() - begun)
        return result


@contextlib.contextmanager
def _held(context: Context, site: str, record: Record) -> Iterator[None]:
    lease.take(context.store, site, record.holder)
    try:
        yield
    finally:
        with contextlib.suppress(DureError):
            lease.release(context.store, site, record.holder)


def result_of(plan: StackPlan, done: UpResult) -> StackResult:
    """What the engine did."""
    return StackResult(
        site=plan.site,
        stack=plan.cloud.stack,
        state="changed" if done.changes else "unchanged",
        changes=done.changes,
        resources_unchanged=done.unchanged,
        seconds=done.seconds,
        note=done.note,
        reason="" if done.changes else f"all {done.unchanged} resources are as they should be",
    )


def left_alone(plan: StackPlan, reason: str, preview: Preview | None = None) -> StackResult:
    """Nothing had to be done."""
    unchanged = preview.unchanged if preview else 0
    return StackResult(
        site=plan.site, stack=plan.cloud.stack, state="unchanged", reason=reason, resources_unchanged=unchanged
    )


def approve(listener: Listener, shown: str) -> None:
    """Raises Cancelled when the answer is no."""
    if not listener.agree(shown):
        raise Cancelled("not approved; nothing was touched")
