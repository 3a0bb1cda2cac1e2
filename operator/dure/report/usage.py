"""Use of services as the month froze it, with the open cases of low utilisation."""

from fractions import Fraction

from pydantic import BaseModel, ConfigDict

from dure.model.words import WordPair
from dure.report.parts import Figure, Usage
from dure.sla.indicators.use import LEAST_USERS
from dure.sla.utilisation import LOW, Cause, Opening
from dure.store.promise.months import CustomerMonth
from dure.text.report_usage import case_words


class FrozenService(BaseModel):
    """A service in the basis of the utilisation indicator."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    service: str
    entitled: int
    acted: int
    before: tuple[int, int] | None = None
    opened: str = ""
    opening: str = ""
    cause: str = ""
    cause_due: str = ""


class FrozenUsage(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)
    services: list[FrozenService] = []


def measured_usage(month: CustomerMonth) -> tuple[Usage, ...]:
    """Services by name; counts of one or two people are not shown."""
    found = next((one for one in month.indicators if one.indicator.key == "utilisation" and one.basis), None)
    if found is None:
        return ()
    names = {one.service: WordPair(ko=one.detail.service[0], en=one.detail.service[1]) for one in month.services}
    services = FrozenUsage.model_validate_json(found.basis).services
    return tuple(_usage(one, names.get(one.service) or WordPair(ko=one.service)) for one in services)


def _usage(one: FrozenService, name: WordPair) -> Usage:
    if one.entitled < LEAST_USERS:
        return Usage(service=name, entitled=None, active=None, share=None, before=None, low=False, remark=None)
    now, small = Fraction(one.acted, one.entitled), 0 < one.acted < LEAST_USERS
    return Usage(
        service=name,
        entitled=one.entitled,
        active=None if small else one.acted,
        share=None if small else Figure.of(now),
        before=_before(one),
        low=now < LOW,
        remark=_case(one),
    )


def _before(one: FrozenService) -> Figure | None:
    if one.before is None or one.before[0] < LEAST_USERS or 0 < one.before[1] < LEAST_USERS:
        return None
    return Figure.of(Fraction(one.before[1], one.before[0]))


def _case(one: FrozenService) -> WordPair | None:
    """The open case in a sentence: since when and why, and what was found or until when it will be."""
    if not one.opened:
        return None
    opening = Opening[one.opening.upper()]
    cause = Cause[one.cause.upper()] if one.cause else None
    ko, en = (case_words(one.opened, opening, cause, one.cause_due, language) for language in ("ko", "en"))
    return WordPair(ko=ko, en=en)
