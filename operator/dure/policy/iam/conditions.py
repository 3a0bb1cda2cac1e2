"""Condition blocks (IAM User Guide, "IAM JSON policy elements: Condition operators").

An absent key makes a positive operator false and a negated one true; `IfExists` makes it true; ForAllValues is true of
no values, ForAnyValue is not. Values of one operator are joined by or (of a negated one by nor), keys and operators
by and.
"""

import ipaddress
from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal, InvalidOperation

from dure.plan.subject import UNKNOWN_TEXT
from dure.policy.iam.document import Condition
from dure.policy.iam.matching import like, matches_arn, with_variables
from dure.policy.iam.request import Request
from dure.policy.iam.truth import Truth, every, some, truth

Compare = Callable[[str, str], Truth]
"""(value of the policy, value of the request)."""


def holds(conditions: Iterable[Condition], request: Request) -> Truth:
    """All conditions of a statement."""
    return every(_one(one, request) for one in conditions)


def _one(condition: Condition, request: Request) -> Truth:
    quantifier, colon, name = condition.operator.rpartition(":")
    exists = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    values = request.values(condition.key)
    if name == "Null":
        wants_absent = condition.values == ("true",)
        return Truth.MAY if values is None else truth((not values) == wants_absent)
    found = OPERATORS.get(name)
    if found is None or values is None:
        return Truth.MAY
    compare, negated = found
    if not values:
        return truth(exists or negated if not colon else quantifier == "ForAllValues")
    wanted = [with_variables(one, request) for one in condition.values]
    each = [_any(compare, wanted, value) for value in values]
    if quantifier == "ForAllValues":
        return every(one.negated() if negated else one for one in each)
    if quantifier == "ForAnyValue":
        return some(one.negated() if negated else one for one in each)
    return some(each).negated() if negated else some(each)


def _any(compare: Compare, wanted: Iterable[str | None], value: str) -> Truth:
    return some(_compared(compare, one, value) for one in wanted if one is not None)


def _compared(compare: Compare, wanted: str, value: str) -> Truth:
    if UNKNOWN_TEXT in wanted or UNKNOWN_TEXT in value:
        found = like(wanted, value)  # only texts can be told apart by what is known of them
        return found if compare in (_equals, _like, _arn) and found is Truth.NO else Truth.MAY
    return compare(wanted, value)


def _equals(wanted: str, value: str) -> Truth:
    return truth(wanted.replace("\x00", "") == value)


def _equals_ignoring_case(wanted: str, value: str) -> Truth:
    return truth(wanted.replace("\x00", "").lower() == value.lower())


def _like(wanted: str, value: str) -> Truth:
    return like(wanted, value)


def _arn(wanted: str, value: str) -> Truth:
    return matches_arn(wanted, value)


def _bool(wanted: str, value: str) -> Truth:
    return truth(wanted.lower() == value.lower())


def _address(wanted: str, value: str) -> Truth:
    try:
        return truth(ipaddress.ip_address(value) in ipaddress.ip_network(wanted, strict=False))
    except ValueError:
        return Truth.NO


def _numbers(test: Callable[[Decimal, Decimal], bool]) -> Compare:
    """`test` is asked (value of the request, value of the policy)."""

    def compare(wanted: str, value: str) -> Truth:
        try:
            return truth(test(Decimal(value), Decimal(wanted)))
        except InvalidOperation:
            return Truth.NO

    return compare


def _moments(test: Callable[[Decimal, Decimal], bool]) -> Compare:
    def compare(wanted: str, value: str) -> Truth:
        try:
            return truth(test(_moment(value), _moment(wanted)))
        except (ValueError, InvalidOperation):
            return Truth.NO

    return compare


def _moment(text: str) -> Decimal:
    """Seconds since 1970, of them or of an ISO 8601 moment."""
    if text.isdecimal():
        return Decimal(text)
    return Decimal(str(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()))


TESTS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "Equals": lambda value, wanted: value == wanted,
    "LessThan": lambda value, wanted: value < wanted,
    "LessThanEquals": lambda value, wanted: value <= wanted,
    "GreaterThan": lambda value, wanted: value > wanted,
    "GreaterThanEquals": lambda value, wanted: value >= wanted,
}
OPERATORS: dict[str, tuple[Compare, bool]] = {
    "StringEquals": (_equals, False),
    "StringNotEquals": (_equals, True),
    "StringEqualsIgnoreCase": (_equals_ignoring_case, False),
    "StringNotEqualsIgnoreCase": (_equals_ignoring_case, True),
    "StringLike": (_like, False),
    "StringNotLike": (_like, True),
    "ArnEquals": (_arn, False),
    "ArnLike": (_arn, False),
    "ArnNotEquals": (_arn, True),
    "ArnNotLike": (_arn, True),
    "Bool": (_bool, False),
    "IpAddress": (_address, False),
    "NotIpAddress": (_address, True),
    **{f"Numeric{name}": (_numbers(test), False) for name, test in TESTS.items()},
    **{f"Date{name}": (_moments(test), False) for name, test in TESTS.items()},
    "NumericNotEquals": (_numbers(TESTS["Equals"]), True),
    "DateNotEquals": (_moments(TESTS["Equals"]), True),
}
"""Operator -> (comparison, whether it is negated). Others, such as BinaryEquals, cannot be told statically."""
