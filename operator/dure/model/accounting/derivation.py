"""An account as text that a person can follow with a pocket calculator, line by line."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from dure.model.accounting.case_model import AccountingCase, MonthPeriod, WeeklyHoursModel
from dure.model.accounting.conversion import to_case
from dure.model.accounting.verdict_words import verdict_words
from dure.sla.case import Account, Case, KnownCheck, SampledCheck, observed
from dure.sla.confirmation import Outage
from dure.sla.exclusions import Exclusion
from dure.sla.intervals import Intervals, intersection, length
from dure.sla.maintenance import MaintenanceMode, MaintenanceWindow, objection
from dure.sla.ratio import percent
from dure.sla.states import State

MOST_ROWS = 40
MODE_WORDS = {
    MaintenanceMode.EXCLUDE: "leaves the agreed time",
    MaintenanceMode.AS_UP: "counts as up",
    MaintenanceMode.IGNORE: "counts as any other second",
}


def derivation(model: AccountingCase, account: Account) -> str:
    """How the figure came about: checks, service, seconds, figures, verdict."""
    case = to_case(model)
    clock = Clock(model.period.zone if isinstance(model.period, MonthPeriod) else model.zone)
    parts = (
        _period(case, clock),
        _checks(case, account, clock),
        _service(case, account, clock),
        _masks(model, case, account, clock),
        _seconds(case, account),
        _figures(model, case, account),
    )
    return "\n".join(line for part in parts for line in [*part, ""]) + verdict_words(case, account) + "\n"


DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Clock:
    """Seconds as local time in one zone."""

    def __init__(self, zone: str) -> None:
        self.name = zone
        self.zone = ZoneInfo(zone)

    def at(self, second: int) -> str:
        return datetime.fromtimestamp(second, self.zone).strftime("%Y-%m-%d %H:%M:%S")

    def span(self, start: int, end: int) -> str:
        return f"{self.at(start)} to {self.at(end)}  {seconds(end - start):>11}"


def seconds(count: int | Fraction) -> str:
    """Seconds with separators; a fraction of one floored to a hundredth."""
    whole = int(count)
    if count == whole:
        return f"{whole:,} s"
    sign, hundredths = ("-" if count < 0 else ""), int(abs(Fraction(count)) * 100)
    return f"{sign}{hundredths // 100:,}.{hundredths % 100:02} s"


def _shortened(lines: Iterable[str]) -> list[str]:
    every = list(lines)
    more = len(every) - MOST_ROWS
    return every if more <= 0 else [*every[:MOST_ROWS], f"  … and {more:,} more; --json has them all"]


def _period(case: Case, clock: Clock) -> list[str]:
    return [f"Period    {clock.span(*case.period)}  ({clock.name})"]


def _checks(case: Case, account: Account, clock: Clock) -> list[str]:
    lines = ["Checks"]
    for name, check in case.checks.items():
        found = account.checks[name]
        lines.append(f"  {name}: {_rule_of(check)}")
        lines += _shortened(_outage(one, clock) for one in found.outages)
        lines += _shortened(
            f"    blip     {clock.at(ts)}  a bad sample that no other confirmed: counts as UP" for ts in found.blips
        )
        lines += _shortened(_bad_spans(found.spans, clock, "    "))
    if case.collector_dead:
        lines.append("  the collector itself was dead, so that silence is UNKNOWN:")
        lines += _shortened(f"    {clock.span(*one)}" for one in case.collector_dead)
    return lines


def _outage(one: Outage, clock: Clock) -> str:
    confirmed = f"confirmed by the sample at {clock.at(one.detected)}"
    if one.end is None or one.recovered is None:
        return f"    outage   from {clock.at(one.start)}, {confirmed}; still open"
    recovered = f"its end by the one at {clock.at(one.recovered)}"
    return f"    outage   {clock.at(one.start)} to {clock.at(one.end)}; {confirmed}, {recovered}"


def _rule_of(check: SampledCheck | KnownCheck) -> str:
    if isinstance(check, KnownCheck):
        return "its timeline is given"
    rule, confirmation = check.rule, check.rule.confirmation
    hold = Fraction(5 * rule.interval, 2)
    silence = "UNKNOWN" if rule.mode == "pull" else "DOWN while the collector lived"
    return (
        f"{len(check.samples):,} samples, one every {rule.interval} s; {confirmation.n} DOWN of {confirmation.m} open "
        f"an outage, {confirmation.r} good ones close it; silence of more than {seconds(hold)} is {silence}"
    )


def _bad_spans(spans: Iterable[tuple[int, int, State]], clock: Clock, indent: str) -> Iterator[str]:
    for start, end, state in spans:
        if state is not State.UP:
            yield f"{indent}{state.value:<8} {clock.span(start, end)}"


def _service(case: Case, account: Account, clock: Clock) -> list[str]:
    count = len(case.checks)
    needed = case.rule.needed(count)
    rule = "its one check" if count == 1 else f"{needed} of its {count} checks must be good, judged second by second"
    lines = [f"Service   {rule}"]
    lines += _shortened(_bad_spans(account.spans, clock, "  "))
    lines += _shortened(
        f"  incident {clock.at(one.start)} to {clock.at(one.end)}, of which {seconds(one.down)} down"
        for one in account.incidents
    )
    return lines if len(lines) > 1 else [*lines, "  UP wherever it is known"]


def _masks(model: AccountingCase, case: Case, account: Account, clock: Clock) -> list[str]:
    lines = ["Agreed time"]
    if case.contract:
        lines.append(f"  contract {clock.span(*case.contract)}")
    if isinstance(model.hours, WeeklyHoursModel):
        days = ", ".join(DAYS[day] for day in sorted(set(model.hours.days)))
        open_ = ", ".join(f"{start}-{end}" for start, end in model.hours.open)
        lines.append(f"  hours    {days} {open_} ({model.zone}), holidays out: {len(set(model.hours.holidays))}")
    else:
        lines.append("  hours    round the clock" if case.hours is None else f"  hours    {len(case.hours)} intervals")
    lines += _shortened(_window(one, case.maintenance_rules.notice, clock) for one in case.maintenance)
    if case.maintenance:
        rules, counted = case.maintenance_rules, length(account.masks.maintenance)
        lines.append(
            f"  maintenance {MODE_WORDS[rules.mode]}: {seconds(counted)} in agreed hours, after a notice of "
            f"{seconds(rules.notice)} and a cap of {seconds(rules.cap)} a period"
        )
    lines += _shortened(_excluded(one, account.masks.excluded, clock) for one in case.exclusions)
    return lines


def _window(window: MaintenanceWindow, notice: int, clock: Clock) -> str:
    against = objection(window, notice)
    judged = "is in order" if against is None else f"does not count: {against.value}"
    return f"  maintenance {clock.span(window.start, window.end)}  {judged}"


def _excluded(one: Exclusion, excluded: Intervals, clock: Clock) -> str:
    counted = length(intersection(excluded, ((one.start, one.end),)))
    return (
        f"  excluded {clock.span(one.start, one.end)}  {one.kind.value}, {seconds(counted)} of it counted; "
        f"evidence: {one.evidence}; approved by {one.approver}"
    )


def _seconds(case: Case, account: Account) -> list[str]:
    found = account.seconds
    out = [("period", found.period), ("not monitored", found.not_monitored), ("out of hours", found.out_of_hours)]
    is_memo = case.maintenance_rules.mode is not MaintenanceMode.EXCLUDE
    if not is_memo:
        out.append(("maintenance", found.maintenance))
    out.append(("excluded", found.excluded))
    lines = ["Seconds"]
    lines += [f"  {'-' if number else ' '} {count:>12,}  {name}" for number, (name, count) in enumerate(out)]
    lines.append(f"  = {found.ast:>12,}  agreed service time (AST)")
    states = (("up", found.up), ("degraded", found.degraded), ("down", found.down), ("unknown", found.unknown))
    lines += [f"    {count:>12,}  of it {name}" for name, count in states]
    if is_memo and found.maintenance:
        lines.append(f"    {found.maintenance:>12,}  of it maintenance, {MODE_WORDS[case.maintenance_rules.mode]}")
    return lines


def _figures(model: AccountingCase, case: Case, account: Account) -> list[str]:
    found, figures = account.seconds, account.figures
    bad, ast, known = _plain(figures.bad), f"{figures.ast:,}", f"{figures.known:,}"
    rows = [
        f"  bad          = down {found.down:,} + {model.degraded_weight} x degraded {found.degraded:,} = {bad}",
        f"  known        = AST {ast} - unknown {found.unknown:,} = {known}",
        f"  availability = 1 - {bad} / {known} = {_ratio(figures.availability)}",
        f"  lower bound  = 1 - ({bad} + {found.unknown:,}) / {ast} = {_ratio(figures.lower)}  all unknown was down",
        f"  upper bound  = 1 - {bad} / {ast} = {_ratio(figures.upper)}  all unknown was up",
        f"  coverage     = {known} / {ast} = {_ratio(figures.coverage)}",
        f"  budget       = (100 - {model.target}) % of {ast} s = {seconds(account.budget)}, "
        f"left {seconds(account.budget - figures.bad)}",
    ]
    raw = observed(case)
    rows.append(
        f"  observed     = {_ratio(raw.figures.availability)}  round the clock, nothing taken out, for comparison alone"
    )
    return ["Figures", *rows]


def _plain(number: Fraction) -> str:
    return f"{int(number):,}" if number.denominator == 1 else str(number)


def _ratio(fraction: Fraction | None) -> str:
    return "none" if fraction is None else f"{fraction} = {percent(fraction, 5)} %"
