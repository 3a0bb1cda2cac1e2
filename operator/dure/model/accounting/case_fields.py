"""Field types of the accounting case; each refusal says what, why and how to mend."""

from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictInt, StringConstraints

from dure.model.explain import nearest
from dure.model.fields import refuse
from dure.sla.faults import SlaError
from dure.sla.hours import clock
from dure.sla.periods import parsed_month

LATEST = 32_503_680_000  # the year 3000: what lies beyond was written in milliseconds
DEFAULT_ZONE = "Asia/Seoul"
LONGEST_NAME = 200


class CaseModel(BaseModel):
    """Unknown keys are refused: a misspelt rule would silently change a figure."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def check_interval(value: tuple[int, int]) -> tuple[int, int]:
    if value[0] >= value[1]:
        what = f"[{value[0]}, {value[1]}] holds no second"
        refuse(what, "it ends where it starts or before, and the end does not belong to it", "swap the two, or correct")
    return value


def check_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        near = nearest(text, available_timezones()) or DEFAULT_ZONE
        refuse(f'"{text[:60]}" is not a time zone', "the IANA database has no such name", f'write "{near}"')
    return text


def check_month(text: str) -> str:
    try:
        parsed_month(text)
    except SlaError:
        refuse(f'"{text[:60]}" is not a month', "a month is a year and a number", 'write it as in "2026-06"')
    return text


def check_clock(text: str) -> str:
    try:
        clock(text)
    except SlaError:
        refuse(f'"{text[:60]}" is no time of a day', "times run from 00:00 to 24:00", 'write it as in "09:00"')
    return text


def check_date(text: str) -> str:
    try:
        if len(text) != 10:
            raise ValueError
        date.fromisoformat(text)
    except ValueError:
        refuse(f'"{text[:60]}" is not a date', "the calendar has no such day", 'write it as in "2026-02-16"')
    return text


def check_words(text: str) -> str:
    if not text.strip() or not text.isprintable() or len(text) > LONGEST_NAME:
        why = f"people read it on one line of at most {LONGEST_NAME} characters"
        refuse("the text is empty, too long or holds a control character", why, "write it in plain words")
    return text


def check_target(text: str) -> str:
    if not 0 < float(text) < 100:
        why = "no measurement can prove 100 %, and 0 % cannot be missed"
        refuse(f'a target of "{text}" cannot be judged', why, 'write a target such as "99.9"')
    return text


def check_share(text: str) -> str:
    if float(text) > 100:
        refuse(f'"{text}" is more than 100 %', "it is a share", 'write a share such as "95"')
    return text


def check_weight(text: str) -> str:
    if float(text) > 1:
        why = "a degraded second cannot weigh more than a second of outage"
        refuse(f'the weight "{text}" is more than 1', why, 'write a weight from "0" to "1", such as "0.3"')
    return text


DecimalText = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,3}(\.[0-9]{1,12})?$")]
Time = Annotated[StrictInt, Field(ge=-LATEST, le=LATEST)]
IntervalField = Annotated[tuple[Time, Time], AfterValidator(check_interval)]
Zone = Annotated[str, AfterValidator(check_zone)]
Month = Annotated[str, AfterValidator(check_month)]
Clock = Annotated[str, AfterValidator(check_clock)]
Day = Annotated[str, AfterValidator(check_date)]
Words = Annotated[str, AfterValidator(check_words)]
Target = Annotated[DecimalText, AfterValidator(check_target)]
Share = Annotated[DecimalText, AfterValidator(check_share)]
Weight = Annotated[DecimalText, AfterValidator(check_weight)]
