"""Previewed stacks under rules and prices: what a preview tells of them, and what an apply is refused for."""

import threading
from collections import Counter
from collections.abc import Iterable, Sequence

from pydantic import JsonValue

from dure.cost.table import as_json as estimate_json
from dure.cost.table import sums, table
from dure.plan.stacks import StackPlan
from dure.plan.subject import Subject
from dure.policy import Fleet
from dure.policy.around import TENANT_PROGRAMS
from dure.policy.isolation import tenant_isolation
from dure.runs.context import Context
from dure.runs.judgement import Judgement, budgets, judge, refuse_if_forbidden
from dure.runs.stacks.applied import known_subjects
from dure.runs.stacks.result import StackPreview
from dure.runs.subjects import subjects_of_previews


class Judge:
    """Rules and prices on the previews of one command; threads share it.

    What looks at more than one stack takes each as this command saw it, else as it was last applied: a customer's sum,
    and who reaches whom, are the same whichever of the stacks are previewed.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._seen: dict[str, Subject] = {}
        self._fleet: Fleet | None = None
        self._lock = threading.Lock()

    def judge(self, previews: Sequence[StackPreview]) -> Judgement:
        """Raises WorkspaceInvalid for faults in waivers or price files."""
        return self.judge_subjects(subjects_of_previews(self._context, previews))

    def judge_subjects(self, subjects: Sequence[Subject]) -> Judgement:
        """The same of stacks that were previewed elsewhere."""
        self._seen.update((one.site, one) for one in subjects)
        return judge(self._context, subjects, self._known, self._whole_fleet())

    def bearing_on_each_other(self, plans: Iterable[StackPlan]) -> list[StackPlan]:
        """Of which each alone may be allowed and not all together: tenants of several customers, and what one budget
        has to hold."""
        listed = list(plans)
        several = [customer for customer, count in Counter(one.customer for one in listed).items() if count > 1]
        held = {one.customer for one in budgets(self._context, several)} if several else set()
        tenants = {one.customer for one in listed if one.cloud.program in TENANT_PROGRAMS}
        strangers = tenants if len(tenants) > 1 else set()
        return [
            one
            for one in listed
            if one.customer in held or (one.customer in strangers and one.cloud.program in TENANT_PROGRAMS)
        ]

    def refuse_reaching(self, previews: Sequence[StackPreview]) -> None:
        """Raises Refused where one tenant would reach another; other findings are each stack's own."""
        found = self.judge(previews).findings
        refuse_if_forbidden([one for one in found if one.rule == tenant_isolation.id])

    def check(self, previews: Sequence[StackPreview]) -> None:
        """Raises Refused with the first finding that forbids an apply."""
        refuse_if_forbidden(self.judge(previews).findings)

    def _known(self, customer: str) -> list[Subject]:
        applied = {one.site: one for one in known_subjects(self._context.store, customer)}
        seen = {one.site: one for one in list(self._seen.values()) if one.customer == customer}
        return list((applied | seen).values())

    def _whole_fleet(self) -> Fleet:
        """Read from the store once; from then on it takes in what is judged."""
        with self._lock:
            if self._fleet is None:
                self._fleet = Fleet(known_subjects(self._context.store))
            return self._fleet


def judgement_lines(found: Judgement) -> list[str]:
    """For a person, below the previews: findings, waivers that no longer count, and what the stacks cost a month."""
    priced = table(found.estimate, "en", details=len(found.estimate.stacks) == 1)
    return [*(one.line() for one in found.findings), *found.expired, *priced]


def comment_lines(found: Judgement) -> list[str]:
    """For a pull request, where the end may be cut off: of several stacks what they cost together comes first."""
    first = [*sums(found.estimate), ""] if len(found.estimate.stacks) > 1 else []
    return first + judgement_lines(found)


def judgement_json(found: Judgement) -> dict[str, JsonValue]:
    """The same for programs."""
    return {
        "findings": [one.as_json() for one in found.findings],
        "expired_waivers": list(found.expired),
        "refused": found.refused,
        "cost": estimate_json(found.estimate),
    }
