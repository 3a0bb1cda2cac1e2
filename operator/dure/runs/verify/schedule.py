"""In which order the proofs run: the reboot first, so that all others prove what came back, then side by side."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from dure.errors import Cancelled, DureError
from dure.plan.value import Plan, VerificationPlan
from dure.runs.live import Live
from dure.runs.verify import hub, overlay, reboot, scan, services
from dure.runs.verify.row import Row, Seen
from dure.runs.verify.scene import Scene

Proof = Callable[[Scene, VerificationPlan], Seen]

KINDS: dict[str, Proof] = {
    "scan_tcp": scan.tcp,
    "scan_udp": scan.udp,
    "drop_counter": scan.drop_counter,
    "tunnel": overlay.tunnel,
    "lan_through_tunnel": overlay.lan_through_tunnel,
    "island": overlay.island,
    "first_way_closed": overlay.first_way_closed,
    "backup_restore": services.backup_restore,
    "file_share": services.file_share,
    "box_page": services.box_page,
    "reboot": reboot.reboot,
    "hub_services": hub.hub_services,
}
LANES = (
    ("drop_counter", "scan_tcp", "scan_udp"),
    ("tunnel", "lan_through_tunnel", "island", "first_way_closed", "hub_services"),
    ("file_share", "box_page", "backup_restore"),
)
"""Kinds that run one after the other; lanes run side by side. The drop counter spans the scans, so it leads."""


def prove_all(live: Live, plan: Plan, wanted: list[VerificationPlan], *, full: bool) -> list[Row]:
    """One row for each wanted proof, in the blueprint's order. A proof that cannot be made is a row that is not ok."""
    scene = Scene(live, plan, full)
    rows: dict[str, Row] = {}
    for one in wanted:
        if one.kind == "reboot":
            rows[one.name] = _prove(scene, one)
    with ThreadPoolExecutor(max_workers=len(LANES) + 1) as pool:
        futures = [pool.submit(_lane, scene, [one for one in wanted if one.kind in lane]) for lane in LANES]
        spanned = {kind for lane in LANES for kind in lane} | {"reboot"}
        futures.append(pool.submit(_lane, scene, [one for one in wanted if one.kind not in spanned]))
        for future in futures:
            rows.update({row.name: row for row in future.result()})
    live.stop_if_wanted("the end of the acceptance")
    return [rows[one.name] for one in wanted if one.name in rows]


def _lane(scene: Scene, wanted: list[VerificationPlan]) -> list[Row]:
    leading = [one for one in wanted if one.kind == "drop_counter"]
    before = scan.dropped(scene) if leading else 0
    rows = []
    for one in wanted:
        if scene.live.wants_stop():
            break
        if one.kind != "drop_counter":
            rows.append(_prove(scene, one))
    for one in leading:
        rows.append(_prove(scene, one, before))
    return rows


def _prove(scene: Scene, one: VerificationPlan, before: int = 0) -> Row:
    started = time.monotonic()
    scene.live.journal.tell("task", "verify", f"proving {one.name}")
    try:
        if one.kind == "drop_counter":
            seen = scan.drops_rose(scene, before)
        elif one.kind in KINDS:
            seen = KINDS[one.kind](scene, one)
        else:
            seen = Seen(one.kind, "a known kind of proof", f'"{one.kind}" is not known', ok=False)
    except Cancelled:
        raise
    except DureError as error:
        seen = Seen(one.name, "a proof", error.line(), ok=False)
    row = Row(one.name, seen.what, seen.expected, seen.seen, seen.ok, time.monotonic() - started)
    state = "ok" if row.ok else "failed"
    scene.live.journal.tell("task", "verify", f"{row.what}: {row.seen}", state, row.seconds)
    return row
