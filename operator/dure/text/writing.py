"""How numbers, money, dates and durations are written in Korean and in English. Nothing is rounded up."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

Language = Literal["ko", "en"]
LANGUAGES: tuple[Language, ...] = ("ko", "en")
WEEKDAYS = {"ko": "월화수목금토일", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
SYLLABLES = range(0xAC00, 0xD7A4)
FINALS = 28
DIGITS_WITH_FINAL = "013678"  # 영 일 삼 육 칠 팔
LETTERS_WITH_FINAL = "LMNR"  # 엘 엠 엔 알
SOUNDS_WITH_FINAL = re.compile(r"([aeiou]c?[kpt]|[aeiou]c|l|m|n|ng|[^aeiou]le|ile)$")  # Slack, Notion, table, file
NO_BREAK = "\u00a0"


class Count(int):
    """A number that a sentence writes with its noun: `{count:service}` is 1 service or 1,200 services.

    `{count:was/were}` has a plural of its own, and `{count:=was/were}` is the word alone. Any other format is an int's.
    """

    def __format__(self, form: str) -> str:
        one, _, many = form.removeprefix("=").partition("/")
        if not one.replace(" ", "").isalpha() or len(one) == 1:
            return super().__format__(form)
        word = one if self == 1 else many or f"{one}s"
        return word if form.startswith("=") else f"{int(self):,} {word}"


def filled(sentence: str, values: Mapping[str, object]) -> str:
    """The sentence with its {names} filled in; a whole number may bring its noun. Raises KeyError."""
    counts = {name: Count(one) if type(one) is int else one for name, one in values.items()}
    return sentence.format(**counts)


def number(count: int) -> str:
    """1,234,567."""
    return f"{count:,}"


def won(amount: int, language: Language) -> str:
    """300,000원, KRW 300,000."""
    return f"{amount:,}원" if language == "ko" else f"KRW{NO_BREAK}{amount:,}"


def day(one: date, language: Language, *, year: bool = True) -> str:
    """2026년 10월 3일 (토), Sat 3 October 2026; without the year where the month is plain from the page."""
    if language == "ko":
        text = f"{one.month}월 {one.day}일 ({WEEKDAYS['ko'][one.weekday()]})"
        return f"{one.year}년 {text}" if year else text
    text = f"{WEEKDAYS['en'][one.weekday()]} {one.day} {MONTHS[one.month - 1]}"
    return f"{text} {one.year}" if year else text


def clock(moment: datetime) -> str:
    """14:05, and 14:05:30 where the seconds are not 0: a second may decide a verdict."""
    return moment.strftime("%H:%M:%S" if moment.second else "%H:%M")


def moment(one: datetime, language: Language, *, year: bool = False) -> str:
    """10월 3일 (토) 14:05, Sat 3 October, 14:05."""
    return f"{day(one, language, year=year)}{'' if language == 'ko' else ','} {clock(one)}"


def local(second: int, zone: str) -> datetime:
    """The second on the clock of the zone."""
    return datetime.fromtimestamp(second, ZoneInfo(zone))


def period(start: datetime, end: datetime, language: Language) -> str:
    """From and to; the day is said once when it is the same."""
    last = clock(end) if start.date() == end.date() else moment(end, language)
    return f"{moment(start, language)} ~ {last}" if language == "ko" else f"{moment(start, language)} to {last}"


def duration(seconds: int, language: Language) -> str:
    """1시간 12분 30초, 1 h 12 min 30 s; exact, parts that are 0 left out; 0분, 0 min."""
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    names = ("시간", "분", "초") if language == "ko" else (f"{NO_BREAK}h", f"{NO_BREAK}min", f"{NO_BREAK}s")
    parts = [f"{count:,}{name}" for count, name in zip((hours, minutes, left), names, strict=True) if count]
    return " ".join(parts) if parts else f"0{names[1]}"


def month_name(month: str, language: Language, *, year: bool = True) -> str:
    """2026년 10월, October 2026 of 2026-10."""
    first = date.fromisoformat(f"{month}-01")
    if language == "ko":
        return f"{first.year}년 {first.month}월" if year else f"{first.month}월"
    return f"{MONTHS[first.month - 1]} {first.year}" if year else MONTHS[first.month - 1]


def size(count: int) -> str:
    """Bytes as 512 B, 48.3 KB or 2.1 MB, in steps of 1,000."""
    amount, unit = count, "B"
    rest = 0
    for larger in ("KB", "MB", "GB"):
        if amount < 1000:
            break
        rest, amount, unit = amount % 1000, amount // 1000, larger
    return f"{amount}.{rest // 100} {unit}" if unit != "B" else f"{amount} B"


def has_final(word: str) -> bool:
    """The word ends in a consonant when read aloud, so that 이, 은, 을, 과 follow and not 가, 는, 를, 와."""
    last = word.rstrip(")”’\"'")[-1:]
    if last and ord(last) in SYLLABLES:
        return (ord(last) - SYLLABLES.start) % FINALS != 0
    if last.isdigit():
        return last in DIGITS_WITH_FINAL
    if last.islower():  # a word is read as one, an acronym by its letters
        return SOUNDS_WITH_FINAL.search(word.rstrip(")”’\"'").lower()) is not None
    return last in tuple(LETTERS_WITH_FINAL)


def with_particle(word: str, after_consonant: str, after_vowel: str) -> str:
    """그룹웨어가, 메일이."""
    return word + (after_consonant if has_final(word) else after_vowel)


def towards(word: str) -> str:
    """99.5로, 90으로: 로 follows a vowel and ㄹ."""
    last = word[-1:]
    rieul = last in "178" if last.isdigit() else last and ord(last) in SYLLABLES and (ord(last) - 0xAC00) % FINALS == 8
    return word + ("으로" if has_final(word) and not rieul else "로")


def listed(words: list[str], language: Language) -> str:
    """가, 나, 다; a, b and c."""
    if language == "ko" or len(words) < 2:
        return ", ".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
