"""Working a schedule off: so many at once, until all have ended; a cancel starts nothing new."""

import queue
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from dure.runs.stacks.schedule import Schedule

LOOK = 0.2
"""Seconds between looks at the cancel flag."""
CANCELLED = "cancelled before it began"


def conduct(schedule: Schedule, work: Callable[[str], bool], *, parallel: int, cancel: Callable[[], bool]) -> Schedule:
    """`work(site)` tells whether it succeeded; it runs in a thread, and each stack's engine in a process of its own."""
    ended: queue.Queue[tuple[str, bool]] = queue.Queue()

    def one(site: str) -> None:
        succeeded = False
        try:
            succeeded = work(site)
        finally:
            ended.put((site, succeeded))

    with ThreadPoolExecutor(parallel, thread_name_prefix="stack") as pool:
        while not schedule.ended:
            if cancel():
                schedule = schedule.stop(CANCELLED)
            for site in schedule.ready()[: parallel - len(schedule.sites("running"))]:
                schedule = schedule.start(site)
                pool.submit(one, site)
            if schedule.ended:
                break
            try:
                site, succeeded = ended.get(timeout=LOOK)
            except queue.Empty:
                continue
            if cancel():  # first, or what waits would be told as skipped because this one was stopped
                schedule = schedule.stop(CANCELLED)
            schedule = schedule.finish(site, failed=not succeeded)
    return schedule
