"""What the hub must offer before any box can dial in."""

from dure.fleet.connect import LoginRefused
from dure.fleet.session import Session
from dure.plan.value import VerificationPlan
from dure.runs.addresses import FIRST_USER, as_user
from dure.runs.verify.row import Seen
from dure.runs.verify.scene import Scene

LISTENING = "import socket,sys;socket.create_connection((sys.argv[1],int(sys.argv[2])),3).close()"


def hub_services(scene: Scene, one: VerificationPlan) -> Seen:
    """WireGuard listens, the heartbeat receiver answers, the firewall is loaded."""
    plan = scene.plan
    missing = []
    port = scene.hub.run(["wg", "show", "wg0", "listen-port"], sudo=True)
    if port.code != 0 or not port.text.isdigit():
        missing.append("WireGuard")
    for rule in plan.host.ports:
        if rule.protocol == "tcp" and rule.source == "overlay":
            tried = scene.hub.script(LISTENING, [plan.host.lan_address, str(rule.port)], deadline=10)
            if tried.code != 0:
                missing.append(f"{rule.role} on TCP {rule.port}")
    if scene.hub.run(["nft", "list", "chain", "inet", "dure", "input"], sudo=True).code != 0:
        missing.append("firewall")
    seen = f"missing: {', '.join(missing)}" if missing else f"all there, WireGuard on UDP {port.text}"
    return Seen("hub services", "WireGuard, heartbeat receiver, firewall", seen, ok=not missing)


def bench_user_locked(scene: Scene, one: VerificationPlan) -> Seen:
    """The user with whom the hub came, who may do everything there, gets in no more; the hub itself says so too."""
    what, expected = f"SSH of {FIRST_USER}, with whom the hub came", "refused, and locked"
    locked = scene.hub.check(["getent", "shadow", FIRST_USER], sudo=True).text.split(":")[7:8] == ["1"]
    settings = scene.hub.check(["sshd", "-T"], sudo=True).text.splitlines()
    allowed = f"allowusers {FIRST_USER}" in settings
    try:
        with Session(as_user(scene.hub.route, FIRST_USER)):
            answer = "let in"
    except LoginRefused:
        answer = "refused"
    state = "locked" if locked else "not locked"
    seen = f"{answer}, {state}" + (", and SSH's settings still name it" if allowed else "")
    return Seen(what, expected, seen, ok=answer == "refused" and locked and not allowed)
