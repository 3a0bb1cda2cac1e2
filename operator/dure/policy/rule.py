"""A rule: one small function that tells where it does not hold."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from dure.model.waivers import RuleId
from dure.plan.subject import Resource, Subject

Severity = Literal["advisory", "mandatory"]


@dataclass(frozen=True, slots=True)
class Hit:
    """Where the rule does not hold; severity, reason and mend only where they differ from the rule's."""

    resource: Resource | None
    what: str
    severity: Severity | None = None
    reason: str = ""
    mend: str = ""


def unproven(resource: Resource | None, what: str) -> Hit:
    """It cannot be told from the plan: said, and looked at again once the value is known."""
    reason, mend = "only AWS gives out what stands in it", "preview again after the first apply"
    return Hit(resource, f"{what} is not proven yet", "advisory", reason, mend)


OneSubject = Callable[[Subject], Iterable[Hit]]
AllSubjects = Callable[[Sequence[Subject]], Iterable[tuple[Subject, Hit]]]


@dataclass(frozen=True, slots=True)
class Rule:
    """`demand` says what must hold, `reason` why, `mend` what to do where it does not."""

    id: RuleId
    severity: Severity
    demand: str
    reason: str
    mend: str
    check: AllSubjects


def rule(rule_id: RuleId, severity: Severity, *, reason: str, mend: str) -> Callable[[OneSubject], Rule]:
    """Makes a rule of a function that looks at one subject; its docstring's first line is the demand."""

    def made(check: OneSubject) -> Rule:
        def each(subjects: Sequence[Subject]) -> Iterator[tuple[Subject, Hit]]:
            for subject in subjects:
                for hit in check(subject):
                    yield subject, hit

        return Rule(rule_id, severity, demand_of(check), reason, mend, each)

    return made


def fleet_rule(rule_id: RuleId, severity: Severity, *, reason: str, mend: str) -> Callable[[AllSubjects], Rule]:
    """The same for a function that looks at all subjects together."""
    return lambda check: Rule(rule_id, severity, demand_of(check), reason, mend, check)


def demand_of(check: Callable[..., object]) -> str:
    return (check.__doc__ or "").strip().splitlines()[0]
