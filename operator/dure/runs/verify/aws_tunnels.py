"""The VPN to AWS: both tunnels stand, as strongSwan on the box says now."""

import re
import time

from dure.plan.value import VerificationPlan
from dure.runs.verify.row import Seen
from dure.runs.verify.scene import Scene

PATIENCE_SECONDS = 45.0
"""The watch tries a tunnel every few seconds, and an attempt is given up after some ten."""
PERIOD_SECONDS = 2.0
NUMBERS = (1, 2)
CHILD = re.compile(r"\bname=aws(\d) uniqueid=\d+ reqid=\d+ state=([A-Z]+)")


def aws_tunnels(scene: Scene, one: VerificationPlan) -> Seen:
    """Both tunnels are installed, each with its bytes; the watch has some time to begin them."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while True:
        states = tunnel_states(scene.box.check(["swanctl", "--list-sas", "--raw"], sudo=True, deadline=20).text)
        stand = all(states.get(number) == "INSTALLED" for number in NUMBERS)
        if stand or time.monotonic() > ends or scene.live.wants_stop():
            break
        time.sleep(PERIOD_SECONDS)
    seen = ", ".join(f"tunnel {number} {states.get(number, 'DOWN')}" for number in NUMBERS)
    return Seen("tunnels box - AWS", "tunnel 1 INSTALLED, tunnel 2 INSTALLED", seen, ok=stand)


def tunnel_states(said: str) -> dict[int, str]:
    """Tunnel's number -> state, from `swanctl --list-sas --raw`; of several for one tunnel an installed one counts."""
    found: dict[int, str] = {}
    for number, state in CHILD.findall(said):
        if found.get(int(number)) != "INSTALLED":
            found[int(number)] = state
    return found
