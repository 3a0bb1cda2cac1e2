"""An account as text that a person can follow with a pocket calculator, line by line, in Korean or English."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from dure.model.accounting.case_model import AccountingCase, MonthPeriod, WeeklyHoursModel
from dure.model.accounting.conversion import to_case
from dure.sla.case import Account, Case, KnownCheck, SampledCheck, observed
from dure.sla.confirmation import Outage
from dure.sla.exclusions import Exclusion
from dure.sla.intervals import Intervals, intersection, length
from dure.sla.maintenance import MaintenanceMode, MaintenanceWindow, Objection, objection
from dure.sla.ratio import percent
from dure.sla.states import State
from dure.text.derivation_words import DAYS, KINDS, say
from dure.text.verdict_words import verdict_words
from dure.text.writing import Language

MOST_ROWS = 40
OBJECTIONS = {
    Objection.NOT_APPROVED: "승인하지 않았습니다",
    Objection.APPROVED_LATE: "시작한 뒤에 승인했습니다",
    Objection.NOT_ANNOUNCED: "알리지 않았습니다",
    Objection.SHORT_NOTICE: "통지가 늦었습니다",
}


def derivation(model: AccountingCase, account: Account, language: Language = "en") -> str:
    """How the figure came about: checks, service, seconds, figures, verdict."""
    case = to_case(model)
    zone = model.period.zone if isinstance(model.period, MonthPeriod) else model.zone
    teller = _Teller(model, case, account, zone, language)
    parts = (teller.period(), teller.checks(), teller.service(), teller.masks(), teller.seconds(), teller.figures())
    lines = [line for part in parts for line in [*part, ""]]
    return "\n".join(lines) + verdict_words(case, account, language) + "\n"


class _Teller:
    """Tells one account in one language and time zone."""

    def __init__(self, model: AccountingCase, case: Case, account: Account, zone: str, language: Language) -> None:
        self._model, self._case, self._account = model, case, account
        self._zone_name, self._zone = zone, ZoneInfo(zone)
        self._language = language

    def _say(self, key: str, **values: object) -> str:
        return say(self._language, key, **values)

    def _at(self, second: int) -> str:
        return datetime.fromtimestamp(second, self._zone).strftime("%Y-%m-%d %H:%M:%S")

    def _span(self, start: int, end: int) -> str:
        return self._say("span", start=self._at(start), end=self._at(end), seconds=self._length(end - start))

    def _length(self, count: int | Fraction) -> str:
        """Seconds with separators; a fraction of one floored to a hundredth."""
        whole = int(count)
        if count == whole:
            return self._say("seconds", count=f"{whole:,}")
        sign, hundredths = ("-" if count < 0 else ""), int(abs(Fraction(count)) * 100)
        return self._say("seconds", count=f"{sign}{hundredths // 100:,}.{hundredths % 100:02}")

    def _shortened(self, lines: Iterable[str]) -> list[str]:
        every = list(lines)
        more = len(every) - MOST_ROWS
        return every if more <= 0 else [*every[:MOST_ROWS], self._say("more", count=f"{more:,}")]

    def period(self) -> list[str]:
        return [self._say("period", span=self._span(*self._case.period), zone=self._zone_name)]

    def checks(self) -> list[str]:
        lines = [self._say("checks")]
        for name, check in self._case.checks.items():
            found = self._account.checks[name]
            lines.append(f"  {name}: {self._rule_of(check)}")
            lines += self._shortened(map(self._outage, found.outages))
            lines += self._shortened(self._say("blip", at=self._at(ts)) for ts in found.blips)
            lines += self._shortened(self._bad_spans(found.spans, "    "))
        if self._case.collector_dead:
            lines.append(self._say("collector"))
            lines += self._shortened(f"    {self._span(*one)}" for one in self._case.collector_dead)
        return lines

    def _outage(self, one: Outage) -> str:
        confirmed = self._say("confirmed", at=self._at(one.detected))
        if one.end is None or one.recovered is None:
            return self._say("outage-open", start=self._at(one.start), confirmed=confirmed)
        recovered = self._say("recovered", at=self._at(one.recovered))
        return self._say(
            "outage", start=self._at(one.start), end=self._at(one.end), confirmed=confirmed, recovered=recovered
        )

    def _rule_of(self, check: SampledCheck | KnownCheck) -> str:
        if isinstance(check, KnownCheck):
            return self._say("timeline")
        rule, confirmation = check.rule, check.rule.confirmation
        return self._say(
            "rule",
            count=f"{len(check.samples):,}",
            interval=rule.interval,
            n=confirmation.n,
            m=confirmation.m,
            r=confirmation.r,
            hold=self._length(Fraction(5 * rule.interval, 2)),
            silence=self._say(f"silence-{rule.mode.value}"),
        )

    def _bad_spans(self, spans: Iterable[tuple[int, int, State]], indent: str) -> Iterator[str]:
        width = 8 if self._language == "en" else 6
        for start, end, state in spans:
            if state is not State.UP:
                yield f"{indent}{self._say(f'state-{state.value}'):<{width}} {self._span(start, end)}"

    def service(self) -> list[str]:
        count = len(self._case.checks)
        needed = self._case.rule.needed(count)
        rule = self._say("one-check") if count == 1 else self._say("some-checks", needed=needed, count=count)
        lines = [self._say("service", rule=rule)]
        lines += self._shortened(self._bad_spans(self._account.spans, "  "))
        lines += self._shortened(
            self._say("incident", start=self._at(one.start), end=self._at(one.end), down=self._length(one.down))
            for one in self._account.incidents
        )
        return lines if len(lines) > 1 else [*lines, self._say("always-up")]

    def masks(self) -> list[str]:
        case = self._case
        lines = [self._say("agreed")]
        if case.contract:
            lines.append(self._say("contract", span=self._span(*case.contract)))
        lines.append(self._hours())
        lines += self._shortened(map(self._window, case.maintenance))
        if case.maintenance:
            rules, counted = case.maintenance_rules, length(self._account.masks.maintenance)
            lines.append(
                self._say(
                    "maintenance",
                    mode=self._say(f"mode-{rules.mode.value}"),
                    counted=self._length(counted),
                    notice=self._length(rules.notice),
                    cap=self._length(rules.cap),
                )
            )
        excluded = self._account.masks.excluded
        return lines + self._shortened(self._excluded(one, excluded) for one in case.exclusions)

    def _hours(self) -> str:
        hours = self._model.hours
        if isinstance(hours, WeeklyHoursModel):
            names = DAYS[self._language]
            return self._say(
                "weekly",
                days=", ".join(names[day] for day in sorted(set(hours.days))),
                open=", ".join(f"{start}-{end}" for start, end in hours.open),
                zone=self._model.zone,
                holidays=len(set(hours.holidays)),
            )
        if self._case.hours is None:
            return self._say("round-the-clock")
        return self._say("intervals", count=len(self._case.hours))

    def _window(self, window: MaintenanceWindow) -> str:
        against = objection(window, self._case.maintenance_rules.notice)
        judged = self._say("window-counts")
        if against is not None:
            why = against.value if self._language == "en" else OBJECTIONS[against]
            judged = self._say("window-not", why=why)
        return self._say("window", span=self._span(window.start, window.end), judged=judged)

    def _excluded(self, one: Exclusion, excluded: Intervals) -> str:
        counted = length(intersection(excluded, ((one.start, one.end),)))
        return self._say(
            "excluded",
            span=self._span(one.start, one.end),
            kind=one.kind.value if self._language == "en" else KINDS[one.kind.value],
            counted=self._length(counted),
            evidence=one.evidence,
            approver=one.approver,
        )

    def seconds(self) -> list[str]:
        found, mode = self._account.seconds, self._case.maintenance_rules.mode
        is_memo = mode is not MaintenanceMode.EXCLUDE
        taken = ["period", "not_monitored", "out_of_hours", *([] if is_memo else ["maintenance"]), "excluded"]
        counts = {name: int(getattr(found, name)) for name in found.__slots__}
        lines = [self._say("seconds-heading")]
        lines += [
            f"  {'-' if number else ' '} {counts[name]:>12,}  {self._say(f'class-{name}')}"
            for number, name in enumerate(taken)
        ]
        lines.append(f"  = {found.ast:>12,}  {self._say('ast')}")
        for name in ("up", "degraded", "down", "unknown"):
            lines.append(f"    {counts[name]:>12,}  {self._say('of-it', name=self._say(f'class-{name}'))}")
        if is_memo and found.maintenance:
            told = self._say("of-it-maintenance", mode=self._say(f"mode-{mode.value}"))
            lines.append(f"    {found.maintenance:>12,}  {told}")
        return lines

    def figures(self) -> list[str]:
        found, figures = self._account.seconds, self._account.figures
        values = {
            "bad": _plain(figures.bad),
            "ast": f"{figures.ast:,}",
            "known": f"{figures.known:,}",
            "down": f"{found.down:,}",
            "degraded": f"{found.degraded:,}",
            "unknown": f"{found.unknown:,}",
            "weight": self._model.degraded_weight,
            "target": self._model.target,
            "budget": self._length(self._account.budget),
            "left": self._length(self._account.budget - figures.bad),
        }
        ratios = {
            "bad": None,
            "known": None,
            "availability": figures.availability,
            "lower": figures.lower,
            "upper": figures.upper,
            "coverage": figures.coverage,
            "budget": None,
            "observed": observed(self._case).figures.availability,
        }
        rows = [self._say(key, ratio=self._ratio(ratio), **values) for key, ratio in ratios.items()]
        return [self._say("figures-heading"), *rows]

    def _ratio(self, fraction: Fraction | None) -> str:
        return self._say("none") if fraction is None else f"{fraction} = {percent(fraction, 5)} %"


def _plain(number: Fraction) -> str:
    return f"{int(number):,}" if number.denominator == 1 else str(number)
