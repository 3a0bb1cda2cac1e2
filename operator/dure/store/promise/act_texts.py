"""Long texts of what an act froze, packed as one: they repeat each other, and so they take a third of the room.

The columns of the rows themselves are then empty, and have their texts again as soon as a row is read: digests, figures
and explanations see no difference. A row that was frozen before keeps its texts in its columns.
"""

import contextlib
import json
import lzma
from collections.abc import Sequence
from typing import Any

from sqlalchemy import SmallInteger, String, event, insert, select
from sqlalchemy.orm import Mapped, QueryContext, Session, mapped_column
from sqlalchemy.orm.attributes import set_committed_value

from dure.store.promise.tables import COMPACT, IndicatorValue, MonthFrozen
from dure.store.tables import Base

Frozen = MonthFrozen | IndicatorValue
COLUMNS: dict[type[Frozen], tuple[str, ...]] = {MonthFrozen: ("detail", "policy_text"), IndicatorValue: ("basis",)}
FILTERS = [
    {"id": lzma.FILTER_LZMA2, "dict_size": 1 << 18, "mf": lzma.MF_HC3, "nice_len": 64, "depth": 8, "lc": 3, "pb": 0}
]
"""Reading goes by the dictionary's size alone. zlib would see too little: bases repeat what lies 50 kB back."""
FORM = b"\x01"
"""Before what is packed so; another way of packing gets another number."""
PIECE = 900
"""Bytes: SQLite keeps such rows four to a page, and gives a longer one a page of its own."""
MEMORY = 64
"""Customers' months whose texts a session remembers: the rows of one are read one after the other."""
KEY = "act_texts"


class ActText(Base):
    """A piece of an act's texts, packed; the database refuses to change or remove one."""

    __tablename__ = "act_text"
    __table_args__ = COMPACT
    customer: Mapped[str] = mapped_column(String(100), primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    act: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    piece: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    packed: Mapped[bytes]


def pack_texts(texts: dict[str, str]) -> bytes:
    """Names and texts, none with a line break in it."""
    lines = "\n".join(part for pair in texts.items() for part in pair)
    return FORM + lzma.compress(lines.encode(), format=lzma.FORMAT_RAW, filters=FILTERS)


def unpack_texts(packed: bytes) -> dict[str, str]:
    """What was packed. Raises ValueError for what was damaged."""
    if packed[:1] != FORM:
        raise ValueError("the texts of an act are packed in a way that this program does not know")
    try:
        lines = lzma.decompress(packed[1:], format=lzma.FORMAT_RAW, filters=FILTERS).decode().split("\n")
    except lzma.LZMAError as error:
        raise ValueError(f"the texts of an act cannot be read: {error}") from error
    return dict(zip(lines[0::2], lines[1::2], strict=True))


def add_rows(session: Session, customer: str, month: str, act: int, rows: Sequence[Frozen]) -> None:
    """Write the rows of an act, and their texts apart."""
    texts: dict[str, str] = {}
    for table, columns in COLUMNS.items():
        given = [_values(row) for row in rows if isinstance(row, table)]
        for values in given:
            for column in columns:
                text = _text(values[column])
                if text and "\n" not in text:
                    texts[_name(values, column)] = text
                    values[column] = type(values[column])()
        if given:  # into the bare table: nothing here is looked at as an object again
            session.execute(insert(Base.metadata.tables[table.__tablename__]), given)
    packed = pack_texts(texts)
    pieces = [packed[start : start + PIECE] for start in range(0, len(packed), PIECE)] if texts else []
    if pieces:
        key = {"customer": customer, "month": month, "act": act}
        made = [{**key, "piece": number, "packed": piece} for number, piece in enumerate(pieces)]
        session.execute(insert(Base.metadata.tables[ActText.__tablename__]), made)
        session.info.get(KEY, {}).pop((customer, month), None)


def _values(row: Frozen) -> dict[str, Any]:
    """Column -> value, or its default where none was given."""
    given = vars(row)
    found = {}
    for column in type(row).__table__.columns:
        value = given.get(column.name)
        found[column.name] = column.default.arg if value is None and column.default is not None else value
    return found


def _text(value: str | dict[str, Any]) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) if value else ""


def _name(values: dict[str, Any], column: str) -> str:
    return f"{values['series'] if 'series' in values else values['indicator']} r{values['revision']} {column}"


def _texts_of(session: Session, customer: str, month: str) -> dict[str, str]:
    """The texts of all acts on a month, by name; without those that are gone or damaged: no digest over them holds."""
    known: dict[tuple[str, str], dict[str, str]] = session.info.setdefault(KEY, {})
    if (customer, month) not in known:
        while len(known) >= MEMORY:
            del known[next(iter(known))]
        known[customer, month] = _read(session, customer, month)
    return known[customer, month]


def _read(session: Session, customer: str, month: str) -> dict[str, str]:
    pieces = Base.metadata.tables[ActText.__tablename__].c
    query = select(pieces.act, pieces.packed).where(pieces.customer == customer, pieces.month == month)
    acts: dict[int, bytes] = {}
    for act, packed in session.connection().execute(query.order_by(pieces.act, pieces.piece)):
        acts[act] = acts.get(act, b"") + packed
    found: dict[str, str] = {}
    for packed in acts.values():
        with contextlib.suppress(ValueError):
            found |= unpack_texts(packed)
    return found


def _complete(row: Frozen, session: Session) -> None:
    """Give a row that was just read its texts."""
    empty = [column for column in COLUMNS[type(row)] if not vars(row).get(column, True)]
    if not empty:
        return
    texts = _texts_of(session, row.customer, row.month if isinstance(row, MonthFrozen) else row.period)
    for column in empty:
        text = texts.get(_name(vars(row), column), "")
        if text:
            set_committed_value(row, column, json.loads(text) if column == "detail" else text)


def _loaded(row: Frozen, context: QueryContext) -> None:
    _complete(row, context.session)


def _refreshed(row: Frozen, context: QueryContext, _columns: object) -> None:
    _complete(row, context.session)


for _table in COLUMNS:
    event.listen(_table, "load", _loaded)
    event.listen(_table, "refresh", _refreshed)
