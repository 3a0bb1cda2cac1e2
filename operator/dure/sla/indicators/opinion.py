"""Indicators 25-27 and 30, from surveys: an opinion counts from three answers, or from all that were asked."""

from dataclasses import dataclass
from fractions import Fraction

from dure.sla.faults import SlaError
from dure.sla.indicators.measure import Lacking, Measure, mean_of

LEAST_ANSWERS = 3
LEAST_RESPONSE = Fraction(30, 100)
QUALITY_ITEMS = 5
INTENTION_ITEMS = 3


@dataclass(frozen=True, slots=True)
class Survey:
    """How many were asked, and each answer's items, 1 to 5."""

    asked: int
    answers: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        if len(self.answers) > self.asked:
            raise SlaError(f"{len(self.answers)} answers of {self.asked} asked")
        if any(not 1 <= item <= 5 for answer in self.answers for item in answer):
            raise SlaError("an answer is 1 to 5")


def is_enough(survey: Survey) -> bool:
    """At least 3 answers or all, and a response of at least 30 %."""
    count = len(survey.answers)
    if count == 0 or count < min(LEAST_ANSWERS, survey.asked):
        return False
    return Fraction(count, survey.asked) >= LEAST_RESPONSE


def opinion(survey: Survey, items: int) -> Measure:
    """25, 26, 27, 30: the mean over all answers' items. Raises SlaError where an answer has not `items` of them."""
    if any(len(answer) != items for answer in survey.answers):
        raise SlaError(f"an answer has not {items} items")
    if not is_enough(survey):
        return Measure(None, len(survey.answers), survey.asked, Lacking.TOO_FEW)
    mean = mean_of(item for answer in survey.answers for item in answer)
    return Measure(mean.value, len(survey.answers), survey.asked)
