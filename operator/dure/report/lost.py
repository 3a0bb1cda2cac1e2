"""The seconds in which staff could not work, of a customer's whole month."""

from dure.store.promise.detail import IncidentFact
from dure.store.promise.months import CustomerMonth, ServiceMonth


def carried_seconds(service: ServiceMonth) -> int:
    """Downtime that counted in the month and belongs to an incident that began before it."""
    return service.seconds.down - sum(one.counted for one in service.detail.incidents)


def lost_seconds(month: CustomerMonth) -> int:
    """Downtime in agreed time over all services, where what lasted at the same time counts once.

    Incidents whose envelopes overlap form a group, and the group counts as its longest one: one broken line is not
    four hours of lost work because four services hung on it.
    """
    found = [one for service in month.services for one in service.detail.incidents]
    found.sort(key=lambda one: (one.start, one.end))
    carried = max((carried_seconds(service) for service in month.services), default=0)
    return carried + sum(max(one.counted for one in group) for group in overlapping(found))


def overlapping(ordered: list[IncidentFact]) -> list[list[IncidentFact]]:
    """Incidents in order of start, in groups whose envelopes overlap."""
    groups: list[list[IncidentFact]] = []
    end = 0
    for one in ordered:
        if groups and one.start < end:
            groups[-1].append(one)
            end = max(end, one.end)
        else:
            groups.append([one])
            end = one.end
    return groups
