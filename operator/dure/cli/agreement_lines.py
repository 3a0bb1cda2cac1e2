"""Windows and exclusions, one a line, in the customer's time."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar
from zoneinfo import ZoneInfo

import typer
from pydantic import JsonValue

from dure.cli.common import print_json
from dure.model.promise.agreement import ExclusionAgreement, Window
from dure.model.promise.contract import Contract
from dure.text.writing import Language, duration

if TYPE_CHECKING:
    from dure.runs.promise.book import Book
    from dure.runs.promise.window_doubts import Doubt

Signed = TypeVar("Signed", Window, ExclusionAgreement)

KO = {
    "cancelled": "취소",
    "late": "사후 승인 (두 사람)",
    "approved": "승인",
    "waiting": "승인 대기",
    "unwitnessed": "사후 승인으로 봄: 시작 전 감사 기록 없음, 다른 엔지니어의 서명(operator window approve) 필요",
    "agreed": "합의 완료",
    "all": "모든 서비스",
    "by": "서명",
    "evidence": "증빙",
    "customer_action": "고객 요청 작업",
    "customer_power": "고객 건물 전원",
    "third_party_beyond_control": "제3자 장애",
    "force_majeure": "불가항력",
    "suspended_for_non_payment": "요금 미납으로 인한 정지",
    "security_hold_agreed": "합의된 보안 정지",
}
EN = {
    "cancelled": "cancelled",
    "late": "approved late, by two",
    "approved": "approved",
    "waiting": "waits for approval",
    "unwitnessed": "taken as late: no audit link from before its start; another engineer: operator window approve",
    "agreed": "agreed",
    "all": "all services",
    "by": "signed by",
    "evidence": "evidence",
    "customer_action": "the customer's own action",
    "customer_power": "power of the customer's building",
    "third_party_beyond_control": "a third party beyond control",
    "force_majeure": "force majeure",
    "suspended_for_non_payment": "suspended for non-payment",
    "security_hold_agreed": "a security hold that was agreed",
}


WORDS: dict[Language, dict[str, str]] = {"ko": KO, "en": EN}


def _span(contract: Contract, interval: tuple[int, int]) -> str:
    zone = ZoneInfo(contract.zone)
    start, end = (datetime.fromtimestamp(at, UTC).astimezone(zone) for at in interval)
    return f"{start:%Y-%m-%d %H:%M} - {end:%Y-%m-%d %H:%M}"


def window_line(book: "Book", one: Window, language: Language) -> str:
    from dure.runs.promise.window_doubts import doubts

    words = WORDS[language]
    if one.cancelled is not None:
        state = words["cancelled"]
    elif one.late:
        state = words["late"]
    elif one.unwitnessed:
        state = words["unwitnessed"]
    else:
        state = words["waiting" if one.approved is None else "approved"]
    services = ", ".join(one.services) or words["all"]
    signed = f"; {words['by']} {', '.join(one.signers())}" if one.approvals else ""
    doubtful = "".join(f"; {line}" for line in doubt_lines(doubts(book, one), one, language))
    told = f"{services}: {one.reason} [{state}{signed}{doubtful}]"
    return f"{one.customer} {one.id}  {_span(book.contract, one.interval)}  {told}"


def doubt_lines(found: "Sequence[Doubt]", window: Window, language: Language) -> Iterator[str]:
    """Why all or a part of a window will not count; services of which the same is true are named together."""
    from dure.text.commands import say

    lines: dict[str, list[str]] = {}
    for one in found:
        key = "doubt-not-announced" if one.notice is None else f"doubt-{one.why.replace(' ', '-')}"
        values = {name: duration(getattr(one, name) or 0, language) for name in ("planned", "counted", "needed", "cap")}
        notice = duration(max(one.notice or 0, 0), language)
        lines.setdefault(say(key, language, notice=notice, **values), []).append(one.service)
    concerned = window.services
    for line, services in lines.items():
        named = "" if len(lines) == 1 and {*services} >= {*concerned} and concerned else f" ({', '.join(services)})"
        yield f"{line}{named}"


def exclusion_line(book: "Book", one: ExclusionAgreement, language: Language) -> str:
    words = WORDS[language]
    services = ", ".join(one.services) or words["all"]
    state = words["agreed" if one.agreed else "waiting"]
    signed = f"; {words['by']} {', '.join(one.signers())}" if one.approvals else ""
    told = f"{words[one.cause]}, {one.reason}; {words['evidence']}: {one.evidence}"
    return f"{one.customer} {one.id}  {_span(book.contract, one.interval)}  {services}: {told} [{state}{signed}]"


def window_json(book: "Book", one: Window) -> dict[str, JsonValue]:
    """The window as its file says it, with why a part of it will not count."""
    from dure.runs.promise.window_doubts import doubts

    return {**one.model_dump(mode="json"), "doubts": [doubt.as_json() for doubt in doubts(book, one)]}


def exclusion_json(_: "Book", one: ExclusionAgreement) -> dict[str, JsonValue]:
    return one.model_dump(mode="json")


@dataclass(frozen=True, slots=True)
class Listing(Generic[Signed]):
    """How agreements of one kind are listed; `none` is the text for where there are none."""

    of: Callable[["Book"], Iterable[Signed]]
    line: Callable[["Book", Signed, Language], str]
    fields: Callable[["Book", Signed], dict[str, JsonValue]]
    none: str


WINDOWS: Listing[Window] = Listing(lambda book: book.windows, window_line, window_json, "no-windows")
EXCLUSIONS: Listing[ExclusionAgreement] = Listing(
    lambda book: book.exclusions, exclusion_line, exclusion_json, "no-exclusions"
)


def print_agreements(root: Path, selector: str, listing: Listing[Signed], language: Language, *, as_json: bool) -> None:
    """All of the selected customers in order of time, or that there is none."""
    from dure.runs.context import open_context
    from dure.runs.promise.book import books_of
    from dure.runs.promise.selection import selected_customers
    from dure.text.commands import say

    context = open_context(root)
    books = books_of(context, selected_customers(context, selector))
    found = [(book, one) for book in books for one in listing.of(book)]
    found.sort(key=lambda pair: (pair[1].interval, pair[1].customer))
    if as_json:
        rows: list[JsonValue] = [listing.fields(book, one) for book, one in found]
        print_json(rows)
        return
    for book, one in found:
        typer.echo(listing.line(book, one, language))
    if not found:
        typer.echo(say(listing.none, language))
