"""Previewed stacks under rules and prices: what a preview tells of them, and what an apply is refused for."""

from collections import Counter
from collections.abc import Iterable, Sequence

from pydantic import JsonValue

from dure.cost.table import as_json as estimate_json
from dure.cost.table import sums, table
from dure.plan.stacks import StackPlan
from dure.plan.subject import Subject
from dure.runs.context import Context
from dure.runs.judgement import Judgement, budgets, judge, refuse_if_forbidden
from dure.runs.stacks.applied import known_subjects
from dure.runs.stacks.result import StackPreview
from dure.runs.subjects import subjects_of_previews


class Judge:
    """Rules and prices on the previews of one command; threads share it.

    What sums over a customer's stacks takes each as this command saw it, else as it was last applied: the sum is the
    same whichever of them are previewed.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._seen: dict[str, Subject] = {}

    def judge(self, previews: Sequence[StackPreview]) -> Judgement:
        """Raises WorkspaceInvalid for faults in waivers or price files."""
        return self.judge_subjects(subjects_of_previews(self._context, previews))

    def judge_subjects(self, subjects: Sequence[Subject]) -> Judgement:
        """The same of stacks that were previewed elsewhere."""
        self._seen.update((one.site, one) for one in subjects)
        return judge(self._context, subjects, self._known)

    def sharing_a_budget(self, plans: Iterable[StackPlan]) -> list[StackPlan]:
        """Those whose customer has a budget and several of them: each alone may fit it, and not all together."""
        listed = list(plans)
        several = [customer for customer, count in Counter(one.customer for one in listed).items() if count > 1]
        held = {one.customer for one in budgets(self._context, several)} if several else set()
        return [one for one in listed if one.customer in held]

    def _known(self, customer: str) -> list[Subject]:
        applied = {one.site: one for one in known_subjects(self._context.store, customer)}
        seen = {one.site: one for one in list(self._seen.values()) if one.customer == customer}
        return list((applied | seen).values())

    def check(self, previews: Sequence[StackPreview]) -> None:
        """Raises Refused with the first finding that forbids an apply."""
        refuse_if_forbidden(self.judge(previews).findings)


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
