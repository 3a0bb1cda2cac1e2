"""Indicators 9-14: backup, restore tests, patches, endpoints, drift, expiry."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dure.sla.indicators.measure import Measure, number, rate, rate_of
from dure.sla.intervals import Interval

DAY = 86400
PATCH_LIMIT = 14 * DAY
FRESH = 7 * DAY
RENEW_BEFORE = 14 * DAY


@dataclass(frozen=True, slots=True)
class RestoreTest:
    """When, whether it passed, how long the restore took and how old the data were, with their limits (seconds)."""

    at: int
    passed: bool
    took: int
    rto: int
    data_age: int
    rpo: int

    @property
    def counts(self) -> bool:
        return self.passed and self.took <= self.rto and self.data_age <= self.rpo


@dataclass(frozen=True, slots=True)
class CriticalPatch:
    """When it was published and when the host had it; None: not yet."""

    published: int
    installed: int | None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Whether protection runs, and when its signatures were last renewed; None: never."""

    protected: bool
    refreshed: int | None


@dataclass(frozen=True, slots=True)
class Expiry:
    """A certificate, domain or licence: when it ends, and when it was renewed; None: not yet."""

    expires: int
    renewed: int | None


def backup_compliance(successful: int, planned: int) -> Measure:
    """9: successful ÷ planned runs; a run that never began was planned."""
    return rate(successful, planned)


def restore_tests(tests: Iterable[RestoreTest], year: Interval) -> Measure:
    """10: tests of the year that passed within RTO and RPO."""
    return number(sum(one.counts for one in tests if year[0] <= one.at < year[1]))


def patched_in_time(hosts: Mapping[str, Sequence[CriticalPatch]], period: Interval) -> Measure:
    """11: hosts that had every critical patch within 14 days ÷ hosts with one that fell due in the period."""
    judged = []
    for patches in hosts.values():
        due = [one for one in patches if period[0] <= one.published + PATCH_LIMIT < period[1]]
        if due:
            judged.append(all(_patched(one) for one in due))
    return rate_of(judged)


def _patched(patch: CriticalPatch) -> bool:
    return patch.installed is not None and patch.installed <= patch.published + PATCH_LIMIT


def is_stale(host: Endpoint, now: int) -> bool:
    """Its signatures are older than 7 days, or were never renewed."""
    return host.refreshed is None or now - host.refreshed > FRESH


def endpoint_protection(hosts: Iterable[Endpoint], now: int) -> Measure:
    """12 of one list: hosts protected with signatures at most 7 days old ÷ hosts."""
    return rate_of([one.protected and not is_stale(one, now) for one in hosts])


def endpoint_days(days: Iterable[tuple[int, int]]) -> Measure:
    """12 of a month, from counts: Σ protected and fresh ÷ Σ hosts over its days, each (hosts, of them protected and
    fresh); days of which no list tells are none of them."""
    every = list(days)
    return rate(sum(sound for _, sound in every), sum(hosts for hosts, _ in every))


def conformity(drifted: int, managed: int) -> Measure:
    """13: 1 − drifted ÷ managed resources."""
    return rate(managed - drifted, managed)


def renewed_in_time(expiries: Iterable[Expiry], period: Interval) -> Measure:
    """14: renewed at least 14 days before the end ÷ those whose 14th day before falls in the period."""
    return rate_of(
        [
            one.renewed is not None and one.renewed <= one.expires - RENEW_BEFORE
            for one in expiries
            if period[0] <= one.expires - RENEW_BEFORE < period[1]
        ]
    )
