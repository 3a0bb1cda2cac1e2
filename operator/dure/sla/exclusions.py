"""Seconds that the contract takes out of the agreed time, each with evidence and an approver."""

from dataclasses import dataclass
from enum import StrEnum

from dure.sla.faults import BadRule
from dure.sla.intervals import interval


class ExclusionKind(StrEnum):
    """The only reasons there are."""

    CUSTOMER_ACTION = "customer_action"
    CUSTOMER_POWER = "customer_power"
    THIRD_PARTY = "third_party_beyond_control"
    FORCE_MAJEURE = "force_majeure"
    NON_PAYMENT = "suspended_for_non_payment"
    SECURITY_HOLD = "security_hold_agreed"


@dataclass(frozen=True, slots=True)
class Exclusion:
    """[start, end), why, what shows it, and who agreed."""

    start: int
    end: int
    kind: ExclusionKind
    evidence: str
    approver: str

    def __post_init__(self) -> None:
        interval(self.start, self.end)
        if not self.evidence.strip() or not self.approver.strip():
            raise BadRule(f"the exclusion from {self.start} lacks evidence or approver")
