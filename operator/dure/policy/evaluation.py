"""Subjects, waivers and amounts -> findings. Pure: the day is given."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from dure.cost.spending import Spending
from dure.model.waivers import PlacedWaiver
from dure.plan.subject import Subject
from dure.policy.finding import Finding
from dure.policy.isolation import Fleet, tenant_isolation
from dure.policy.rule import Hit, Rule
from dure.policy.rules import RULES
from dure.policy.rules.budget import BUDGET, over_budget


def evaluate(
    subjects: Sequence[Subject],
    waivers: Iterable[PlacedWaiver],
    today: date,
    spending: Iterable[Spending] = (),
    rules: Sequence[Rule] = RULES,
    fleet: Fleet | None = None,
) -> tuple[Finding, ...]:
    """Where a rule does not hold, waived or not: refusing ones first, then by site.

    A waiver that has expired does not count; the finding that it would have covered names it. `fleet`: whom else
    tenants may not reach, besides each other; it takes the subjects in.
    """
    listed = tuple(waivers)
    found = [
        _finding(rule, subject, hit, listed, today)
        for rule in rules
        for subject, hit in (fleet.check(subjects) if fleet and rule is tenant_isolation else rule.check(subjects))
    ]
    for one in spending:
        found += [_of_budget(one, hit, listed, today) for hit in over_budget(one)]
    return tuple(
        sorted(found, key=lambda one: (not one.refuses, one.severity == "advisory", one.site, one.rule, one.resource))
    )


def expired(waivers: Iterable[PlacedWaiver], today: date) -> list[str]:
    """A line for each waiver that no longer counts."""
    return [
        f"{one.place}: the waiver of {one.waiver.rule} for {one.waiver.site or one.waiver.resource} expired on "
        f"{one.waiver.expires} (approved by {one.waiver.approver}): remove it, or have it approved anew"
        for one in waivers
        if not one.waiver.counts(today)
    ]


def _finding(rule: Rule, subject: Subject, hit: Hit, waivers: Sequence[PlacedWaiver], today: date) -> Finding:
    resource = hit.resource
    return _waived(
        Finding(
            rule=rule.id,
            severity=hit.severity or rule.severity,
            site=subject.site,
            stack=subject.stack,
            resource=resource.name if resource else "",
            urn=resource.urn if resource else "",
            what=hit.what,
            reason=hit.reason or rule.reason,
            mend=hit.mend or rule.mend,
            place=subject.place,
        ),
        waivers,
        today,
    )


def _of_budget(spending: Spending, hit: Hit, waivers: Sequence[PlacedWaiver], today: date) -> Finding:
    return _waived(
        Finding(
            rule=BUDGET.id,
            severity=hit.severity or BUDGET.severity,
            site=spending.customer,
            stack="",
            resource="",
            urn="",
            what=hit.what,
            reason=hit.reason or BUDGET.reason,
            mend=hit.mend or BUDGET.mend,
            place=spending.place,
        ),
        waivers,
        today,
    )


def _waived(finding: Finding, waivers: Sequence[PlacedWaiver], today: date) -> Finding:
    covering = [one for one in waivers if _covers(one, finding)]
    counting = next((one.place for one in covering if one.waiver.counts(today)), "")
    if counting or not covering:
        return replace(finding, waiver=counting)
    last = max(covering, key=lambda one: one.waiver.expires)
    return replace(finding, expired=last.place, expired_on=last.waiver.expires)


def _covers(placed: PlacedWaiver, finding: Finding) -> bool:
    """A waiver of a site covers its customer's budget too: a budget has no site of its own."""
    waiver = placed.waiver
    if waiver.rule != finding.rule:
        return False
    site = (
        not waiver.site
        or waiver.site == finding.site
        or (finding.rule == "budget" and waiver.site.partition("/")[0] == finding.site)
    )
    return site and (not waiver.resource or waiver.resource in (finding.resource, finding.urn))
