"""Previewed stacks under rules and prices: what a preview tells of them, and what an apply is refused for."""

from collections.abc import Sequence

from pydantic import JsonValue

from dure.cost.table import as_json as estimate_json
from dure.cost.table import sums, table
from dure.runs.context import Context
from dure.runs.judgement import Judgement, judge, refuse_if_forbidden
from dure.runs.stacks.result import StackPreview
from dure.runs.subjects import subjects_of_previews


class Judge:
    """Rules and prices on the previews of one command."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def judge(self, previews: Sequence[StackPreview]) -> Judgement:
        """Raises WorkspaceInvalid for faults in waivers or price files."""
        return judge(self._context, subjects_of_previews(self._context, previews))

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
