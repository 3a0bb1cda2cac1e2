# Runs on hub and box by their own python3, as root: standard library only.
"""The site's lease and last applied commit as the machine itself keeps them; one JSON request in, one answer out."""

import fcntl
import json
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path("/var/lib/dure/runs")
LINK = re.compile(r"([0-9]+) ([0-9a-f]{64})")
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


# -- audit chains ----------------------------------------------------------------------------------------------------


def links_of(chain: str) -> dict[int, str]:
    """Number -> hash of all links ever told; the first hash told for a number holds."""
    known: dict[int, str] = {}
    try:
        lines = (ROOT / f"audit-{chain}.links").read_text(encoding="ascii", errors="replace").splitlines()
    except FileNotFoundError:
        lines = []
    for line in lines:
        found = LINK.fullmatch(line)  # a line that a power cut left half written is passed over
        if found:
            known.setdefault(int(found[1]), found[2])
    return known


def remember(site: str, request: Record) -> Record:
    """Keep links of an audit chain for all time; answers which of them differ from what was known before."""
    known = links_of(request["chain"])
    new = [(number, hashed) for number, hashed in request["links"] if number not in known]
    with (ROOT / f"audit-{request['chain']}.links").open("a", encoding="ascii") as handle:
        if new:
            handle.write("".join(f"\n{number} {hashed}" for number, hashed in new) + "\n")
            handle.flush()
            os.fsync(handle.fileno())
    origin = ROOT / f"audit-{request['chain']}.origin"
    if read(origin) != request["origin"]:
        write(origin, request["origin"])
    differing = [number for number, hashed in request["links"] if known.get(number, hashed) != hashed]
    return {"before": max(known, default=0), "differing": differing}


def recall(site: str, request: Record) -> Record:
    """All links of one chain, and for every chain its last link and where it was written."""
    chains = [file.stem.removeprefix("audit-") for file in sorted(ROOT.glob("audit-*.links"))]
    told = [
        {**read(ROOT / f"audit-{chain}.origin"), "chain": chain, "last": max(links_of(chain), default=0)}
        for chain in chains
    ]
    return {"links": links_of(request["chain"]), "chains": told}


ACTS = {"take": take, "release": release, "look": look, "applied": applied, "remember": remember, "recall": recall}


def main() -> None:
    ROOT.mkdir(mode=0o750, parents=True, exist_ok=True)
    request = json.load(sys.stdin)
    with (ROOT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        print(json.dumps(ACTS[request["act"]](request["site"], request)))


if __name__ == "__main__":
    main()
