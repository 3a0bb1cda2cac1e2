"""Reports of all customers: in parallel processes, resumable, with progress; one that fails does not stop the rest."""

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from dure.errors import DureError
from dure.report.build import report_of
from dure.report.collect import Shelf, collect, open_shelf
from dure.report.files import Format, file_name, write_report
from dure.store.database import store_at
from dure.text.writing import Language


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked of every customer."""

    root: Path
    store_url: str
    month: str
    language: Language
    form: Format
    directory: Path


@dataclass(frozen=True, slots=True)
class Done:
    """One customer's report: written, or current already; `error` tells why there is none."""

    customer: str
    file: Path
    written: bool
    error: str = ""


_open: dict[str, tuple[Shelf, Order]] = {}
"""One entry in a worker process: what its reports share."""


def make_all(order: Order, customers: Sequence[str], processes: int = 0) -> Iterator[Done]:
    """Each customer's report as it gets ready. `processes` 0: one a core."""
    wanted = min(processes or len(os.sched_getaffinity(0)), max(len(customers), 1))
    if wanted == 1:
        prepare(order)
        yield from map(make_one, customers)
        return
    # Not forked: a fork would share the parent's database connection and the font library's locks.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(wanted, mp_context=context, initializer=prepare, initargs=(order,)) as pool:
        futures = [pool.submit(make_one, customer) for customer in customers]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def prepare(order: Order) -> None:
    """Once a process."""
    _open["order"] = (open_shelf(order.root, store_at(order.root, order.store_url)), order)


def make_one(customer: str) -> Done:
    """One report; an error becomes a line."""
    shelf, order = _open["order"]
    file = order.directory / file_name(customer, order.month, order.language, order.form)
    try:
        report = report_of(collect(shelf, customer, order.month))
        return Done(customer, file, write_report(report, order.language, order.form, file))
    except DureError as error:
        return Done(customer, file, False, error.line())
    except ValueError as error:
        return Done(customer, file, False, f"the closed month contradicts itself: {str(error).splitlines()[0]}")
