"""One service's month from its policy and its checks' spans: the same steps to close, to verify and to restate."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from pydantic import JsonValue

from dure.runs.promise.policy import WHOLE, Policy, PolicyValue, empty_case, rule_in
from dure.sla.case import Account, Case, KnownCheck, account, observed
from dure.sla.composition import ALL, compose
from dure.sla.credits import Band, Bands, CreditLine, credit, credit_basis, credited_share
from dure.sla.freeze import Frozen, freeze
from dure.sla.incidents import Incident, incidents, started_in
from dure.sla.intervals import Interval
from dure.sla.spans import Spans, within

DAY = 86400
BEFORE, AFTER = DAY, 3 * DAY
"""Data around the month that incidents across its edges are followed into."""


@dataclass(frozen=True, slots=True)
class Computed:
    """`spans` are the service's timeline cut to the month; `incidents` those that started in it, uncut."""

    account: Account
    case: Case
    frozen: Frozen
    spans: Spans
    incidents: tuple[Incident, ...]
    credit: CreditLine
    observed: Fraction | None


def margin(period: Interval) -> Interval:
    """The part of the history that a month's computation reads."""
    return period[0] - BEFORE, period[1] + AFTER


def compute(policy: Policy, service: str, timelines: Mapping[str, Spans]) -> Computed:
    """The month of a policy; `timelines` are the checks' spans around it, by the names that the policy has."""
    value = PolicyValue.model_validate_json(policy.text)
    empty = empty_case(value.case)
    whole = _composed(value, timelines)
    spans = within(whole, (empty.period,))
    # Composed once and cut: what the case's own rule would give, and incidents are seen beyond the month.
    case = replace(empty, checks={WHOLE: KnownCheck(spans)}, rule=ALL)
    result = account(case)
    return Computed(
        account=result,
        case=case,
        frozen=freeze(result, policy.calendar, policy.hash),
        spans=spans,
        incidents=started_in(incidents(whole), case.period),
        credit=_credit(service, value, result),
        observed=observed(case).figures.availability,
    )


def _credit(service: str, value: PolicyValue, result: Account) -> CreditLine:
    terms, fee, cap = value.credits, value.fee, Fraction(value.credits.cap)
    bands = Bands(tuple(Band(Fraction(low), Fraction(part)) for low, part in terms.bands), Fraction(terms.below))
    basis = credit_basis(result.figures, result.verdict, terms.lower_bound)
    share = Fraction(0) if basis is None or not fee else min(credited_share(basis, bands), cap)
    return CreditLine(service, fee, share, credit([share], fee, cap))


def _composed(value: PolicyValue, timelines: Mapping[str, Spans]) -> Spans:
    critical = [timelines.get(name, ()) for name, is_critical in value.checks if is_critical]
    others = [timelines.get(name, ()) for name, is_critical in value.checks if not is_critical]
    return compose(critical, rule_in(value.case), others)


def exported_case(policy_text: str, timelines: Mapping[str, Spans]) -> dict[str, JsonValue]:
    """The accounting case of a closed month, with all its data: what an auditor computes again.

    A service with checks that are not critical has one check, its composed timeline.
    """
    value = PolicyValue.model_validate_json(policy_text)
    case, period = value.case, empty_case(value.case).period
    if all(critical for _, critical in value.checks):
        parts = {name: within(timelines.get(name, ()), (period,)) for name, _ in value.checks}
    else:
        parts = {WHOLE: within(_composed(value, timelines), (period,))}
        case = {**case, "rule": "all"}
    return {**case, "checks": _timelines(parts)}


def kept_case(policy_text: str, spans: Spans) -> dict[str, JsonValue]:
    """The accounting case of a revision that was replaced: one check, the service's timeline as it was kept."""
    case = PolicyValue.model_validate_json(policy_text).case
    return {**case, "rule": "all", "checks": _timelines({WHOLE: spans})}


def _timelines(parts: Mapping[str, Spans]) -> JsonValue:
    return {
        name: {"timeline": [[one.start, one.end, one.state.value] for one in spans]} for name, spans in parts.items()
    }
