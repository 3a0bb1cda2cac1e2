"""Phases of provisioning a box: the first time, and again when nothing is to change, plain and --fast."""

import resource

from dure.lab.host import unfit
from dure.lab.instance import Lab

from tests.bench.provisioning import NAME, bench
from tests.bench.table import Table

PHASES = ("preview", "cloud_up", "join", "converge", "verify")


def measure() -> Table:
    """Phases of one gateway box's runs."""
    reason = unfit()
    if reason:
        return Table("Provisioning one box", ("run",), (), f"Not measured here: {reason}.")
    site = "hansol-plastics/ansan"
    ways: tuple[tuple[str, tuple[str, ...]], ...] = (
        ("first, --fast", ("--fast",)),
        ("again, plain", ()),
        ("again, --fast", ("--fast",)),
        ("again, --fast --converge", ("--fast", "--converge")),
    )
    rows = []
    with bench(Lab(NAME)) as made:
        made.enrol(site)
        for title, options in ways:
            seconds = made.run("provision", site, "--yes", *options)
            phases = made.newest_phases(site)
            rows.append((title, f"{seconds:.1f}", *(f"{phases.get(phase, 0):.1f}" for phase in PHASES)))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    note = f"Seconds. The largest single process of these runs took {peak:.0f} MB of memory."
    return Table("Provisioning one box", ("run", "whole", *PHASES), tuple(rows), note)
