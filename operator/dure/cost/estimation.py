"""Subjects and prices -> Estimate. Pure; every amount is exact."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from pydantic import JsonValue

from dure.cost.free import free_types
from dure.cost.line import Line, Target, Unpriced
from dure.cost.money import Rates
from dure.cost.price import PriceList
from dure.cost.result import ZERO, Estimate, PricedLine, ResourceEstimate, StackEstimate, Status, total
from dure.cost.types import PRICED
from dure.cost.usage import Usage, usage_of
from dure.plan.subject import Resource, Subject


def estimate(subjects: Iterable[Subject], prices: PriceList, rates: Rates | None, today: date) -> Estimate:
    """What the subjects' resources cost a month, before and after; nothing unknown is counted as zero in silence."""
    stacks = tuple(_stack(one, prices) for one in subjects)
    used = [
        line.price.date
        for stack in stacks
        for resource in stack.resources
        for line in resource.lines
        if line.price is not None and line.price.date is not None
    ]
    return Estimate(stacks, rates, today, min(used, default=None))


def _stack(subject: Subject, prices: PriceList) -> StackEstimate:
    usage = usage_of(subject.parameters)
    resources = tuple(
        _resource(one, subject, usage, prices) for one in subject.resources if one.type.startswith("aws:")
    )
    return StackEstimate(subject.stack, subject.site, subject.program, subject.region, resources)


def _resource(resource: Resource, subject: Subject, usage: Usage, prices: PriceList) -> ResourceEstimate:
    def side(inputs: Mapping[str, JsonValue] | None, *, past: bool) -> tuple[list[PricedLine], list[str]]:
        """Lines and what has no price; nothing when there is no such side."""
        return ([], []) if inputs is None else _priced_lines(Target(resource, inputs, subject, usage, past), prices)

    before, lost = side(resource.as_is(), past=True)
    after, unknown = side(resource.inputs if resource.stays else None, past=False)
    free = free_types().get(resource.type)
    shown, missing = (after, unknown) if resource.stays else (before, lost)
    status: Status = "unpriced" if missing else "free" if free else "priced"
    return ResourceEstimate(
        urn=resource.urn,
        type=resource.type,
        name=resource.name,
        op=resource.op,
        status=status,
        before=total(line.usd or ZERO for line in before),
        after=total(line.usd or ZERO for line in after),
        lines=tuple(shown),
        unknown=tuple(missing),
        free=free.reason if free else "",
    )


def _priced_lines(target: Target, prices: PriceList) -> tuple[list[PricedLine], list[str]]:
    if target.resource.type in free_types():
        return [], []
    kind = PRICED.get(target.resource.type)
    if kind is None:
        return [], [f"type {target.resource.type} is neither priced nor known to be free"]
    # A resource may lie in another region than its stack.
    region = target.text("region") or target.subject.region
    lines: list[PricedLine] = []
    unknown: list[str] = []
    for line in kind(target):
        if isinstance(line, Unpriced):
            unknown.append(line.reason)
            continue
        priced = _priced(line, region, prices)
        lines.append(priced)
        if priced.usd is None:
            unknown.append(f"no price of {line.item.service} {line.item.name} in {region}")
    return lines, unknown


def _priced(line: Line, region: str, prices: PriceList) -> PricedLine:
    price = prices.of(region, line.item)
    usd: Decimal | None = None
    if not line.quantity:
        usd = ZERO
    elif price is not None and price.usd is not None:
        usd = line.quantity * price.usd
    return PricedLine(line.item.name, line.quantity, price.unit if price else "", line.assumption, price, usd)
