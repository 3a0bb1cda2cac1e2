"""What a closed month keeps, so that the same data give the same bytes years later."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from dure.sla.case import Account
from dure.sla.classes import Seconds
from dure.sla.spans import Span

ENGINE = "1"


@dataclass(frozen=True, slots=True)
class Frozen:
    """Seconds per class, exact figures as text, the pinned calendar and policy, and a digest of the spans."""

    seconds: Seconds
    bad: str
    availability: str | None
    verdict: str
    calendar: str
    policy: str
    engine: str
    spans: str

    def content(self) -> bytes:
        """The canonical bytes: JSON, keys sorted, no spaces, UTF-8."""
        return canonical(asdict(self))


def canonical(value: object) -> bytes:
    """JSON with sorted keys and no spaces: equal values have equal bytes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(value: object) -> str:
    """sha256 of the canonical bytes, such as of a policy."""
    return hashlib.sha256(canonical(value)).hexdigest()


def span_digest(spans: Iterable[Span]) -> str:
    """sha256 of a timeline."""
    return digest([[one.start, one.end, one.state.value] for one in spans])


def freeze(result: Account, calendar: str, policy: str) -> Frozen:
    """The row that is kept. `calendar` is the revision pinned, such as KR-2026.r1; `policy` the contract's digest."""
    exact = result.figures.availability
    return Frozen(
        seconds=result.seconds,
        bad=str(result.figures.bad),
        availability=None if exact is None else str(exact),
        verdict=result.verdict.value,
        calendar=calendar,
        policy=policy,
        engine=ENGINE,
        spans=span_digest(result.spans),
    )


def correction(frozen: Seconds, recomputed: Seconds) -> dict[str, int]:
    """What late data would change: class -> seconds more (or fewer); the frozen row itself stays."""
    before, after = asdict(frozen), asdict(recomputed)
    return {name: after[name] - before[name] for name in before if after[name] != before[name]}
