"""Samples as they arrive: late, twice, out of order, from clocks that are wrong."""

from dataclasses import dataclass
from enum import StrEnum

from dure.sla.samples import Sample

FUTURE_TOLERANCE = 120
SKEW_TOLERANCE = 5
SKEW_LIMIT = 3600


class Fate(StrEnum):
    """What becomes of a sample."""

    KEPT = "kept"
    CORRECTED = "corrected"
    QUARANTINED = "quarantined"
    DROPPED = "dropped"
    LEDGER = "ledger"


@dataclass(frozen=True, slots=True)
class Admission:
    """The sample, its time corrected where the clock's skew is known, and its fate."""

    sample: Sample
    fate: Fate


def admit(
    sample: Sample, received: int, skew: int = 0, created: int | None = None, frozen_until: int | None = None
) -> Admission:
    """`skew` is the agent's clock less ours at the handshake, in seconds; `created` when the check began to exist.

    A sample of a frozen month goes to the correction ledger, one from before the check is dropped, one from the
    future or of a hopeless clock is quarantined.
    """
    if abs(skew) > SKEW_LIMIT:
        return Admission(sample, Fate.QUARANTINED)
    corrected = abs(skew) > SKEW_TOLERANCE
    if corrected:
        sample = Sample(sample.ts - skew, sample.state)
    if sample.ts > received + FUTURE_TOLERANCE:
        return Admission(sample, Fate.QUARANTINED)
    if created is not None and sample.ts < created:
        return Admission(sample, Fate.DROPPED)
    if frozen_until is not None and sample.ts < frozen_until:
        return Admission(sample, Fate.LEDGER)
    return Admission(sample, Fate.CORRECTED if corrected else Fate.KEPT)
