"""operator sla import: a file into the store, between two links of the audit chain that say so."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from dure.errors import UsageError
from dure.model.text import printable
from dure.model.workspace import read_operator
from dure.runs.act import act
from dure.runs.context import Context
from dure.runs.promise.book import load_book
from dure.runs.promise.intake.batch import Batch, Key
from dure.runs.promise.intake.csv_file import opened, read_csv
from dure.runs.promise.intake.load import Imported, checked, load
from dure.runs.promise.intake.outside import read_outside
from dure.runs.promise.running import sources
from dure.runs.promise.sampling import keep_samples
from dure.runs.promise.status import refreshed

SOURCES = ("csv", "uptime-kuma", "gatus", "prometheus")
BLOCK = 1024 * 1024


def import_file(
    context: Context, file: Path, source: str, mappings: Iterable[str], now: int, reason: str, *, check: bool
) -> Imported:
    """Read the file and write it whole, or nothing. `check` only reads. Raises UsageError and ImportInvalid."""
    names = _names(mappings)
    if source not in SOURCES:
        raise UsageError(
            f'unknown source "{printable(source)}"', why="no importer reads it", mend=f"one of {', '.join(SOURCES)}"
        )
    if (source == "csv") == bool(names):
        why = "a CSV names its checks itself" if names else "it names its monitors in its own way"
        mend = "leave --map out" if names else '--map "MONITOR=CUSTOMER/CHECK", once for each monitor to take in'
        raise UsageError(f"--map does not fit --from {source}", why=why, mend=mend)
    ground = read_operator(context.workspace)[2]
    batch = Batch(printable(str(file), 200), now, lambda name: load_book(context, name, ground))
    if source == "csv":
        read_csv(file, batch)
    else:
        read_outside(file, source, names, batch)
    given = checked(batch)  # what is wrong with the file is told before anything is begun
    if check:
        return load(context, batch, given, reason, check=True)
    words = f"{batch.rows} rows, sha256 {_digest(file)[:16]}"
    with act(context, "sla import", printable(file.name, 180), reason, words, tells_hub=False) as deed:
        keep_samples(context, batch, now)
        imported = load(context, batch, given, reason)
        if imported.changed:
            _refresh(context, batch, now)
        deed.result = f"{imported.rows} rows of {imported.checks} checks, {imported.changed} spans new"
    return replace(imported, note=deed.note)


def _refresh(context: Context, batch: Batch, now: int) -> None:
    """The running month of those whose spans have changed, so that the next look at the fleet finds it made."""
    wanted = sources(context.workspace, sorted({key[0] for key in batch.columns}))
    for customer, source in wanted.items():
        refreshed(context, batch.books[customer], customer, source, now)


def _names(mappings: Iterable[str]) -> dict[str, Key]:
    found: dict[str, Key] = {}
    for text in mappings:
        monitor, equals, target = text.rpartition("=")
        customer, slash, check = target.partition("/")
        if not (equals and monitor and slash and customer and check):
            mend = 'write it as in --map "Web shop=hansol-plastics/web"'
            raise UsageError(f'"{printable(text)}" maps nothing', why="it is MONITOR=CUSTOMER/CHECK", mend=mend)
        found[monitor] = (customer, check)
    return found


def _digest(file: Path) -> str:
    found = hashlib.sha256()
    with opened(file) as stream:
        while block := stream.read(BLOCK):
            found.update(block)
    return found.hexdigest()
