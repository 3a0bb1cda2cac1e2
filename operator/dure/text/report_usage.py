"""Cases of low utilisation in a sentence, Korean and English."""

from datetime import date
from typing import Literal

from dure.sla.utilisation import Cause, Opening
from dure.text.writing import day, month_name

OPENINGS = {
    Opening.LOW: ("두 달 이어서 절반에 미치지 못했습니다", "below one half in two months in a row"),
    Opening.FELL: ("한 달 사이에 20%p 넘게 떨어졌습니다", "it fell by 20 points or more in a month"),
}
CAUSES = {
    Cause.UNFIT: "it does not fit the work",
    Cause.LACKING: "functions are lacking",
    Cause.UPKEEP: "its upkeep costs too much",
    Cause.STAFF: "nobody has the time to run it",
    Cause.WILL: "people do not want it",
    Cause.TECHNICAL: "technical trouble",
    Cause.OVER_LICENSED: "more was bought than is needed",
}


def case_words(opened: str, opening: Opening, cause: Cause | None, due: str, language: Literal["ko", "en"]) -> str:
    """Since which month, why it opened, and its cause, or the day by which it will be known."""
    why = OPENINGS[opening][language == "en"]
    if language == "ko":
        found = f"원인: {cause.value}" if cause else _due(due, "{day}까지 원인을 찾겠습니다", language)
        return f"{month_name(opened, 'ko')}부터 살펴보고 있습니다. {why}. {found}".rstrip()
    found = f"cause: {CAUSES[cause]}" if cause else _due(due, "its cause is due by {day}", language)
    return f"Looked into since {month_name(opened, 'en')}: {why}; {found}".rstrip("; ")


def _due(due: str, words: str, language: Literal["ko", "en"]) -> str:
    return words.format(day=day(date.fromisoformat(due), language)) if due else ""
