"""An estimate as a table for people and as JSON for programs."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from pydantic import JsonValue

from dure.cost.money import shown_krw, shown_usd, signed
from dure.cost.result import Estimate, PricedLine, ResourceEstimate, StackEstimate
from dure.cost.usage import plain

Language = Literal["ko", "en"]
FINEST = Decimal("0.0001")
"""Places of a quantity that are shown; amounts are reckoned with all of them."""


@dataclass(frozen=True, slots=True)
class Words:
    resource: str
    quantity: str
    month: str
    before: str
    after: str
    difference: str
    total: str
    vat: str
    with_vat: str
    rate: str
    old_rate: str
    no_rate: str
    unknown: str
    more: str
    prices_of: str


WORDS: dict[Language, Words] = {
    "en": Words(
        resource="resource",
        quantity="quantity and assumption",
        month="USD/month",
        before="before",
        after="after",
        difference="difference",
        total="total",
        vat="KRW without VAT",
        with_vat="KRW with VAT {percent} %",
        rate="1 USD = {rate} KRW of {date}",
        old_rate="older than a month: set `cost.usd_krw` and `cost.rate_date` in operator.yaml",
        no_rate="no amounts in KRW: operator.yaml has no `cost:` with `usd_krw` and `rate_date`",
        unknown="without a price, not counted above",
        more=" + {count} unpriced",
        prices_of="oldest price: {date}",
    ),
    "ko": Words(
        resource="리소스",
        quantity="수량과 가정",
        month="USD/월",
        before="변경 전",
        after="변경 후",
        difference="차이",
        total="합계",
        vat="KRW(부가세 별도)",
        with_vat="KRW(부가세 {percent}% 포함)",
        rate="1 USD = {rate} KRW ({date} 기준)",
        old_rate="한 달이 넘은 환율입니다. operator.yaml의 `cost.usd_krw`와 `cost.rate_date`를 고쳐 주세요",
        no_rate="원화 금액을 표시할 수 없습니다. operator.yaml의 `cost:`에 `usd_krw`와 `rate_date`를 적어 주세요",
        unknown="단가를 알 수 없어 위 금액에 포함되지 않은 항목",
        more=" + 단가 미확인 {count}건",
        prices_of="가장 오래된 단가: {date}",
    ),
}


def table(estimate: Estimate, language: Language = "en", *, details: bool = True) -> list[str]:
    """Lines to print; `details` shows each priced resource with its quantities, else a line a stack."""
    words = WORDS[language]
    lines: list[str] = []
    for stack in estimate.stacks:
        lines += [f"{stack.site}  ({stack.program}, {stack.region})"]
        lines += list(_resources(stack, words)) if details else []
        lines += [f"  {_amounts(stack.before, stack.after, words)}{_more(stack.unknown, words)}", ""]
    return [*lines, *sums(estimate, language), *_notes(estimate, words)]


def _resources(stack: StackEstimate, words: Words) -> Iterator[str]:
    shown = [one for one in stack.resources if one.before or one.after or one.unknown]
    width = max((len(one.name) for one in shown), default=0)
    if shown:
        yield f"  {words.resource.ljust(width)}  {words.month:>10}  {words.quantity}"
    for one in shown:
        yield f"  {one.name.ljust(width)}  {_amount(one):>10}  {_mark(one)}{_short(one.type)}{_was(one, words)}"
        for line in one.lines:
            amount = "?" if line.usd is None else shown_usd(line.usd)
            yield f"  {' ' * width}  {amount:>10}    {_quantity(line)}"


def _amount(one: ResourceEstimate) -> str:
    """An unknown part is seen, never taken for nothing."""
    known = one.before if one.op == "delete" else one.after
    if not one.unknown:
        return shown_usd(known)
    return f"{shown_usd(known)} + ?" if known else "?"


def _was(one: ResourceEstimate, words: Words) -> str:
    """Of a resource that changes: what it costs now, and the difference."""
    if one.op not in ("update", "replace") or one.before == one.after:
        return ""
    change = signed(shown_usd(one.after - one.before))
    return f" ({words.before} {shown_usd(one.before)}, {words.difference} {change})"


def _more(unknown: tuple[str, ...], words: Words) -> str:
    return words.more.format(count=len(unknown)) if unknown else ""


def _mark(one: ResourceEstimate) -> str:
    return {"create": "+ ", "delete": "- ", "same": ""}.get(one.op, "~ ")


def _short(kind: str) -> str:
    return kind.removeprefix("aws:").partition("/")[0] + " " + kind.rpartition(":")[2]


def _quantity(line: PricedLine) -> str:
    each = f" × {plain(line.price.usd)} USD/{line.unit}" if line.price and line.price.usd is not None else ""
    return f"{line.item}: {plain(line.quantity.quantize(FINEST))}{each} ({line.assumption})"


def _amounts(before: Decimal, after: Decimal, words: Words) -> str:
    change = f"{words.difference} {signed(shown_usd(after - before))}"
    return f"{words.before} {shown_usd(before)}  {words.after} {shown_usd(after)}  {change} {words.month}"


def sums(estimate: Estimate, language: Language = "en") -> list[str]:
    """What all stacks cost together: a line in dollars, and two in won where there is a rate."""
    words, rates = WORDS[language], estimate.rates
    more = _more(estimate.unknown, words)
    lines = [f"{words.total}: {_amounts(estimate.before, estimate.after, words)}{more}"]
    if rates is None:
        return lines
    percent = plain(rates.vat * 100)
    for name, turn in ((words.vat, rates.krw), (words.with_vat.format(percent=percent), rates.krw_with_vat)):
        before, after = turn(estimate.before), turn(estimate.after)
        change = f"{words.difference} {signed(shown_krw(after - before))}"
        lines.append(f"  {name}: {words.before} {shown_krw(before)}  {words.after} {shown_krw(after)}  {change}{more}")
    return lines


def _notes(estimate: Estimate, words: Words) -> Iterator[str]:
    """On what the sums rest, and what is not in them."""
    rates = estimate.rates
    if rates is None:
        yield f"  {words.no_rate}"
    else:
        yield f"  {words.rate.format(rate=f'{rates.usd_krw:,f}', date=rates.rate_date)}"
        if rates.old(estimate.today):
            yield f"  {words.old_rate}"
    if estimate.oldest_price is not None:
        yield f"  {words.prices_of.format(date=estimate.oldest_price)}"
    if estimate.unknown:
        yield f"  {words.unknown}:"
        yield from (f"    {line}" for line in estimate.unknown)


def as_json(estimate: Estimate) -> dict[str, JsonValue]:
    """Amounts as decimal text, exact in USD; won rounded to whole won."""
    rates = estimate.rates
    return {
        "month_usd": _sums(estimate.before, estimate.after),
        "month_krw": None if rates is None else _won(estimate, vat=False),
        "month_krw_with_vat": None if rates is None else _won(estimate, vat=True),
        "rate": None
        if rates is None
        else {
            "usd_krw": str(rates.usd_krw),
            "date": rates.rate_date.isoformat(),
            "vat": str(rates.vat),
            "old": rates.old(estimate.today),
        },
        "unknown": list(estimate.unknown),
        "stacks": [_stack_json(one) for one in estimate.stacks],
    }


def _sums(before: Decimal, after: Decimal) -> dict[str, JsonValue]:
    return {"before": plain(before), "after": plain(after), "difference": plain(after - before)}


def _won(estimate: Estimate, *, vat: bool) -> dict[str, JsonValue]:
    rates = estimate.rates
    if rates is None:
        return {}
    turn = rates.krw_with_vat if vat else rates.krw
    amounts = {"before": estimate.before, "after": estimate.after, "difference": estimate.difference}
    return {key: shown_krw(turn(amount)).replace(",", "") for key, amount in amounts.items()}


def _stack_json(stack: StackEstimate) -> dict[str, JsonValue]:
    return {
        "stack": stack.stack,
        "site": stack.site,
        "program": stack.program,
        "region": stack.region,
        "month_usd": _sums(stack.before, stack.after),
        "coverage": f"{stack.coverage:.4f}",
        "unknown": list(stack.unknown),
        "resources": [_resource_json(one) for one in stack.resources],
    }


def _resource_json(one: ResourceEstimate) -> dict[str, JsonValue]:
    return {
        "name": one.name,
        "type": one.type,
        "op": one.op,
        "status": one.status,
        "month_usd": _sums(one.before, one.after),
        "free": one.free,
        "unknown": list(one.unknown),
        "lines": [_line_json(line) for line in one.lines],
    }


def _line_json(line: PricedLine) -> dict[str, JsonValue]:
    price = line.price
    return {
        "item": line.item,
        "quantity": plain(line.quantity),
        "unit": line.unit,
        "assumption": line.assumption,
        "usd": None if line.usd is None else plain(line.usd),
        "price": None if price is None or price.usd is None else plain(price.usd),
        "source": price.source if price else "",
        "date": price.date.isoformat() if price and price.date else None,
    }
