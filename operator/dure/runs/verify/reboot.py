"""The box goes down and comes back by itself, with all its services."""

import time

from dure.errors import DureError
from dure.plan.value import VerificationPlan
from dure.runs.verify.row import Seen
from dure.runs.verify.scan import settled_v6
from dure.runs.verify.scene import Scene

BACK_SECONDS = 300.0
SETTLE_SECONDS = 120.0


def reboot(scene: Scene, one: VerificationPlan) -> Seen:
    """Reboot through the tunnel, and wait through the tunnel until systemd has settled."""
    before = _boot_id(scene)
    addresses = frozenset(settled_v6(scene))
    what, expected = "reboot", "back through the tunnel, new boot id, no unit failed"
    started = time.monotonic()
    scene.box.check(["systemd-run", "--quiet", "--on-active=1", "systemctl", "reboot"], sudo=True)
    after = _wait_for_new_boot(scene, before, started + BACK_SECONDS)
    if not after:
        return Seen(what, expected, f"not back within {BACK_SECONDS:.0f} s", ok=False)
    back = time.monotonic() - started
    settled_v6(scene, addresses)
    state = scene.box.run(["timeout", f"{SETTLE_SECONDS:g}", "systemctl", "is-system-running", "--wait"],
                          deadline=SETTLE_SECONDS + 5).text  # fmt: skip
    failed = scene.box.run(["systemctl", "--failed", "--plain", "--no-legend"]).text
    units = ", ".join(line.split()[0] for line in failed.splitlines() if line.strip())
    seen = f"back after {back:.0f} s, {state}" + (f", failed: {units}" if units else "")
    return Seen(what, expected, seen, ok=state == "running" or (not units and state == "degraded"))


def _boot_id(scene: Scene) -> str:
    return scene.box.check(["cat", "/proc/sys/kernel/random/boot_id"]).text


def _wait_for_new_boot(scene: Scene, before: str, end: float) -> str:
    """The new boot id; empty when the time is over."""
    while time.monotonic() < end:
        scene.live.stop_if_wanted("the box is back")
        scene.live.forget_sessions(scene.plan.site)
        try:
            now = _boot_id(scene)
            if now != before:
                return now
        except DureError:
            pass
        time.sleep(1.0)
    return ""
