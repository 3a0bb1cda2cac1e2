"""The running month of the whole fleet at once: sheets that are kept, and made anew where they may not be true."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from dure import VERSION, toolkit_path
from dure.model.holiday_calendar import FILES
from dure.model.places import CUSTOMERS, OPERATOR_FILE
from dure.runs.context import Context
from dure.sla.budget import Budget, budget, is_known, projected
from dure.sla.freeze import ENGINE
from dure.sla.intervals import Interval
from dure.sla.ratio import Ratio
from dure.sla.running import standing
from dure.sla.verdict import Verdict, verdict
from dure.store.promise.detail import IncidentFact
from dure.store.promise.running import SHAPE, Kept, read_sheets, read_sources, write_sheets
from dure.store.promise.spans import series_of

AGREEMENTS = ("windows", "exclusions")


def sources(root: Path, customers: Iterable[str]) -> dict[str, str]:
    """Customer -> digest of all that decides its figures besides the spans: its files, our rules and calendars."""
    common = hashlib.sha256(f"{VERSION} {ENGINE} {SHAPE}".encode())
    shared = [root / OPERATOR_FILE, *toolkit_path().glob("blueprints/*/blueprint.yaml"), *FILES.iterdir()]
    for file in sorted(shared):
        common.update(_content(file))
    agreed = {name: {one.name for one in _entries(root / name)} for name in AGREEMENTS}
    found = {}
    for customer in customers:
        sheet = common.copy()
        sheet.update(_content(root / CUSTOMERS / f"{customer}.yaml"))
        for name in AGREEMENTS:
            if customer in agreed[name]:
                for file in _entries(root / name / customer):
                    sheet.update(f"{name}/{file.name}\0".encode() + _content(file))
        found[customer] = sheet.hexdigest()
    return found


def _entries(directory: Path) -> list[Path]:
    return sorted(directory.iterdir()) if directory.is_dir() else []


def _content(file: Path) -> bytes:
    """What the file says, with its length so that two files never read as one; nothing of one that cannot be read."""
    try:
        raw = file.read_bytes()
    except OSError:
        return b"-"
    return b"%d:" % len(raw) + raw


def kept_sheets(context: Context, wanted: Mapping[str, str], now: int) -> dict[str, list[Kept]]:
    """Customer -> its sheets, for those whose sheets are of the source wanted and good now."""
    with context.store.transaction() as session:
        good = read_sources(session, now)
        found: dict[str, list[Kept]] = {name: [] for name, source in wanted.items() if good.get(name) == source}
        for kept in read_sheets(session, found):
            found[kept.customer].append(kept)
    return found


def keep_sheets(context: Context, customer: str, source: str, good: Interval, sheets: Sequence[Kept]) -> None:
    """Keep a customer's sheets for those moments; also that there are none."""
    with context.store.transaction() as session:
        series = series_of(session, customer, "service", [one.terms.service for one in sheets])
        write_sheets(session, customer, source, good, [(series[one.terms.service], one) for one in sheets])


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """`figures` and `verdict` of the agreed time up to now; `budget` of the whole month.

    `burn` is over the last 24 agreed hours; `ends` the bad seconds at the month's end when it goes on as so
    far; None: too little was measured.
    """

    customer: str
    service: str
    name: str
    month: str
    zone: str
    figures: Ratio
    target: Fraction
    verdict: Verdict
    budget: Budget
    burn: Fraction | None
    alarms: tuple[str, ...]
    is_known: bool
    """Enough was measured to say what is left of the budget."""
    ends: Fraction | None
    incidents: tuple[IncidentFact, ...] | None
    """None: not looked for, see `status_of`."""

    @property
    def order(self) -> tuple[float, Fraction, str, str]:
        """Least budget left first. The nearest float never misorders two fractions, and tells most of them apart."""
        share = self.budget.left_share
        exact = Fraction(2) if share is None else share
        return (float(exact), exact, self.customer, self.service)


def status_of(context: Context, customers: Sequence[str], now: int, *, exact: bool = False) -> list[ServiceStatus]:
    """All services of these customers, worst first.

    Of one customer, and with `exact`, everything is computed from spans; of many the sheets of the running month tell
    the same figures, and no incidents. The models and the arithmetic are loaded only where there is something to make.
    """
    if exact or len(customers) == 1:
        from dure.runs.promise.status import exact_status

        return sorted(exact_status(context, customers, now), key=lambda one: one.order)
    wanted = sources(context.workspace, customers)
    kept = kept_sheets(context, wanted, now)
    lacking = {name: source for name, source in wanted.items() if name not in kept}
    if lacking:
        from dure.runs.promise.status import refresh

        kept |= refresh(context, lacking, now)
    return sorted((_of_sheet(one, now) for sheets in kept.values() for one in sheets), key=lambda one: one.order)


def _of_sheet(one: Kept, now: int) -> ServiceStatus:
    terms = one.terms
    found = standing(one.sheet, now, terms.target, terms.weight, terms.interval)
    return ServiceStatus(
        customer=one.customer,
        service=terms.service,
        name=terms.name,
        month=one.month,
        zone=terms.zone,
        figures=found.figures,
        target=terms.target,
        verdict=verdict(found.figures, terms.target, terms.min_coverage),
        budget=budget(found.whole, terms.target, found.figures.bad),
        burn=found.burn,
        alarms=tuple(rule.alarm.value for rule in found.alarms),
        is_known=is_known(found.figures, terms.min_coverage),
        ends=projected(found.figures, found.whole, terms.min_coverage),
        incidents=None,
    )
