"""In which order the proofs run: the reboot first, so that all others prove what came back, then side by side."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from dure.errors import Cancelled, DureError
from dure.fleet.connect import Unreachable
from dure.fleet.session import ConnectionBroken
from dure.plan.value import Plan, VerificationPlan
from dure.runs.live import Live
from dure.runs.verify import aws_tunnels, hub, overlay, reboot, scan, services
from dure.runs.verify.row import Row, Seen
from dure.runs.verify.scene import Scene

Proof = Callable[[Scene, VerificationPlan], Seen]

KINDS: dict[str, Proof] = {
    "scan_tcp": scan.tcp,
    "scan_udp": scan.udp,
    "drop_counter": scan.drop_counter,
    "tunnel": overlay.tunnel,
    "aws_tunnels": aws_tunnels.aws_tunnels,
    "lan_through_tunnel": overlay.lan_through_tunnel,
    "island": overlay.island,
    "first_way_closed": overlay.first_way_closed,
    "backup_restore": services.backup_restore,
    "file_share": services.file_share,
    "box_page": services.box_page,
    "reboot": reboot.reboot,
    "hub_services": hub.hub_services,
    "bench_user_locked": hub.bench_user_locked,
}
LINE_SECONDS = 10.0
"""Patience with a line that has just broken."""

SCANS = ("scan_tcp", "scan_udp", "drop_counter")
"""One after the other: the drop counter spans the scans, and one scan at a time is not taken for an attack."""


def prove_all(live: Live, plan: Plan, wanted: list[VerificationPlan], *, full: bool) -> list[Row]:
    """One row for each wanted proof, in the blueprint's order. A proof that cannot be made is a row that is not ok."""
    scene = Scene(live, plan, full)
    rows: dict[str, Row] = {}
    for one in wanted:
        if one.kind == "reboot":
            rows[one.name] = _prove(scene, one)
    rest = [one for one in wanted if one.kind not in (*SCANS, "reboot")]
    with ThreadPoolExecutor(max_workers=8) as pool:
        scans = pool.submit(_scans, scene, [one for one in wanted if one.kind in SCANS])
        for row in [*pool.map(lambda one: _prove_unless_stopped(scene, one), rest), *scans.result()]:
            if row is not None:
                rows[row.name] = row
    live.stop_if_wanted("the end of the acceptance")
    return [rows[one.name] for one in wanted if one.name in rows]


def _scans(scene: Scene, wanted: list[VerificationPlan]) -> "list[Row | None]":
    counters = [one for one in wanted if one.kind == "drop_counter"]
    before = scan.dropped(scene) if counters else 0
    rows = [_prove_unless_stopped(scene, one) for one in wanted if one.kind != "drop_counter"]
    return [*rows, *(_prove_unless_stopped(scene, one, before) for one in counters)]


def _prove_unless_stopped(scene: Scene, one: VerificationPlan, before: int = 0) -> Row | None:
    return None if scene.live.wants_stop() else _prove(scene, one, before)


def _prove(scene: Scene, one: VerificationPlan, before: int = 0) -> Row:
    started = time.monotonic()
    scene.live.journal.tell("task", "verify", f"proving {one.name}")
    try:
        seen = _look(scene, one, before)
    except (ConnectionBroken, Unreachable) as error:
        scene.live.journal.tell("note", "verify", f"{one.name} once more: {error.line()}")
        seen = _look_again(scene, one, before)
    except Cancelled:
        raise
    except DureError as error:
        seen = Seen(one.name, "a proof", error.line(), ok=False)
    row = Row(one.name, seen.what, seen.expected, seen.seen, seen.ok, time.monotonic() - started)
    state = "ok" if row.ok else "failed"
    scene.live.journal.tell("task", "verify", f"{row.what}: {row.seen}", state, row.seconds)
    return row


def _look_again(scene: Scene, one: VerificationPlan, before: int) -> Seen:
    """A line that breaks once, such as by a tunnel that is set up anew, is no proof of anything."""
    time.sleep(LINE_SECONDS)
    try:
        return _look(scene, one, before)
    except Cancelled:
        raise
    except DureError as error:
        return Seen(one.name, "a proof", error.line(), ok=False)


def _look(scene: Scene, one: VerificationPlan, before: int) -> Seen:
    if one.kind == "drop_counter":
        return scan.drops_rose(scene, before)
    if one.kind in KINDS:
        return KINDS[one.kind](scene, one)
    return Seen(one.kind, "a known kind of proof", f'"{one.kind}" is not known', ok=False)
