"""How soon the lab's machines are ready, from switched off to logging users in, side by side."""

import time

from dure.lab.host import unfit
from dure.lab.instance import Lab
from dure.lab.topology import row_topology

from tests.bench.table import Table

COUNTS = (1, 10)
NAME = "bench"


def boot_seconds(lab: Lab) -> float:
    """Boot all machines of a lab anew, as they left the factory."""
    for machine in lab.machines.values():
        machine.kill()
        machine.make_fresh()
    started = time.perf_counter()
    lab.start_machines(list(lab.machines.values()))
    return time.perf_counter() - started


def measure() -> Table:
    """Best of three boots for each count, and one bringing-up of the whole example lab."""
    reason = unfit()
    if reason:
        return Table("The lab", ("what", "seconds"), (), f"Not measured here: {reason}.")
    rows = []
    for count in COUNTS:
        lab = Lab(NAME, row_topology(NAME, count))
        lab.down()
        try:
            lab.up()
            rows.append(
                (f"{count} fresh machine{'s' * (count > 1)}", f"{min(boot_seconds(lab) for _ in range(3)):.1f}")
            )
        finally:
            lab.down()
    example = Lab(NAME)
    started = time.perf_counter()
    try:
        example.up()
        rows.append(("operator lab up: three machines, network, AWS double", f"{time.perf_counter() - started:.1f}"))
    finally:
        example.down()
    note = "Until a user can log in; the base tree exists. Machines: best of three."
    return Table("The lab", ("what", "seconds"), tuple(rows), note)
