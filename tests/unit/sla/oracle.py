"""The method once more, as slowly and plainly as can be: second by second, straight from the case's JSON.

It shares nothing with dure.sla, so that a fault would have to be made twice to go unseen.
"""

from collections.abc import Callable
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal, getcontext
from fractions import Fraction
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

getcontext().prec = 60
ORDER = ["UP", "DEGRADED", "UNKNOWN", "DOWN"]
Json = dict[str, Any]


def worst_by_second(samples: list[list[Any]]) -> dict[int, str]:
    found: dict[int, str] = {}
    for ts in {sample[0] for sample in samples}:
        found[ts] = max((state for at, state in samples if at == ts), key=ORDER.index)
    return dict(sorted(found.items()))


def replay(times: list[int], states: dict[int, str], gap_after: set[int], check: Json) -> list[Json]:
    """Outages: walk through the samples, and at each look back at all that still counts."""
    n, m, r = check.get("n", 2), check.get("m", 3), check.get("r", 2)
    outages: list[Json] = []
    remembered: list[int] = []  # conclusive samples since the last gap or recovery
    is_open = False
    for ts in times:
        is_conclusive = states[ts] != "UNKNOWN"
        if is_conclusive:
            remembered.append(ts)
        bad = [one for one in remembered[-m:] if states[one] == "DOWN"]
        tail = remembered[-r:]
        is_good = len(tail) == r and all(states[one] != "DOWN" for one in tail)
        if is_conclusive and not is_open and len(bad) >= n:
            outages.append({"start": bad[0], "detected": ts, "end": None, "recovered": None})
            is_open, remembered = True, []
        elif is_conclusive and is_open and is_good:
            outages[-1].update(end=tail[0], recovered=ts)
            is_open, remembered = False, tail
        if ts in gap_after:
            remembered = []
    return outages


def is_inside(second: int, outages: list[Json]) -> bool:
    return any(one["start"] <= second and (one["end"] is None or second < one["end"]) for one in outages)


def seconds_of_check(check: Json, case: Json, period: list[int]) -> tuple[dict[int, str], Json]:
    """State of every second that the check speaks of, with its outages and blips."""
    found: dict[int, str] = {}
    if "timeline" in check:
        for start, end, state in check["timeline"]:
            for second in range(start, end):
                found[second] = state
        return found, {"outages": [], "blips": []}
    interval, mode = check.get("interval", 60), check.get("mode", "pull")
    states = worst_by_second(check["samples"])
    times = list(states)
    if not times:
        return {}, {"outages": [], "blips": []}
    until = case.get("until")
    if until is None:
        until = max(period[1], times[-1] + interval)
    following = dict(zip(times, [*times[1:], until], strict=True))
    hold = Fraction(5, 2) * interval
    gap_after = {ts for ts in times if following[ts] - ts > hold}
    outages = replay(times, states, gap_after, check)
    alone = {one: "UP" if state == "DOWN" else state for one, state in states.items()}  # unless an outage says more
    covered = [(ts, second) for ts in times for second in range(ts, following[ts])]
    for ts, second in covered:
        is_gap = ts in gap_after and second >= ts + interval
        dead = any(start <= second < end for start, end in case.get("collector_dead", []))
        if is_gap and mode == "push" and not dead:
            found[second] = "DOWN"
        elif is_gap or states[ts] == "UNKNOWN":
            found[second] = "UNKNOWN"
        elif is_inside(ts, outages):
            found[second] = "DOWN"
        else:
            found[second] = alone[ts]
    blips = [ts for ts in times if states[ts] == "DOWN" and not is_inside(ts, outages)]
    return found, {"outages": outages, "blips": blips}


def service_state(states: list[str], needed: int) -> str:
    """Try every way in which the unknown checks could be, and see whether they agree."""
    ways = product(*([["UP", "DOWN"] if state == "UNKNOWN" else [state] for state in states]))
    works = {sum(state != "DOWN" for state in way) >= needed for way in ways}
    if works == {False}:
        return "DOWN"
    if works == {True, False}:
        return "UNKNOWN"
    return "UP" if all(state == "UP" for state in states) else "DEGRADED"


def open_at(case: Json) -> Callable[[int], bool]:
    hours, zone = case.get("hours"), ZoneInfo(case.get("zone", "Asia/Seoul"))
    if hours is None:
        return lambda second: True
    if isinstance(hours, list):
        return lambda second: any(start <= second < end for start, end in hours)

    def weekly(second: int) -> bool:
        local = datetime.fromtimestamp(second, zone)
        clock = local.strftime("%H:%M:%S")
        return (
            local.weekday() in hours["days"]
            and local.date().isoformat() not in hours.get("holidays", [])
            and any(f"{start}:00" <= clock < f"{end}:00" for start, end in hours["open"])
        )

    return weekly


def maintained(case: Json, period: list[int]) -> set[int]:
    rules = case.get("maintenance_rules", {})
    notice, left = rules.get("notice", 259200), rules.get("cap", 14400)
    windows = [
        one
        for one in case.get("maintenance", [])
        if one.get("approved") is not None
        and one.get("announced") is not None
        and one["approved"] <= one["start"]
        and one["announced"] + notice <= one["start"]
    ]
    found: set[int] = set()
    for second in range(*period):
        if left > 0 and any(one["start"] <= second < one["end"] for one in windows):
            found.add(second)
            left -= 1
    return found


def classes(case: Json, period: list[int], service: dict[int, str]) -> dict[str, int]:
    names = "not_monitored out_of_hours maintenance excluded ast up degraded down unknown"
    count = dict.fromkeys(names.split(), 0)
    is_open, worked_on = open_at(case), maintained(case, period)
    mode = case.get("maintenance_rules", {}).get("mode", "exclude")
    contract = case.get("contract")
    for second in range(*period):
        state = service.get(second, "UNKNOWN").lower()
        excluded = any(one["start"] <= second < one["end"] for one in case.get("exclusions", []))
        agreed = ["ast", state]
        if contract is not None and not contract[0] <= second < contract[1]:
            agreed = ["not_monitored"]
        elif not is_open(second):
            agreed = ["out_of_hours"]
        elif second in worked_on and mode == "exclude":
            agreed = ["maintenance"]
        elif second in worked_on:
            agreed = ["maintenance", "ast", "up" if mode == "as_up" else state]
        elif excluded:
            agreed = ["excluded"]
        for name in agreed:
            count[name] += 1
    return {"period": period[1] - period[0], **count}


def spans(seconds: dict[int, str]) -> list[list[Any]]:
    found: list[list[Any]] = []
    for second in sorted(seconds):
        if found and found[-1][1] == second and found[-1][2] == seconds[second]:
            found[-1][1] = second + 1
        else:
            found.append([second, second + 1, seconds[second]])
    return found


def incidents(service: dict[int, str]) -> list[Json]:
    found: list[Json] = []
    for second in (one for one in sorted(service) if service[one] == "DOWN"):
        if found and second - found[-1]["end"] <= 300:
            found[-1] = {"start": found[-1]["start"], "end": second + 1, "down": found[-1]["down"] + 1}
        else:
            found.append({"start": second, "end": second + 1, "down": 1})
    return found


def shown(part: Fraction, whole: int) -> Json | None:
    if whole == 0:
        return None
    exact = part / whole
    decimal = Decimal(exact.numerator) * 100 / Decimal(exact.denominator)
    return {"exact": str(exact), "percent": str(decimal.quantize(Decimal("0.00001"), ROUND_FLOOR))}


def verdict(case: Json, seconds: dict[str, int], bad: Fraction) -> str:
    ast, unknown = seconds["ast"], seconds["unknown"]
    target = Fraction(case.get("target", "99.9")) / 100
    if ast == 0:
        return "N/A"
    if (ast - bad) / Fraction(ast) < target:
        return "BREACHED"
    if Fraction(ast - unknown, ast) < Fraction(case.get("min_coverage", "95")) / 100:
        return "INSUFFICIENT_DATA"
    return "MET" if (ast - bad - unknown) / Fraction(ast) >= target else "INDETERMINATE"


def explained(case: Json) -> Json:
    """The result that `operator sla explain --json` must print; the period is given in seconds."""
    period = case["period"]
    by_check = {name: seconds_of_check(check, case, period) for name, check in case["checks"].items()}
    every = [second for states, _ in by_check.values() for second in states]
    rule = case.get("rule", "all")
    needed = {"all": len(by_check), "any": 1}[rule] if isinstance(rule, str) else rule["at_least"]
    service = {
        second: service_state([states.get(second, "UNKNOWN") for states, _ in by_check.values()], needed)
        for second in (range(min(every), max(every) + 1) if every else [])
    }
    seconds = classes(case, period, service)
    bad = seconds["down"] + Fraction(case.get("degraded_weight", "0")) * seconds["degraded"]
    ast, known = seconds["ast"], seconds["ast"] - seconds["unknown"]
    return {
        "seconds": seconds,
        "bad": str(bad),
        "known": known,
        "availability": shown(known - bad, known),
        "lower": shown(known - bad, ast),
        "upper": shown(ast - bad, ast),
        "coverage": shown(Fraction(known), ast),
        "verdict": verdict(case, seconds, bad),
        "budget": str((1 - Fraction(case.get("target", "99.9")) / 100) * ast),
        "checks": {name: {"spans": spans(states), **told} for name, (states, told) in by_check.items()},
        "spans": spans(service),
        "incidents": incidents(service),
    }
