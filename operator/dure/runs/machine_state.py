# Runs on hub and box by their own python3, as root: standard library only.
"""The site's lease and last applied commit as the machine itself keeps them; one JSON request in, one answer out."""

import fcntl
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path("/var/lib/dure/runs")
Record = dict[str, Any]


def path(site: str, kind: str) -> Path:
    return ROOT / (site.replace("/", "--") + "." + kind)


def read(file: Path) -> Record:
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def write(file: Path, content: Record) -> None:
    part = file.with_name(file.name + ".part")
    with part.open("w", encoding="utf-8") as handle:
        json.dump(content, handle, ensure_ascii=False, sort_keys=True)
        handle.flush()
        os.fsync(handle.fileno())
    part.replace(file)


def take(site: str, request: Record) -> Record:
    """Granted when free, ours, expired, or held by one whom the asker knows to be dead (`dead` = that holder)."""
    file = path(site, "lease")
    held = read(file)
    other = held.get("holder")
    free = not other or other in (request["holder"], request.get("dead")) or time.time() >= held.get("expires", 0)
    if free:
        write(file, {"holder": request["holder"], "expires": time.time() + request["ttl"]})
    left = held.get("expires", 0) - time.time()
    return {"granted": bool(free), "holder": other, "left": left, "applied": read(path(site, "applied"))}


def release(site: str, request: Record) -> Record:
    file = path(site, "lease")
    ours = read(file).get("holder") == request["holder"]
    if ours:
        file.unlink()
    return {"released": ours}


def look(site: str, request: Record) -> Record:
    """Who holds the lease, and for how many seconds still, as this machine's own clock has it; changes nothing."""
    held = read(path(site, "lease"))
    left = held.get("expires", 0) - time.time()
    return {"holder": held.get("holder"), "left": left, "applied": read(path(site, "applied"))}


def applied(site: str, request: Record) -> Record:
    write(path(site, "applied"), request["applied"])
    return {"written": True}


def head(site: str, request: Record) -> Record:
    """The audit chain's head: written when given, never moved back; then read."""
    file = ROOT / ("audit-" + request["chain"] + ".head")
    known = read(file)
    if request.get("head") and request["head"]["number"] >= known.get("number", 0):
        write(file, request["head"])
        known = request["head"]
    return {"head": known}


ACTS = {"take": take, "release": release, "look": look, "applied": applied, "head": head}


def main() -> None:
    ROOT.mkdir(mode=0o750, parents=True, exist_ok=True)
    request = json.load(sys.stdin)
    with (ROOT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        print(json.dumps(ACTS[request["act"]](request["site"], request)))


if __name__ == "__main__":
    main()
