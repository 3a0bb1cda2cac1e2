"""Rules between the keys of a contract; each Problem stands at the key that breaks the rule."""

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction

from dure.errors import UsageError
from dure.model.document import Document, Path_
from dure.model.explain import nearest
from dure.model.holiday_calendar import FILES, REVISION, load_calendar, read_calendar, revisions
from dure.model.problem import Problem
from dure.model.promise.contract import Contract, Hours, Service
from dure.model.promise.terms import TIERS, hours_of, least_agreed_month, rule_of, target_of
from dure.sla.admissibility import highest_admissible, is_admissible
from dure.sla.faults import SlaError
from dure.sla.indicators.catalogue import KEYS, Tier, checked_selection, indicator
from dure.sla.ratio import from_percent

AT: Path_ = ("contract",)


def contract_problems(contract: Contract, document: Document, site_checks: Mapping[str, int]) -> list[Problem]:
    """What the fields alone do not show. `site_checks`: site/check of blueprints -> interval in seconds."""
    intervals = {**site_checks, **{one.id: one.interval_seconds for one in contract.checks}}
    problems = _term(contract, document) + _twice(contract, document) + _calendars(contract, document)
    problems += _checks(contract, document) + _indicators(contract, document) + _credits(contract, document)
    for index, service in enumerate(contract.services):
        at = (*AT, "services", index)
        found = _composition(service, document, at, intervals)
        problems += found + _dependency(contract, service, document, at)
        if not found and not problems:
            problems += _target(contract, service, document, at, intervals)
    return problems


def _term(contract: Contract, document: Document) -> list[Problem]:
    if contract.ends is None or contract.ends > contract.starts:
        return []
    why = f"it starts on {contract.starts}"
    what = f"the contract ends on {contract.ends}"
    return [document.problem((*AT, "ends"), what, why, "write the first date after its last day")]


def _twice(contract: Contract, document: Document) -> list[Problem]:
    lists: tuple[tuple[str, str, list[str]], ...] = (
        ("services", "id", [one.id for one in contract.services]),
        ("checks", "id", [one.id for one in contract.checks]),
        ("indicators", "key", [one.key for one in contract.indicators]),
        ("calendar_overrides", "date", [one.date for one in contract.calendar_overrides]),
    )
    problems = []
    for key, field, names in lists:
        problems += _repeated(document, (*AT, key), field, names)
    for index, service in enumerate(contract.services):
        names = [one.check for one in service.checks]
        problems += _repeated(document, (*AT, "services", index, "checks"), "check", names)
        if service.hours is not None:
            problems += _hours(service.hours, document, (*AT, "services", index, "hours"))
    if contract.hours is not None:
        problems += _hours(contract.hours, document, (*AT, "hours"))
    if contract.desk.hours is not None:
        problems += _hours(contract.desk.hours, document, (*AT, "desk", "hours"))
    return problems


def _repeated(document: Document, at: Path_, field: str, names: Iterable[str]) -> list[Problem]:
    first: dict[str, int] = {}
    problems = []
    for index, name in enumerate(names):
        earlier = first.setdefault(name, index)
        if earlier != index:
            why = f"line {document.at((*at, earlier))[0]} has it already"
            problems.append(
                document.problem((*at, index, field), f'"{name}" stands twice', why, "remove one of the two")
            )
    return problems


def _hours(hours: Hours, document: Document, at: Path_) -> list[Problem]:
    return _repeated(document, (*at, "exceptions"), "date", [one.date for one in hours.exceptions])


def _calendars(contract: Contract, document: Document) -> list[Problem]:
    problems = []
    for index, revision in enumerate(contract.calendar_revisions):
        try:
            read_calendar(revision)
        except UsageError as error:
            at = (*AT, "calendar_revisions", index)
            problems.append(document.problem(at, error.what, error.why, error.mend))
            continue
        match = REVISION.fullmatch(revision)
        if match and match[1] != contract.calendar:
            why = f"the contract's calendar is {contract.calendar}"
            at = (*AT, "calendar_revisions", index)
            problems.append(document.problem(at, f"{revision} is of another country", why, "write one of its own"))
    if not list(FILES.glob(f"{contract.calendar}-*.r*.json")):
        known = sorted({one.stem.partition("-")[0] for one in FILES.glob("*.r*.json")})
        what, why = f'there is no calendar "{contract.calendar}"', "no such file came with this version"
        problems.append(document.problem((*AT, "calendar"), what, why, f"write {' or '.join(known)}"))
    return problems


def _checks(contract: Contract, document: Document) -> list[Problem]:
    problems = []
    for index, check in enumerate(contract.checks):
        at = (*AT, "checks", index)
        if check.n > check.m:
            why = f"{check.n} of the last {check.m} samples can never be DOWN"
            problems.append(
                document.problem((*at, "n"), f"n is {check.n} and m is {check.m}", why, "make m at least n")
            )
        untils = [one.until for one in check.earlier_intervals]
        if untils != sorted(set(untils)):
            what, why = "the earlier intervals are out of order", "each holds from the end of the one before"
            problems.append(document.problem((*at, "earlier_intervals"), what, why, "sort them by `until`"))
    return problems


def _credits(contract: Contract, document: Document) -> list[Problem]:
    """What is credited below all bands is no less than any band gives, and no more than the cap."""
    terms, path = contract.credits, (*AT, "credits", "below")
    if "below" not in terms.model_fields_set:
        return []
    most = max(terms.bands, key=lambda one: from_percent(one.credit), default=None)
    if most is not None and from_percent(terms.below) < from_percent(most.credit):
        what = f"below all bands {terms.below} % is credited"
        why = f"the band from {most.at_least} % gives {most.credit} %, and a worse month never gets less"
        return [document.problem(path, what, why, f'write "{most.credit}" or more')]
    if from_percent(terms.below) > from_percent(terms.cap):
        what, why = f"below all bands {terms.below} % is credited", f"the cap is {terms.cap} %"
        return [document.problem(path, what, why, f'write "{terms.cap}" or less, or raise `cap`')]
    return []


def _composition(service: Service, document: Document, at: Path_, intervals: Mapping[str, int]) -> list[Problem]:
    problems = []
    for index, one in enumerate(service.checks):
        if one.check not in intervals:
            near = nearest(one.check, intervals)
            mend = f'write "{near}"' if near else f"use one of: {', '.join(sorted(intervals)) or '(there are none)'}"
            why = "neither a site's blueprint nor the contract has a check of that name"
            path = (*at, "checks", index, "check")
            problems.append(document.problem(path, f'unknown check "{one.check}"', why, mend))
    critical = sum(one.critical for one in service.checks)
    try:
        rule_of(service).needed(critical)
    except SlaError as error:
        mend = f"write at_least of 1 to {critical}" if critical else "make a check critical"
        problems.append(document.problem((*at, "rule"), f'the rule of "{service.id}" cannot hold', str(error), mend))
    return problems


def _dependency(contract: Contract, service: Service, document: Document, at: Path_) -> list[Problem]:
    seen, one = [service.id], service
    while one.depends_on is not None:
        path = (*at, "depends_on")
        above = contract.service(one.depends_on)
        if above is None:
            near = nearest(one.depends_on, [other.id for other in contract.services])
            mend = f'write "{near}"' if near else "write the id of a service of this contract"
            what = f'unknown service "{one.depends_on}"'
            why = "the contract has none of that id"
            return [document.problem(path, what, why, mend)] if one is service else []
        if above.id in seen:
            way = " -> ".join([*seen, above.id])
            return [document.problem(path, "services depend on each other in a circle", way, "remove one `depends_on`")]
        seen.append(above.id)
        one = above
    return []


def _indicators(contract: Contract, document: Document) -> list[Problem]:
    problems = []
    tier = Tier(contract.tier)
    for index, key in enumerate(contract.wanted_indicators):
        if key not in KEYS:
            near = nearest(key, KEYS)
            mend = f'write "{near}"' if near else "docs/sla.md has their keys"
            at = (*AT, "wanted_indicators", index)
            problems.append(document.problem(at, f'unknown indicator "{key}"', "there are thirty", mend))
    for index, one in enumerate(contract.indicators):
        at = (*AT, "indicators", index)
        if one.key not in KEYS:
            near = nearest(one.key, KEYS)
            mend = f'write "{near}"' if near else f"use one of: {', '.join(sorted(KEYS))}"
            problems.append(document.problem((*at, "key"), f'unknown indicator "{one.key}"', "there are thirty", mend))
        elif one.target is None and indicator(one.key).targets[TIERS.index(tier)] is None:
            why = f"the tier {contract.tier} offers none for it"
            problems.append(document.problem(at, f'"{one.key}" has no target', why, "add `target:`, or leave it out"))
    if contract.indicators and not problems:
        try:
            checked_selection([one.key for one in contract.indicators], tier)
        except SlaError as error:
            mend = f"see the sizes of tiers in docs/sla.md, or remove `indicators` for the set of {contract.tier}"
            what = f"these indicators do not fit the tier {contract.tier}"
            problems.append(document.problem((*AT, "indicators"), what, str(error), mend))
    return problems


def newest_year(country: str) -> int:
    """The last year that has a calendar."""
    found = [REVISION.fullmatch(one.stem) for one in FILES.glob(f"{country}-*.r*.json")]
    return max((int(one[2]) for one in found if one), default=date.min.year)


def _target(
    contract: Contract, service: Service, document: Document, at: Path_, intervals: Mapping[str, int]
) -> list[Problem]:
    """Ten intervals of downtime must fit into the budget of the shortest month, or no measurement proves the target."""
    year = newest_year(contract.calendar)
    calendar = load_calendar(revisions(contract.calendar, year)[-1])
    ast = least_agreed_month(contract, service, calendar, year)
    interval = max(intervals[one.check] for one in service.checks if one.critical)
    target = from_percent(target_of(contract, service))
    if ast and is_admissible(target, ast, interval):
        return []
    highest = highest_admissible(ast, interval)
    kind = "in agreed hours" if hours_of(contract, service) else "round the clock"
    why = (
        f"checks every {interval} s need a budget of {10 * interval} s, and the shortest month with {ast:,} s {kind} "
        f"gives {floored((1 - target) * ast)} s"
    )
    mend = f'write at most "{three_places(highest)}", or check more often' if highest else "check more often"
    path = (*at, "target") if service.target else at
    return [document.problem(path, f"a target of {target_of(contract, service)} % cannot be proved", why, mend)]


def floored(number: Fraction) -> str:
    return f"{number.numerator // number.denominator:,}"


def three_places(share: Fraction) -> str:
    """Percent with at most three places, floored so that it can still be proved."""
    thousandths = share.numerator * 100_000 // share.denominator
    text = f"{thousandths // 1000}.{thousandths % 1000:03}".rstrip("0")
    return text + "0" if text.endswith(".") else text
