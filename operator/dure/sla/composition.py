"""A service's timeline from those of its checks, second by second in three-valued (Kleene) logic.

Availabilities of checks are never multiplied or averaged: both are wrong as soon as outages overlap.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from dure.sla.faults import BadRule
from dure.sla.spans import Span, Spans, merged
from dure.sla.states import State


@dataclass(frozen=True, slots=True)
class Rule:
    """How many checks must be good for the service to work: None for all of them."""

    at_least: int | None = None

    def needed(self, checks: int) -> int:
        """k of k-of-n. Raises BadRule when it can never or need never hold."""
        if checks < 1:
            raise BadRule("a service needs a check")
        k = checks if self.at_least is None else self.at_least
        if not 1 <= k <= checks:
            raise BadRule(f"at least {k} of {checks} checks can never be meant")
        return k


ALL = Rule()
ANY = Rule(1)


def composed_state(critical: Sequence[State], needed: int, others: Sequence[State] = ()) -> State:
    """The service's state; `others` are checks that are not critical and can only turn UP into DEGRADED."""
    up, degraded = critical.count(State.UP), critical.count(State.DEGRADED)
    return _judged(up, degraded, critical.count(State.UNKNOWN), len(critical), needed, _others_bad(others))


def _others_bad(others: Sequence[State]) -> bool:
    return State.DOWN in others or State.DEGRADED in others


def _judged(up: int, degraded: int, unknown: int, checks: int, needed: int, others_bad: bool) -> State:
    good = up + degraded
    if good >= needed:
        return State.UP if up == checks and not others_bad else State.DEGRADED
    return State.UNKNOWN if good + unknown >= needed else State.DOWN


def compose(critical: Sequence[Spans], rule: Rule = ALL, others: Sequence[Spans] = ()) -> Spans:
    """The service's timeline over all seconds that any of its checks covers; where one does not, it is UNKNOWN.

    Raises BadRule as `Rule.needed` does.
    """
    needed = rule.needed(len(critical))
    if len(critical) == 1 and not others:
        return _filled(critical[0])
    lines = [*critical, *others]
    events = _events(lines)
    now = [State.UNKNOWN] * len(lines)
    found: list[Span] = []
    for index, (at, line, state) in enumerate(events):
        now[line] = state
        following = events[index + 1][0] if index + 1 < len(events) else at
        if at < following:
            found.append(Span(at, following, composed_state(now[: len(critical)], needed, now[len(critical) :])))
    return merged(found)


def _events(lines: Sequence[Spans]) -> list[tuple[int, int, State]]:
    """(time, line, state from then on), in order of time; the end of a span before a start at the same time."""
    events: list[tuple[int, bool, int, State]] = []
    for line, spans in enumerate(lines):
        for span in spans:
            events.append((span.start, True, line, span.state))
            events.append((span.end, False, line, State.UNKNOWN))
    return [(at, line, state) for at, _, line, state in sorted(events)]


def _filled(spans: Spans) -> Spans:
    """One check alone: its timeline with the holes between its spans told as UNKNOWN."""
    found: list[Span] = []
    for span in spans:
        if found and found[-1].end < span.start:
            found.append(Span(found[-1].end, span.start, State.UNKNOWN))
        found.append(span)
    return merged(found)
