"""A text that customers read, in Korean and, where somebody wrote it, in English."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated

from pydantic import BeforeValidator, Field

from dure.model.fields import check_name, refuse
from dure.model.msp import Strict

LONGEST = 600


def check_words(text: str) -> str:
    if len(text) > LONGEST:
        why = f"it has {len(text)} characters and a report has room for {LONGEST}"
        refuse("the text is too long", why, "say it in fewer words, and link the rest")
    return check_name(text)


def plain_words(value: object) -> object:
    """A plain text is taken for the Korean one."""
    if isinstance(value, str):
        value = {"ko": value}
    if isinstance(value, Mapping):
        for key in ("ko", "en"):
            if isinstance(value.get(key), str) and value[key] != "":
                check_words(value[key])
    return value


class WordPair(Strict):
    """Korean and English; an English reader gets the Korean text where there is no other."""

    ko: Annotated[str, Field(min_length=1, description="Korean.")]
    en: str = Field(default="", description="English; the Korean text when empty.")

    def text(self, language: str) -> str:
        """The text for that language."""
        return self.en if language == "en" and self.en else self.ko

    def language(self, wanted: str) -> str:
        """The language that `text` then is in."""
        return "en" if wanted == "en" and self.en else "ko"


def read_day(value: object) -> object:
    """A date is written 2026-10-03."""
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        refuse(f'"{value[:40]}" is not a date', "the calendar has no such day", "write it as in 2026-10-03")


def read_moment(value: object) -> object:
    """A time of the customer's clock is written 2026-10-03 14:05."""
    if not isinstance(value, str):
        return value
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None or ":" not in value:
        why = "it is local time of the contract's zone, without an offset"
        refuse(f'"{value[:40]}" is not a time', why, 'write it as in "2026-10-03 14:05"')
    return found


Words = Annotated[WordPair, BeforeValidator(plain_words)]
Day = Annotated[date, BeforeValidator(read_day)]
Moment = Annotated[datetime, BeforeValidator(read_moment)]
