"""Random small accounting cases, made to meet every rule: edges of the hold, late notice, caps, holidays."""

import random
from typing import Any

from hypothesis import strategies as st

Json = dict[str, Any]
STATES = ("UP", "UP", "UP", "DEGRADED", "DOWN", "DOWN", "DOWN", "UNKNOWN")
# 1970; an opening and a closing time in Seoul in 2026, a Friday before a holiday; a clock that New York turns forward
BASES = (0, 1_770_854_400 - 300, 1_770_886_800 - 300, 1_772_953_200 - 300)
WEEKLY = {"open": [["09:00", "12:00"], ["12:10", "18:00"]], "holidays": ["2026-02-12"]}


def shuffled(seed: int, rows: list[list[Any]]) -> list[list[Any]]:
    """In another order; cheaper to draw than a permutation. 0 leaves them as they are."""
    if seed:
        random.Random(seed).shuffle(rows)
    return rows


@st.composite
def sampled_checks(draw: st.DrawFn, base: int, length: int, most: int) -> Json:
    """A check that mostly speaks regularly, sometimes bridged, silent, hasty, twice, or out of order."""
    interval = draw(st.integers(1, 40))
    m = draw(st.integers(1, 5))
    hold = 5 * interval // 2
    steps = [interval] * 6 + [max(1, interval // 3), 2 * interval, hold, hold + 1, 5 * interval, interval + 1]
    at = base + draw(st.integers(-60, length // 2))
    samples: list[list[Any]] = []
    for step, state in draw(st.lists(st.tuples(st.sampled_from(steps), st.sampled_from(STATES)), max_size=most)):
        samples.append([at, state])
        at += max(1, step)
    for ts, state in draw(st.lists(st.tuples(st.integers(0, most), st.sampled_from(STATES)), max_size=3)):
        if ts < len(samples):
            samples.append([samples[ts][0], state])
    return {
        "interval": interval,
        "n": draw(st.integers(1, m)),
        "m": m,
        "r": draw(st.integers(1, 4)),
        "mode": draw(st.sampled_from(["pull", "push"])),
        "samples": shuffled(draw(st.integers(0, 9)), samples),
    }


@st.composite
def timeline_checks(draw: st.DrawFn, base: int, length: int) -> Json:
    at, spans = base + draw(st.integers(-60, 60)), []
    for hole, size, state in draw(
        st.lists(
            st.tuples(st.sampled_from([0, 0, 0, 7]), st.integers(1, max(2, length // 3)), st.sampled_from(STATES)),
            max_size=6,
        )
    ):
        spans.append([at + hole, at + hole + size, state])
        at += hole + size
    return {"timeline": shuffled(draw(st.integers(0, 9)), spans)}


def intervals(base: int, length: int) -> st.SearchStrategy[list[int]]:
    return st.tuples(st.integers(-50, length), st.integers(1, length)).map(
        lambda pair: [base + pair[0], base + pair[0] + pair[1]]
    )


@st.composite
def windows(draw: st.DrawFn, base: int, length: int, notice: int) -> Json:
    start, end = draw(intervals(base, length))
    told = draw(st.sampled_from([notice, notice, notice + 1, notice - 1, None]))
    approved = draw(st.sampled_from([0, 0, 1, -1, None]))
    return {
        "start": start,
        "end": end,
        "announced": None if told is None else start - told,
        "approved": None if approved is None else start - approved,
    }


@st.composite
def exclusions(draw: st.DrawFn, base: int, length: int) -> Json:
    start, end = draw(intervals(base, length))
    return {"start": start, "end": end, "kind": "force_majeure", "evidence": "news", "approver": "kim"}


@st.composite
def accounting_cases(draw: st.DrawFn, longest: int = 900, samples: int = 40) -> Json:
    """A case with its period in seconds, and at most that many samples a check."""
    base, length = draw(st.sampled_from(BASES)), draw(st.integers(1, longest))
    sampled = sampled_checks(base, length, samples)
    checks = draw(st.lists(sampled | sampled | timeline_checks(base, length), min_size=1, max_size=3))
    part, notice = intervals(base, length), draw(st.integers(0, 200))
    weekly = st.fixed_dictionaries({"days": st.sets(st.integers(0, 6), min_size=3).map(sorted)}).map(WEEKLY.__or__)
    rule = st.sampled_from(["all", "any"]) | st.fixed_dictionaries({"at_least": st.integers(1, len(checks))})
    case: Json = {
        "period": [base, base + length],
        "zone": draw(st.sampled_from(["Asia/Seoul", "Asia/Seoul", "America/New_York"])),
        "checks": {f"c{number}": check for number, check in enumerate(checks)},
        "collector_dead": draw(st.lists(part, max_size=2)),
        "rule": draw(rule),
        "hours": draw(st.none() | st.lists(part, max_size=3) | weekly),
        "contract": draw(st.none() | st.none() | part),
        "maintenance": draw(st.lists(windows(base, length, notice), max_size=3)),
        "maintenance_rules": {
            "mode": draw(st.sampled_from(["exclude", "as_up", "ignore"])),
            "notice": notice,
            "cap": draw(st.sampled_from([0, 30, 200, 14400])),
        },
        "exclusions": draw(st.lists(exclusions(base, length), max_size=2)),
        "degraded_weight": draw(st.sampled_from(["0", "0.3", "1"])),
        "target": draw(st.sampled_from(["99.9", "90.5", "50", "3"])),
        "min_coverage": draw(st.sampled_from(["95", "0", "100", "33.3"])),
    }
    latest = [one[0] for check in checks for one in check.get("samples", [])]
    if draw(st.booleans()):
        case["until"] = max([base, *latest]) + draw(st.integers(0, 200))
    return case
