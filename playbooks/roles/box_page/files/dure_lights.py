"""Look at the box once and write what its page and its heartbeat tell: /run/dure/lights.json.

    dure_lights.py

Each light is {"state": "ok" | "warn" | "bad" | "unknown", "reason": WORD}, and backup also carries times. A part
that this box does not have has no light. The record holds no name of a person or a file, and no secret.
"""

import contextlib
import errno
import ipaddress
import json
import os
import selectors
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

SETTINGS = Path("/etc/dure/box_page/settings.json")
LIGHTS = Path("/run/dure/lights.json")
BACKUP_SETTINGS = Path("/etc/dure/backup/settings.json")
BACKUP = Path("/var/lib/dure/backup/status.json")
DRILL = Path("/var/lib/dure/restore_drill/status.json")
SHARES = Path("/etc/dure/file_share/people.json")
TUNNEL = Path("/etc/wireguard/wg0.conf")

BACKUP_LATE = timedelta(hours=30)
PROOF_OLD = timedelta(days=10)
HANDSHAKE_OLD = 190  # seconds; WireGuard renews its keys after 120 s when anything flows, and keepalives do
CONNECT_SECONDS = 4.0

Light = dict[str, Any]


def light(state: str, reason: str = "", **more: Any) -> Light:
    return {"state": state, "reason": reason, **more}


def read(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def moment(text: object) -> datetime | None:
    """An aware datetime, or None for anything that is not one."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else None


def backup_light(record: dict[str, Any], drill: dict[str, Any], since: datetime, now: datetime) -> Light:
    """Judge the backup's and the drill's records; `since` is when the backup was set up.

    A backup that is late is bad whatever the last attempt said: no record may hide that nothing happened.
    """
    success = moment(record.get("last_success"))
    proved = moment(drill.get("last_success"))
    times: dict[str, Any] = {
        "last_success": success.isoformat() if success else None,
        "proved": proved.isoformat() if proved else None,
    }
    failed = record.get("state") == "failed"
    if success is None:
        if failed or now - since > BACKUP_LATE:
            return light("bad", "failed" if failed else "missed", **times)
        return light("warn", "waiting", **times)
    if now - success > BACKUP_LATE:
        return light("bad", "failed" if failed else "missed", **times)
    if drill.get("state") == "failed":
        return light("bad", "unproved", **times)
    if failed:
        return light("warn", "failed-once", **times)
    if now - (proved or since) > PROOF_OLD:
        return light("warn", "proof-old", **times)
    return light("ok", **times)


def one_answers(addresses: list[tuple[str, int]], seconds: float = CONNECT_SECONDS) -> bool:
    """Whether any of the services takes a connection; all are asked at once and the first decides."""
    with selectors.DefaultSelector() as waiting, contextlib.ExitStack() as lines:
        for address in addresses:
            line = lines.enter_context(socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET))
            line.setblocking(False)
            if line.connect_ex(address) in (0, errno.EINPROGRESS):
                waiting.register(line, selectors.EVENT_WRITE)
        end = time.monotonic() + seconds
        while waiting.get_map() and (left := end - time.monotonic()) > 0:
            for key, _ in waiting.select(left):
                line = key.fileobj  # type: ignore[assignment]  # only sockets were registered
                if line.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
                    return True
                waiting.unregister(line)
    return False


def resolved(name: str, port: int) -> list[tuple[str, int]]:
    """Addresses of a name; none when nobody can tell."""
    try:
        return [(str(found[4][0]), port) for found in socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)]
    except OSError:
        return []


def is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def has_default_route(routes: str) -> bool:
    """`routes` is /proc/net/route: destination and mask both zero, and the route is up."""
    rows = [line.split() for line in routes.splitlines()[1:]]
    return any(row[1] == "00000000" and row[7] == "00000000" and int(row[3], 16) & 1 for row in rows if len(row) > 7)


def internet_light(probes: list[str]) -> Light:
    """One of the probed services (host:port) answers; several, so that one that is down alone is no outage."""
    if not has_default_route(Path("/proc/net/route").read_text()):
        return light("bad", "no-route")
    if not probes:
        return light("unknown", "no-probe")
    pairs = [(host, int(port)) for host, _, port in (probe.rpartition(":") for probe in probes)]
    if one_answers([pair for pair in pairs if is_number(pair[0])]):
        return light("ok")
    # Names are looked up only now: with the line down that takes long.
    if one_answers([address for pair in pairs if not is_number(pair[0]) for address in resolved(*pair)]):
        return light("ok")
    return light("bad", "no-answer")


def vpn_light(handshakes: str, now_seconds: float) -> Light:
    """`handshakes` is the output of `wg show all latest-handshakes`: interface, peer, time."""
    times = [int(line.split()[-1]) for line in handshakes.splitlines() if line.strip()]
    if not times:
        return light("bad", "no-tunnel")
    return light("ok") if now_seconds - max(times) < HANDSHAKE_OLD else light("bad", "no-handshake")


def wireguard_handshakes() -> str:
    try:
        return subprocess.run(
            ["wg", "show", "all", "latest-handshakes"], capture_output=True, text=True, timeout=10, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""


def smb_negotiate() -> bytes:
    """A NEGOTIATE request for SMB 3.1.1 ([MS-SMB2] 2.2.3 and 2.2.3.1.1), with its length in front."""
    header = struct.pack("<4sHHIHHIIQIIQ16s", b"\xfeSMB", 64, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, b"")
    body = struct.pack("<HHHHI16sIHH", 36, 1, 1, 0, 0, os.urandom(16), 104, 1, 0) + struct.pack("<HH", 0x0311, 0)
    integrity = struct.pack("<HHIHHH32s", 1, 38, 0, 1, 32, 1, os.urandom(32))
    packet = header + body + integrity
    return struct.pack(">I", len(packet)) + packet


def smb_answers(address: tuple[str, int] = ("127.0.0.1", 445)) -> bool:
    """Samba answers a negotiation, not only the port."""
    try:
        with socket.create_connection(address, timeout=CONNECT_SECONDS) as line:
            line.sendall(smb_negotiate())
            line.settimeout(CONNECT_SECONDS)
            answer = line.recv(16)
            return answer[4:8] == b"\xfeSMB" and answer[12:16] == bytes(4)
    except OSError:
        return False


def files_light(root: Path, answering: bool) -> Light:
    """The shares answer, and there is room: below 10 % it warns, below 2 % nothing can be saved soon."""
    if not answering:
        return light("bad", "no-answer")
    try:
        usage = shutil.disk_usage(root)
    except OSError:
        return light("bad", "no-folder")
    free = usage.free / usage.total
    if free < 0.02:
        return light("bad", "disk-full")
    return light("warn", "disk-low") if free < 0.1 else light("ok")


def look() -> dict[str, Any]:
    """All lights of the parts that this box has."""
    now = datetime.now(UTC)
    settings = read(SETTINGS)
    lights: dict[str, Light] = {"internet": internet_light(settings.get("internet_probes", []))}
    if TUNNEL.exists():
        lights["vpn"] = vpn_light(wireguard_handshakes(), time.time())
    if SHARES.exists():
        lights["files"] = files_light(Path(read(SHARES).get("root", "/srv/shares")), smb_answers())
    if BACKUP_SETTINGS.exists():
        since = datetime.fromtimestamp(BACKUP_SETTINGS.parent.stat().st_mtime, UTC)
        lights["backup"] = backup_light(read(BACKUP), read(DRILL), since, now)
    return {"version": 1, "time": now.isoformat(timespec="seconds"), "lights": lights}


def write(content: dict[str, Any], file: Path = LIGHTS) -> None:
    """Replace the record whole."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".lights.")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        json.dump(content, stream, ensure_ascii=False, sort_keys=True)
    Path(name).chmod(0o644)
    Path(name).replace(file)


def main() -> int:
    content = look()
    previous = read(LIGHTS).get("lights", {})
    write(content)
    for name, now_shown in content["lights"].items():
        before = previous.get(name, {}).get("state")
        if now_shown["state"] != before:
            level = 6 if now_shown["state"] == "ok" else 4
            print(f"<{level}>{name}: {before or 'unknown'} -> {now_shown['state']} {now_shown['reason']}".rstrip())
    return 0


if __name__ == "__main__":
    sys.exit(main())
