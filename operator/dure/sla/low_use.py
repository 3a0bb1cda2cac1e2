"""Cases of low utilisation over the months of one service: opened, found out, acted on, measured again, closed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from dure.sla.faults import SlaError
from dure.sla.utilisation import MEASURE_AFTER, Cause, Opening, UsageMonth, may_close, opening


@dataclass(frozen=True, slots=True)
class ServiceMonth:
    """A full month of one service's use; `cause` and `action` (a date) were found or done in it."""

    month: str
    use: UsageMonth
    cause: Cause | None = None
    action: date | None = None


@dataclass(frozen=True, slots=True)
class UseCase:
    """`opened` and `closed` are the full months (2026-06) after which it did so; `before` is the month to come back
    to: the one before the fall, or the first low one."""

    opened: str
    opening: Opening
    before: UsageMonth
    cause: Cause | None = None
    action: date | None = None
    closed: str | None = None

    @property
    def is_open(self) -> bool:
        return self.closed is None


def month_after(month: str) -> str:
    """2027-01 of 2026-12."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year + 1}-01" if number == 12 else f"{year}-{number + 1:02}"


def use_cases(months: Iterable[ServiceMonth]) -> tuple[UseCase, ...]:
    """All cases in order of time. A month without data breaks what is consecutive; it opens and closes nothing.

    While a case is open no other opens; after it closed, only months from its closing on can open the next.
    Raises SlaError when a month stands twice.
    """
    ordered = sorted(months, key=lambda one: one.month)
    found: list[UseCase] = []
    run: list[ServiceMonth] = []
    current: UseCase | None = None
    since: list[ServiceMonth] = []
    for one in ordered:
        if run and one.month == run[-1].month:
            raise SlaError(f"{one.month} stands twice")
        run = [*run, one] if run and month_after(run[-1].month) == one.month else [one]
        if current is None:
            current, since = _opened(run), []
            if current is not None:
                current = _noted(current, one)
            continue
        current = _noted(current, one)
        since = [*since, one] if _is_after_action(current, one) else []
        if may_close(current.before, [each.use for each in _consecutive(since)], current.opening):
            found.append(replace(current, closed=one.month))
            current, run = None, [one]
    return tuple(found if current is None else [*found, current])


def measure_again(case: UseCase) -> str | None:
    """The month whose figures decide whether it closes: the second full one after the action; None: no action yet."""
    if case.action is None:
        return None
    month = case.action.strftime("%Y-%m")
    for _ in range(MEASURE_AFTER):
        month = month_after(month)
    return month


def _opened(run: Sequence[ServiceMonth]) -> UseCase | None:
    why = opening([one.use for one in run])
    if why is None:
        return None
    return UseCase(run[-1].month, why, run[-2].use)


def _noted(case: UseCase, one: ServiceMonth) -> UseCase:
    """The newest cause and action; an action before the case opened is none of its own."""
    action = one.action or case.action
    return replace(case, cause=one.cause or case.cause, action=action)


def _is_after_action(case: UseCase, one: ServiceMonth) -> bool:
    return case.action is not None and one.month > case.action.strftime("%Y-%m")


def _consecutive(months: Sequence[ServiceMonth]) -> Sequence[ServiceMonth]:
    """The last months without a gap."""
    kept: list[ServiceMonth] = []
    for one in reversed(months):
        if kept and month_after(one.month) != kept[0].month:
            break
        kept.insert(0, one)
    return kept
