"""What the indicator of answer times rests on: kept samples, counted check by check, each with a digest over them."""

from fractions import Fraction
from typing import ClassVar

from dure.runs.promise.indicators.basis import Basis, Record
from dure.runs.promise.indicators.span_basis import where_known
from dure.sla.indicators.measure import HUNDRED, Measure, rate
from dure.sla.ratio import share


class CheckAnswers(Record):
    """One check of a service in its agreed time: `up` samples were UP, `timed` of them tell an answer time.

    `expected` is how many samples the check's UP seconds hold at its interval (seconds): where fewer are kept, too
    little is known. Samples less than `apart` seconds after one that counts are one with it, with the longest time, so
    that a thick run of them weighs no more than its time; 0: a version that counted each. `samples` is the sha256 of
    all UP samples with their times.
    """

    service: str
    check: str
    limit_ms: int
    interval: int
    expected: int
    up: int
    timed: int
    in_time: int
    samples: str
    apart: int = 0

    @property
    def whole(self) -> int:
        return max(self.up, self.expected)


class AnswerBasis(Basis):
    """Samples that answered within the limit ÷ samples that tell a time, over all checks that have a limit.

    UP samples without a time, or that are not kept, count as late in the worst case and as in time in the best.
    """

    SOURCE: ClassVar[str] = "samples"
    RECORDS: ClassVar[tuple[str, ...]] = ("checks",)
    LET_GO: ClassVar[str] = "no-samples"
    checks: list[CheckAnswers]

    def measure(self) -> Measure:
        found = rate(sum(one.in_time for one in self.checks), sum(one.timed for one in self.checks))
        return where_known(found, self.coverage())

    def coverage(self) -> Fraction | None:
        return share(sum(one.timed for one in self.checks), sum(one.whole for one in self.checks))

    def at_best(self) -> Fraction | None:
        """Had every sample of which no time is kept answered in time."""
        late = sum(one.timed - one.in_time for one in self.checks)
        whole = sum(one.whole for one in self.checks)
        found = share(whole - late, whole)
        return None if found is None else HUNDRED * found

    def at_worst(self) -> Fraction | None:
        """Had every sample of which no time is kept been late."""
        found = share(sum(one.in_time for one in self.checks), sum(one.whole for one in self.checks))
        return None if found is None else HUNDRED * found
