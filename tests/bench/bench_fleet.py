"""Ten boxes provisioned at once, by a process each, beside one box alone."""

import time

from dure.lab.host import unfit
from dure.lab.instance import Lab
from dure.lab.topology import fleet_topology
from dure.lab.workspace import fleet_customer

from tests.bench.provisioning import NAME, bench
from tests.bench.table import Table

FLEET = 10


def measure() -> Table:
    """First provision of one box alone, then of the others all at once."""
    reason = unfit()
    if reason:
        return Table("Ten boxes at once", ("what",), (), f"Not measured here: {reason}.")
    with bench(Lab(NAME, fleet_topology(NAME, FLEET + 1)), fleet_customer(FLEET + 1)) as made:
        sites = [f"fleet/box{number}" for number in range(1, FLEET + 2)]
        for site in sites:
            made.enrol(site)
        alone = made.run("provision", sites[0], "--yes", "--fast")

        def together() -> None:
            running = [made.start("provision", site, "--yes", "--fast") for site in sites[1:]]
            failed = [site for site, process in zip(sites[1:], running, strict=True) if process.wait()]
            if failed:
                raise SystemExit(f"failed: {', '.join(failed)}, see {made.workspace}/.dure/bench.log")

        started = time.perf_counter()
        together()
        ten = time.perf_counter() - started
    rows = (("one box", f"{alone:.1f}", "1.0"), (f"{FLEET} boxes at once", f"{ten:.1f}", f"{ten / alone:.1f}"))
    return Table("Ten boxes at once", ("first provision, --fast", "seconds", "ratio"), rows)
