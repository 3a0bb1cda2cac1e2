"""Stacks on the AWS double: preview and up of each program, and a hundred pool tenants at once beside a plain loop.

make bench ONLY=stacks                                    about ten minutes on 2 cores
TENANTS=10 python -m tests.bench stacks                   a smaller fleet; the table says how many
"""

import os
import sys
import tempfile
from pathlib import Path

from dure.cloud import moto

from tests.bench.processes import Took, take
from tests.bench.provisioning import OPERATOR
from tests.bench.table import Table
from tests.contract.stacks.desk import Desk, make_desk

TENANTS = 100
PARALLEL = 4
PLAIN = 8
"""Stacks of the plain loop: its cost a stack does not depend on how many there are."""
IMAGE = "public.ecr.aws/nginx/nginx:stable"
SITES = {
    "hybrid": "blueprint: hybrid-server, lan: {cidr: 192.168.0.0/24, address: 192.168.0.10, router: 192.168.0.1}",
    "pool": "blueprint: saas-tenant",
    "bridge": f"blueprint: saas-tenant, parameters: {{isolation: bridge, image: {IMAGE}}}",
    "silo": f"blueprint: saas-tenant, parameters: {{isolation: silo, image: {IMAGE}, network_index: 1}}",
    "sandbox": "blueprint: paas-sandbox, parameters: {source: https://github.com/x/y, expires: 2099-12-31}",
}
"""Site -> how it stands in its customer's file: one of each program."""


def stacks(desk: Desk, *arguments: str) -> Took:
    """`operator stacks …`; a command that fails ends the measurement."""
    return run(desk, str(OPERATOR), "stacks", *arguments, "-w", str(desk.root))


def plain_loop(desk: Desk, verb: str, tenants: list[str]) -> Took:
    """The same on some tenants that stand, by the peer."""
    names = [f"{tenant}.erp" for tenant in tenants]
    return run(desk, sys.executable, "-m", "tests.bench.plain_loop", verb, str(desk.root), str(PARALLEL), *names)


def run(desk: Desk, *command: str) -> Took:
    log = desk.root / ".dure" / "bench.log"
    code, took = take(command, log, desk.account.process.pid)
    if code not in (0, 3):  # a preview that finds something ends with 3
        raise SystemExit(f"{' '.join(command)}: exit {code}:\n{log.read_text()[-2000:]}")
    return took


def write(desk: Desk, customer: str, sites: dict[str, str]) -> None:
    lines = [f"id: {customer}", f"name: {customer}", "people: 12", "sites:"]
    lines += [
        f"  - {{id: {site}, name: {site}, tags: [{customer.partition('-')[0]}], {told}}}"
        for site, told in sites.items()
    ]
    (desk.root / "customers" / f"{customer}.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def each_program(desk: Desk) -> Table:
    write(desk, "one", SITES)
    rows = []
    for site in ("landing-zone", *(f"one/{name}" for name in SITES)):
        took = [stacks(desk, "preview", site), stacks(desk, "up", site, "--yes"), stacks(desk, "up", site, "--yes")]
        took.append(stacks(desk, "up", site, "--yes", "--changed"))
        cells = (f"{one.seconds:.1f} ({one.processor:.1f})" for one in took)
        rows.append((site.removeprefix("one/"), *cells, f"{took[1].together:.0f}", f"{took[1].largest:.0f}"))
    note = (
        "One stack a command, from the command's start to its end: seconds, and in brackets processor seconds of all"
        " its processes. Memory is that of up: of all together, shared pages once, and of the largest."
    )
    header = ("stack", "preview", "up", "up, nothing to do", "up --changed", "memory, MiB", "largest, MiB")
    return Table("Stacks: each program", header, tuple(rows), note)


def row(what: str, took: Took, number: int, plain: float = 0) -> tuple[str, ...]:
    """`plain`: the plain loop's processor seconds a stack; 0: it does nothing alike."""
    each = took.processor / number
    seconds = (f"{took.seconds:.1f}", f"{took.seconds / number:.2f}", f"{took.processor:.1f}", f"{each:.2f}")
    memory = (f"{took.together:.0f}", f"{took.largest:.0f}")
    return what, str(number), *seconds, f"{took.double:.1f}", *memory, f"{each / plain:.2f}" if plain else ""


def many(desk: Desk, count: int) -> Table:
    """The landing zone stands already."""
    tenants = [f"pool-{number:03}" for number in range(count)]
    for tenant in tenants:
        write(desk, tenant, {"erp": SITES["pool"]})
    every = ("tag=pool", "--parallel", str(PARALLEL))

    some = tenants[:PLAIN]
    rows = [
        row("preview, nothing stands", stacks(desk, "preview", *every), count),
        row("up, nothing stands", stacks(desk, "up", *every, "--yes"), count),
    ]
    preview, up = plain_loop(desk, "preview", some), plain_loop(desk, "up", some)
    each = {"preview": preview.processor / len(some), "up": up.processor / len(some)}
    rows += [
        row("preview, nothing to do", stacks(desk, "preview", *every), count, each["preview"]),
        row("up, nothing to do", stacks(desk, "up", *every, "--yes"), count, each["up"]),
        row("up --changed, nothing changed", stacks(desk, "up", *every, "--yes", "--changed"), count),
    ]
    write(desk, "pool-000", {"erp": f"{SITES['pool']}, parameters: {{budget_usd: 7}}"})
    rows += [
        row("up --changed, one tenant changed", stacks(desk, "up", *every, "--yes", "--changed"), count),
        row("plain loop: preview, nothing to do", preview, len(some), each["preview"]),
        row("plain loop: up, nothing to do", up, len(some), each["up"]),
    ]
    note = (
        f"{count} tenants of the pool, 20 resources each, {PARALLEL} at once, on one provider and one AWS double, whose"
        " processor time is told apart. Processor seconds are those of all processes of the command. Memory is that of"
        " all processes together, shared pages once, and of the largest, looked at twice a second. The plain loop is"
        " Pulumi's Automation API as it is, inline, one process a stack and as many at once, without rules, prices,"
        " leases and record; the last column is processor seconds a stack as a part of its."
    )
    header = (
        "command",
        "stacks",
        "seconds",
        "a stack",
        "processor seconds",
        "a stack",
        "the double's",
        "memory, MiB",
        "largest, MiB",
        "of the plain loop",
    )
    return Table(f"Stacks: {count} tenants", header, tuple(rows), note)


def measure() -> list[Table]:
    count = int(os.environ.get("TENANTS", TENANTS))
    with tempfile.TemporaryDirectory(prefix="dure-bench-") as place:
        account = moto.start(Path(place))
        try:
            desk = make_desk(Path(place), account, "bench-msp")
            for file in (desk.root / "customers").iterdir():
                file.unlink()
            return [each_program(desk), many(desk, count)]
        finally:
            account.stop()
