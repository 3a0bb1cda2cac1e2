"""Reports of all customers: in parallel processes, resumable, with progress; one that fails does not stop the rest."""

import multiprocessing
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from dure.errors import DureError

if TYPE_CHECKING:
    from dure.report.files import Format
    from dure.text.writing import Language

WORKER = "dure.report.worker"


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked of every customer."""

    root: Path
    store_url: str
    month: str
    language: "Language | None"
    """None: each customer's own."""
    form: "Format"
    directory: Path
    unvouched: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Customer -> revisions of the month that no agreement speaks for."""


@dataclass(frozen=True, slots=True)
class Done:
    """One customer's report: written, or current already; `error` tells why there is none."""

    customer: str
    file: Path
    written: bool
    error: str = ""


def make_all(order: Order, customers: Sequence[str], processes: int = 0) -> Iterator[Done]:
    """Each customer's report as it gets ready. `processes` 0: one a core."""
    wanted = min(processes or len(os.sched_getaffinity(0)), max(len(customers), 1))
    if wanted == 1:
        prepare(order)
        yield from map(make_one, customers)
        return
    # A clean server imports the libraries once and is forked; forking us would copy locks and connections in use.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([WORKER])
    with ProcessPoolExecutor(wanted, mp_context=context, initializer=prepare, initargs=(order,)) as pool:
        try:
            futures = [pool.submit(make_one, customer) for customer in customers]
            for future in as_completed(futures):
                yield future.result()
        except BrokenProcessPool as error:
            raise DureError(
                "a process that makes reports was ended",
                why="the machine had no memory left for it, or somebody stopped it",
                mend="repeat the command: it goes on where it stopped",
            ) from error
        finally:
            pool.shutdown(cancel_futures=True)


def prepare(order: Order) -> None:
    """In the process that works: the libraries are loaded there alone."""
    from dure.report import worker

    worker.prepare(order)


def make_one(customer: str) -> Done:
    """In the process that works."""
    from dure.report import worker

    return worker.make(customer)
