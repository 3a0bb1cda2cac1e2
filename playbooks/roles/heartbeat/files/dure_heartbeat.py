"""Tell the hub that this box lives: one signed post a minute.

    dure_heartbeat.py            settings in /etc/dure/heartbeat.json

The statement is signed with the box's SSH host key, whose public half the operator has pinned, and carries a number
that only ever rises, so that an old statement cannot be played again. One file, Python's standard library only.
"""

import http.client
import json
import subprocess
import sys
import time
import urllib.parse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SETTINGS = Path("/etc/dure/heartbeat.json")
SEQUENCE = Path("/var/lib/dure/heartbeat/sequence")
STATUS = Path("/var/lib/dure/heartbeat/status.json")
LIGHTS = Path("/run/dure/lights.json")
HOST_KEY = Path("/etc/ssh/ssh_host_ed25519_key")
NAMESPACE = "dure-heartbeat"
LIGHTS_OLD = 180.0  # seconds
SECONDS = 15.0


class HeartbeatError(Exception):
    """Why the hub did not take the statement, in one line."""


def next_number(file: Path = SEQUENCE, clock: float | None = None) -> int:
    """A number above all before it, written down before it is used.

    It starts at the clock's seconds: a box that was set up anew goes on above its old numbers.
    """
    try:
        last = int(file.read_text())
    except (OSError, ValueError):
        last = 0
    number = max(last + 1, int(time.time() if clock is None else clock))
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_text(f"{number}\n")
    part.replace(file)
    return number


def fresh_lights(file: Path = LIGHTS, clock: float | None = None) -> dict[str, Any]:
    """What the box last saw of itself; empty when that is old: silence is not good news."""
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        age = (time.time() if clock is None else clock) - datetime.fromisoformat(record["time"]).timestamp()
        lights = record["lights"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return lights if isinstance(lights, dict) and age < LIGHTS_OLD else {}


def uptime_seconds() -> int:
    return int(float(Path("/proc/uptime").read_text().split()[0]))


def statement(site: str, number: int, lights: dict[str, Any]) -> bytes:
    """The bytes that are signed."""
    content = {
        "site": site,
        "sequence": number,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "uptime_seconds": uptime_seconds(),
        "lights": lights,
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True).encode()


def sign(content: bytes, key: Path = HOST_KEY) -> str:
    """An OpenSSH signature (PROTOCOL.sshsig) in its armour."""
    arguments = ["ssh-keygen", "-Y", "sign", "-q", "-n", NAMESPACE, "-f", str(key)]
    result = subprocess.run(arguments, input=content, capture_output=True, timeout=SECONDS, check=False)
    if result.returncode != 0:
        raise HeartbeatError(f"ssh-keygen cannot sign: {result.stderr.decode(errors='replace').strip()[:200]}")
    return result.stdout.decode("ascii")


def post(url: str, content: bytes, signature: str) -> None:
    """Send to the receiver; HeartbeatError when it does not answer 204."""
    parts = urllib.parse.urlsplit(url)
    line = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=SECONDS)
    try:
        body = json.dumps({"statement": content.decode(), "signature": signature}, ensure_ascii=False).encode()
        line.request("POST", parts.path or "/", body, {"Content-Type": "application/json"})
        answer = line.getresponse()
        words = answer.read(300).decode(errors="replace").strip()
    except OSError as error:
        raise HeartbeatError(f"the hub at {parts.netloc} does not answer: {error}") from error
    except http.client.HTTPException as error:
        raise HeartbeatError(f"the hub at {parts.netloc} answers nonsense: {error!r}") from error
    finally:
        line.close()
    if answer.status != 204:
        raise HeartbeatError(f"the hub refused: {answer.status} {words}")


def write_status(error: str) -> None:
    """What happened last; a change is worth a line in the journal, the same again is not."""
    try:
        before = json.loads(STATUS.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        before = {}
    moment = datetime.now(UTC).isoformat(timespec="seconds")
    record = {"last_attempt": moment, "last_success": before.get("last_success") if error else moment, "error": error}
    part = STATUS.with_suffix(".part")
    part.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    part.replace(STATUS)
    if bool(error) != bool(before.get("error")) or "error" not in before:
        print(f"<4>{error}" if error else "<5>the hub takes heartbeats", flush=True)


def main() -> int:
    try:
        settings = json.loads(SETTINGS.read_text(encoding="utf-8"))
        content = statement(settings["site"], next_number(), fresh_lights())
        post(settings["url"], content, sign(content))
    except (HeartbeatError, OSError, ValueError, KeyError, subprocess.TimeoutExpired) as error:
        write_status(str(error))
        return 0  # the journal has it; a unit that fails each minute of an outage would drown it
    write_status("")
    return 0


if __name__ == "__main__":
    sys.exit(main())
