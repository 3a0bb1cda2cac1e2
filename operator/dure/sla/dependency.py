"""Who owns an incident: when what a service hangs on is down too, one incident is worked on, and it is that one.

The service keeps its DOWN seconds; only the work is not doubled. A supplier (a carrier, a cloud) may be the root of
the services of many customers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dure.sla.incidents import Incident


@dataclass(frozen=True, slots=True)
class OwnedIncident:
    """`cause` is the root object whose incident this one follows from; None: it is its own."""

    owner: str
    incident: Incident
    cause: str | None


def owned(incidents: Mapping[str, Sequence[Incident]], depends_on: Mapping[str, str]) -> tuple[OwnedIncident, ...]:
    """Each object's incidents with their cause: the farthest object up the chain that was down at the same time."""
    found = []
    for owner in sorted(incidents):
        above = ancestors(owner, depends_on)
        for one in incidents[owner]:
            causes = [name for name in above if any(_meet(one, other) for other in incidents.get(name, ()))]
            found.append(OwnedIncident(owner, one, causes[-1] if causes else None))
    return tuple(found)


def ancestors(name: str, depends_on: Mapping[str, str]) -> list[str]:
    """What it hangs on, the nearest first; a ring ends where it closes."""
    chain: list[str] = []
    while (above := depends_on.get(name)) is not None and above not in chain:
        chain.append(above)
        name = above
    return chain


def _meet(one: Incident, other: Incident) -> bool:
    return one.start < other.end and other.start < one.end
