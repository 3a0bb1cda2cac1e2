"""Columns of whole numbers as bytes: all lowest bytes first, then the next ones, which hardly differ and so shrink."""

import sys
from array import array
from collections.abc import Sequence
from struct import Struct

HEAD = Struct("<BI")
"""How its numbers are written, and how many there are."""
CODES = {1: "B", 2: "H", 4: "I", 8: "Q"}
"""Bytes of a number -> its code in an array."""
SIGNED = 0x80
"""Beside the bytes of a number: some are below 0. One that is not is doubled; -1, -2 … are written as 1, 3 …"""


def packed_column(values: Sequence[int | None]) -> bytes:
    """Numbers of at most 63 bits and a sign; None is 0, all others are one more. Raises OverflowError for longer."""
    is_signed = any(value is not None and value < 0 for value in values)
    if is_signed:
        values = [value if value is None else 2 * value if value >= 0 else -2 * value - 1 for value in values]
    plain = [0 if value is None else value + 1 for value in values]
    largest = max(plain, default=0)
    width = next((width for width in CODES if not largest >> 8 * width), 0)
    if not width:
        raise OverflowError(f"{largest} has more than 64 bits")
    numbers = _in_order(array(CODES[width], plain)).tobytes()
    head = HEAD.pack(width | SIGNED * is_signed, len(plain))
    return head + b"".join(numbers[at::width] for at in range(width))


def unpacked_columns(packed: bytes) -> list[list[int | None]]:
    """The columns one after the other."""
    found, at = [], 0
    while at < len(packed):
        kind, count = HEAD.unpack_from(packed, at)
        width, start = kind & ~SIGNED, at + HEAD.size
        at = start + width * count
        numbers = bytearray(width * count)
        for place in range(width):
            numbers[place::width] = packed[start + place * count : start + (place + 1) * count]
        plain = _in_order(array(CODES[width], bytes(numbers))).tolist()
        value = _signed if kind & SIGNED else _unsigned
        found.append([value(one) if one else None for one in plain])
    return found


def _unsigned(one: int) -> int:
    return one - 1


def _signed(one: int) -> int:
    return (one - 1) // 2 if one % 2 else -(one // 2)


def _in_order(numbers: "array[int]") -> "array[int]":
    """The lowest byte first, whatever the machine does."""
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
