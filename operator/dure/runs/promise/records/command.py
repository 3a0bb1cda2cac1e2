"""operator import: a file of one kind read and checked whole, then written whole or not at all."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from dure.errors import UsageError
from dure.model.problem import WorkspaceInvalid
from dure.model.promise.terms import term_of
from dure.model.text import printable
from dure.model.workspace import read_operator
from dure.runs.act import act
from dure.runs.context import Context
from dure.runs.promise.book import load_book
from dure.runs.promise.intake.batch import BadValue, Enough
from dure.runs.promise.intake.csv_file import opened
from dure.runs.promise.records.benefit import BENEFIT
from dure.runs.promise.records.endpoints import ENDPOINTS
from dure.runs.promise.records.faults import Faults
from dure.runs.promise.records.file import format_of, read_lines
from dure.runs.promise.records.kind import Customer, Kind
from dure.runs.promise.records.load import CaseNews, Loaded, load
from dure.runs.promise.records.row import BadField, Row
from dure.runs.promise.records.spool import Spool
from dure.runs.promise.records.survey import SURVEY
from dure.runs.promise.records.tickets import TICKETS
from dure.runs.promise.records.usage import USAGE

KINDS = {one.name: one for one in (TICKETS, SURVEY, USAGE, ENDPOINTS, BENEFIT)}
BLOCK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Imported:
    """`rows` were read; `changed` of them are new or say something else now; `dropped` lie outside their contract.

    `closed_months` are (customer, month) whose frozen indicators the changed rows would alter.
    """

    rows: int
    new: int
    updated: int
    dropped: int
    closed_months: tuple[tuple[str, str], ...]
    cases: tuple[CaseNews, ...]
    note: str = ""
    """What the audit log lacks of it; empty: nothing."""

    @property
    def changed(self) -> int:
        return self.new + self.updated


def import_records(
    context: Context, name: str, file: Path, form: str, now: int, reason: str, *, check: bool
) -> Imported:
    """Read the file and write it whole, or nothing; `check` takes it back. Raises UsageError and ImportInvalid."""
    kind = KINDS[name]
    form = format_of(file, form)
    faults = Faults(printable(str(file), 200))
    customers = _Customers(context)
    with Spool() as spool:
        rows, dropped = _read(file, form, kind, now, customers.get, spool, faults)
        faults.require_none()
        if check:
            with context.store.transaction() as session:
                loaded = load(session, spool, kind, customers.get, faults)
                session.rollback()
            return _told(rows, dropped, loaded)
        words = f"{rows} rows, sha256 {_digest(file)[:16]}"
        with act(context, f"import {name}", printable(file.name, 180), reason, words, tells_hub=False) as deed:
            with context.store.transaction() as session:
                loaded = load(session, spool, kind, customers.get, faults)
            deed.result = f"{rows} rows, {loaded.new} new, {loaded.updated} updated"
    return _told(rows, dropped, loaded, deed.note)


def _told(rows: int, dropped: int, loaded: Loaded, note: str = "") -> Imported:
    closed = tuple(sorted(loaded.closed_months))
    return Imported(rows, loaded.new, loaded.updated, dropped, closed, tuple(loaded.cases), note)


class _Customers:
    """Customers of the file, each looked up once."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._ground = read_operator(context.workspace)[2]
        self._known: dict[str, Customer | BadValue] = {}

    def get(self, name: str) -> Customer:
        """Raises BadValue for one without a contract, WorkspaceInvalid when its file is not right."""
        if name not in self._known:
            self._known[name] = self._look_up(name)
        found = self._known[name]
        if isinstance(found, BadValue):
            raise found
        return found

    def _look_up(self, name: str) -> Customer | BadValue:
        try:
            book = load_book(self._context, name, self._ground)
        except WorkspaceInvalid:
            raise
        except UsageError as error:
            return BadValue(error.what, error.why, error.mend)
        if book is None:
            mend = f"add `contract:` to customers/{name}.yaml"
            return BadValue(f"customer {name} has no contract", "nothing was promised, so nothing is counted", mend)
        services = frozenset(one.id for one in book.contract.services)
        return Customer(name, services, ZoneInfo(book.contract.zone), term_of(book.contract))


def _read(
    file: Path,
    form: str,
    kind: Kind,
    now: int,
    customer_of: Callable[[str], Customer],
    spool: Spool,
    faults: Faults,
) -> tuple[int, int]:
    """Rows read and rows that lie outside their contract; the others are in the spool."""
    rows = dropped = 0
    try:
        for line, fields, places in read_lines(file, form, kind, faults):
            rows += 1
            try:
                row = Row(line, fields, now)
                try:
                    customer = customer_of(row.required("customer"))
                except BadValue as error:
                    raise BadField("customer", error) from error
                values = kind.read(row, customer)
                if values is None:
                    dropped += 1
                    continue
                key = tuple(str(values[name]) for name in kind.key)
                earlier = spool.add(customer.id, key, line, values)
                if earlier is not None:
                    why = f"line {earlier} has it already, and nobody knows which one counts"
                    what = f"{' '.join(key)} of {customer.id} stands twice"
                    faults.add(line, 1, what, why, "remove one of the two")
            except BadField as error:
                fault = error.fault
                faults.add(line, places.get(error.name, 1), fault.what, fault.why, fault.mend)
    except Enough:
        pass
    return rows, dropped


def _digest(file: Path) -> str:
    found = hashlib.sha256()
    with opened(file) as stream:
        while block := stream.read(BLOCK):
            found.update(block)
    return found.hexdigest()
