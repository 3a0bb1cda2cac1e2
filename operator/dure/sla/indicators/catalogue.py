"""The thirty indicators with their names, units and proposed targets by tier. Availability, request times and backup
are anchored on the Korean cloud SLA guide of 2011."""

from dataclasses import dataclass
from enum import StrEnum

from dure.sla.faults import BadRule


class Category(StrEnum):
    """What an indicator speaks of; a contract has at least one of each category that its tier offers."""

    SYSTEM = "SYS"
    SERVICE = "SVC"
    INFORMATION = "INF"
    SATISFACTION = "SAT"
    USE = "USE"


class Better(StrEnum):
    """Which way is good; `count` is lower is better where headroom is a part of the target."""

    HIGHER = "higher"
    LOWER = "lower"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Indicator:
    """Targets are decimal text in the unit, for Basic, Standard and Premium; None: not offered there.

    A protected one may be tightened or watched, never dropped.
    """

    number: int
    key: str
    ko: str
    en: str
    category: Category
    unit: str
    better: Better
    targets: tuple[str | None, str | None, str | None]
    protected: bool = False


SYS, SVC, INF, SAT, USE = Category.SYSTEM, Category.SERVICE, Category.INFORMATION, Category.SATISFACTION, Category.USE
UP, DOWN, COUNT = Better.HIGHER, Better.LOWER, Better.COUNT
Row = Indicator
# fmt: off
CATALOGUE = (
    Row(1, "availability", "서비스 가용률", "service availability", SYS, "%", UP, ("99.0", "99.5", "99.9"), True),
    Row(2, "link", "회선 가용률", "site link availability", SYS, "%", UP, ("99.0", "99.5", "99.9"), True),
    Row(3, "business_hours", "업무시간 가용률", "business-hour availability", SYS, "%", UP, (None, "99.5", "99.8")),
    Row(4, "response", "응답시간 준수율", "response time within limit", SYS, "%", UP, (None, "95", "98")),
    Row(5, "incidents", "장애 건수", "incidents of severity 1-2", SYS, "n/month", COUNT, ("3", "2", "1")),
    Row(6, "repeats", "동일 장애 재발률", "repeat incident rate", SYS, "%", DOWN, ("20", "10", "5")),
    Row(7, "mttd", "장애 감지시간", "mean time to detect", SYS, "min", DOWN, ("10", "5", "2")),
    Row(8, "restored", "장애 복구시간 준수율", "restored in time", SYS, "%", UP, ("85", "90", "95"), True),
    Row(9, "backup", "백업 성공률", "backup compliance", SYS, "%", UP, ("99", "99", "99.5"), True),
    Row(10, "restore_test", "복구 시험", "restore tests passed", SYS, "n/year", UP, ("1", "2", "4"), True),
    Row(11, "patch", "보안패치 적시율", "patched in time", SYS, "%", UP, ("90", "95", "98"), True),
    Row(12, "endpoint", "엔드포인트 보호율", "endpoint protection", SYS, "%", UP, ("95", "98", "99"), True),
    Row(13, "conformity", "구성 일치율", "configuration conformity", SYS, "%", UP, (None, "95", "98")),
    Row(14, "renewal", "만료 사전처리율", "renewed 14 days before expiry", SYS, "%", UP, ("95", "98", "100")),
    Row(15, "coverage", "측정 커버리지", "measurement coverage", SYS, "%", UP, ("95", "98", "99"), True),
    Row(16, "change", "변경 성공률", "change success", SYS, "%", UP, ("90", "95", "97")),
    Row(17, "first_response", "최초 응답 준수율", "first response in time", SVC, "%", UP, ("85", "90", "95")),
    Row(18, "request", "요청 적기처리율", "request in time", SVC, "%", UP, ("90", "95", "99"), True),
    Row(19, "first_contact", "1차 해결률", "first contact resolution", SVC, "%", UP, (None, "60", "70")),
    Row(20, "reopen", "재오픈율", "reopen rate", SVC, "%", DOWN, ("10", "7", "5")),
    Row(21, "maintenance", "정기점검 이행률", "planned maintenance done", SVC, "%", UP, ("95", "98", "100")),
    Row(22, "report", "보고서 적시 제공", "report on time", SVC, "%", UP, ("100", "100", "100")),
    Row(23, "advice", "제안 이행률", "agreed advice carried out", SVC, "%", UP, (None, "60", "70")),
    Row(24, "governance", "자동화 통제 준수율", "automation governance", SVC, "%", UP, ("100", "100", "100"), True),
    Row(25, "information", "정보 정확·적시성", "information quality", INF, "1-5", UP, ("3.5", "3.8", "4.0")),
    Row(26, "servqual", "서비스 품질(SERVQUAL)", "perceived service quality", SVC, "1-5", UP, ("3.5", "3.8", "4.0")),
    Row(27, "satisfaction", "전반 만족도", "overall satisfaction", SAT, "1-5", UP, ("3.7", "4.0", "4.2"), True),
    Row(28, "utilisation", "활용률", "utilisation", USE, "%", UP, ("50", "60", "70")),
    Row(29, "net_benefit", "월간 순효과", "net benefit on four axes", USE, "KRW", UP, (None, None, None)),
    Row(30, "intention", "사용의도", "intention to use", INF, "1-5", UP, ("3.5", "3.5", "3.5")),
)
# fmt: on
HARD_CAP = 12


class Tier(StrEnum):
    """How much a customer bought."""

    BASIC = "basic"
    STANDARD = "standard"
    PREMIUM = "premium"


CONTRACTUAL = {Tier.BASIC: (5, 7), Tier.STANDARD: (8, 10), Tier.PREMIUM: (10, 12)}


def indicator(key: str) -> Indicator:
    """The indicator of that key. Raises KeyError."""
    return next(one for one in CATALOGUE if one.key == key) if key in KEYS else _unknown(key)


KEYS = frozenset(one.key for one in CATALOGUE)


def _unknown(key: str) -> Indicator:
    raise KeyError(key)


def checked_selection(keys: list[str], tier: Tier) -> tuple[Indicator, ...]:
    """The contractual indicators of a customer. Raises BadRule when their number does not fit the tier, one stands
    twice, or a category that the tier offers has none."""
    chosen = tuple(indicator(key) for key in keys)
    least, most = CONTRACTUAL[tier]
    if len(set(keys)) != len(keys):
        raise BadRule("an indicator stands twice")
    if not least <= len(chosen) <= min(most, HARD_CAP):
        raise BadRule(f"{len(chosen)} contractual indicators; {tier.value} has {least} to {most}")
    missing = {one.category for one in CATALOGUE} - {one.category for one in chosen}
    if missing:
        raise BadRule(f"no indicator of category {', '.join(sorted(missing))}; each category needs one")
    return chosen
