"""What one resource type's function gives: quantities of priced items, or why it cannot say."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pydantic import JsonValue

from dure.cost.price import Item
from dure.cost.usage import Amount, Usage, plain
from dure.plan.subject import Resource, Subject


@dataclass(frozen=True, slots=True)
class Line:
    """`quantity` of an item in its unit a month; `assumption` says how the quantity came about."""

    item: Item
    quantity: Decimal
    assumption: str


@dataclass(frozen=True, slots=True)
class Unpriced:
    """The quantity cannot be told from the inputs."""

    reason: str


Lines = Sequence[Line | Unpriced]


@dataclass(frozen=True, slots=True)
class Target:
    """One resource with the inputs that are to be priced (before or after), in its stack."""

    resource: Resource
    inputs: Mapping[str, JsonValue]
    subject: Subject
    usage: Usage
    past: bool = False
    """The inputs are those before."""

    def text(self, key: str, default: str = "") -> str:
        value = self.inputs.get(key)
        return value if isinstance(value, str) else default

    def number(self, key: str) -> Decimal | None:
        """A whole number, also when it is written as text."""
        return whole(self.inputs.get(key))

    def flag(self, key: str) -> bool:
        return self.inputs.get(key) in (True, "true")

    def mappings(self, key: str) -> list[Mapping[str, JsonValue]]:
        value = self.inputs.get(key)
        return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []

    def count(self, key: str) -> int | None:
        """How many entries a list has; None when it is not known."""
        value = self.inputs.get(key)
        return len(value) if isinstance(value, list) else None


PricedType = Callable[[Target], Lines]


def whole(value: JsonValue) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | str | float):
        return None
    text = str(value)
    return Decimal(text) if text.replace(".", "", 1).isdecimal() else None


def counted(number: Decimal | int, what: str) -> str:
    """`1 task`, `2 tasks`."""
    return f"{plain(Decimal(number))} {what}{'' if number == 1 else 's'}"


def times(service: str, name: str, amount: Amount, factor: Decimal | int = 1, words: str = "") -> Line:
    """An amount, taken so many times."""
    return Line(Item(service, name), amount.value * factor, f"{words} × {amount.words}" if words else amount.words)


def each(service: str, name: str, count: int | Decimal = 1, words: str = "for the whole month") -> Line:
    return Line(Item(service, name), Decimal(count), words)
