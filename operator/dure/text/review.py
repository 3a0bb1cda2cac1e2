"""Findings of a review in words, Korean and English."""

from dure.sla.indicators.catalogue import CATALOGUE
from dure.sla.quarter import Finding, Held
from dure.sla.review import MONTHS, NEVER_MET, Stage, Step
from dure.text.writing import Language

NAMES = {one.key: one for one in CATALOGUE}
STEPS = {
    Step.TIGHTEN: ("목표 높임", "tighten"),
    Step.WATCH: ("지켜보기", "watch"),
    Step.RETIRE: ("종료", "retire"),
    Step.REACTIVATE: ("다시 점수에 넣기", "reactivate"),
    Step.IMPROVE: ("개선 계획", "improve"),
    Step.READY: ("측정 중 (준비됨)", "trial, ready"),
    Step.KEEP: ("그대로", "keep"),
}
PROMOTE = ("새로 점수에 넣기", "promote")
REASONS = {
    Step.TIGHTEN: (
        f"{MONTHS}개월 동안 여유 있게 달성했고, 빼지 않는 지표입니다",
        f"met with ease for {MONTHS} months, and it is protected",
    ),
    Step.WATCH: (
        f"{MONTHS}개월 동안 여유 있게 달성해서 더 알려 주는 것이 적습니다",
        f"met with ease for {MONTHS} months, so that it tells little more",
    ),
    Step.RETIRE: (f"지켜본 {MONTHS}개월 동안 모두 달성했습니다", f"met in all {MONTHS} months of watch"),
    Step.REACTIVATE: ("지켜보는 동안 미달한 달이 있습니다", "missed while it was watched"),
    Step.IMPROVE: (
        f"{MONTHS}개월 가운데 {NEVER_MET}개월 이상 미달했습니다. 30일 안에 개선 계획을 세웁니다",
        f"missed in at least {NEVER_MET} of {MONTHS} months: a plan within 30 days",
    ),
    Step.READY: ("두 달 넘게 측정했습니다", "measured for two full months or more"),
}
KEEPS = {
    Stage.ACTIVE: ("아직 알려 주는 것이 있습니다", "it still tells something"),
    Stage.WATCH: ("아직 지켜보는 중입니다", "it is still being watched"),
    Stage.TRIAL: ("아직 두 달을 채우지 못했습니다", "not yet measured for two full months"),
    Stage.CANDIDATE: ("측정한 값이 없습니다", "nothing was measured yet"),
    Stage.RETIRED: ("종료했습니다", "it is retired"),
}
HELD = {
    Held.LIMIT: ("한 분기에 둘까지만 바꿉니다", "a quarter swaps at most two"),
    Held.LAST: (
        "그 갈래에 하나뿐이고, 대신할 지표가 없습니다",
        "it is the last scored one of its category, and no trial could take its place",
    ),
    Held.FEWEST: ("등급이 정한 최소 개수입니다", "the tier has no fewer scored indicators"),
    Held.MOST: ("등급이 정한 최대 개수입니다", "the tier has no more scored indicators"),
    Held.MISSED: ("여섯 달 안에 미달한 적이 있습니다", "it was missed in the last six months"),
    Held.PROTECTED: ("빼지 않는 지표입니다", "it is protected: watched, never retired"),
}


def step_words(one: Finding, language: Language) -> str:
    """What is proposed, in a word or two."""
    found = PROMOTE if one.replaces is not None else STEPS[one.step]
    return found[language == "en"]


def finding_words(one: Finding, language: Language) -> str:
    """Why it is proposed, or why it stays as it is."""
    english = language == "en"
    if one.replaces is not None:
        name = NAMES[one.replaces]
        points = int((one.score or 0) * 100)
        if english:
            return f"it takes the place of {name.en}, as the trial that tells most ({points} of 100 points)"
        return f"‘{name.ko}’의 자리에 들어갈, 가장 많은 것을 알려 주는 측정 지표입니다 (100점 가운데 {points}점)"
    if one.held is not None:
        return HELD[one.held][english]
    if one.step is Step.KEEP:
        return KEEPS[one.stage][english]
    return REASONS[one.step][english]
