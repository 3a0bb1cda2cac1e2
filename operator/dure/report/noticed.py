"""When somebody or something noticed an incident: as the indicators count it, with what tickets say of it."""

from pydantic import BaseModel, ConfigDict

from dure.store.promise.months import CustomerMonth

KEY = "incidents"


class FrozenIncident(BaseModel):
    """An incident in the basis of that indicator, seconds UTC."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    service: str
    start: int
    detected: int | None = None


class FrozenIncidents(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)
    incidents: list[FrozenIncident] = []


def noticed_at(month: CustomerMonth) -> dict[tuple[str, int], int]:
    """(Service, start) -> the moment of notice, for incidents that have one. Seconds UTC."""
    found = next((one for one in month.indicators if one.indicator.key == KEY and one.basis), None)
    if found is None:
        return {}
    records = FrozenIncidents.model_validate_json(found.basis).incidents
    return {(one.service, one.start): max(one.detected, one.start) for one in records if one.detected is not None}
