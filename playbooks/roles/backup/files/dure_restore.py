"""Bring one file or folder from the vault into a folder beside the original.

Reads one JSON request on standard input and prints one JSON answer:

    {"path": "/srv/shares/production/도면", "shares": "/srv/shares", "at": "2026-11-22T02:30:00Z", "check": false}
    {"ok": true, "target": "/srv/shares/production/복원-2026-11-22T0230/도면", ...}

The original is never touched. Owner, group, mode and times come back as they were; the new folder belongs to
whom the folder around it belongs to, so that the people of the share can open it.
"""

import difflib
import json
import os
import shutil
import sys
import tempfile
import time
import unicodedata
from datetime import datetime
from pathlib import Path
from typing import Any

import dure_vault
from dure_vault import Vault, VaultError, stamp

PREFIX = "복원-"


class NotFound(VaultError):
    """With `near`: what the asker may have meant."""

    def __init__(self, message: str, near: list[str], reason: str) -> None:
        super().__init__(message)
        self.near = near
        self.reason = reason


def snapshot_at(snapshots: list[dict[str, Any]], at: datetime) -> dict[str, Any]:
    """The newest snapshot that is not younger than `at`."""
    old_enough = [snapshot for snapshot in snapshots if snapshot["moment"] <= at]
    if old_enough:
        return old_enough[-1]
    if not snapshots:
        raise NotFound("the vault holds no snapshot yet", [], "no-snapshot")
    first = stamp(snapshots[0]["moment"])
    raise NotFound(f"no snapshot is as old as {stamp(at)}; the oldest is of {first}", [first], "no-snapshot")


def find(vault: Vault, snapshot: str, path: Path) -> tuple[Path, list[dict[str, Any]]]:
    """The path as the snapshot spells it, and its entries; raises NotFound with the nearest names.

    Korean may be stored composed or decomposed: a name that differs only so is the same name.
    """
    nodes = vault.nodes(snapshot, path, recursive=True)
    if nodes:
        return path, nodes
    known = Path("/")
    for part in path.parts[1:]:
        inside = [Path(entry["path"]) for entry in vault.nodes(snapshot, known)]
        names = [entry.name for entry in inside if entry.parent == known and entry != known]
        same = [name for name in names if normal(name) == normal(part)]
        if not same:
            near = [str(known / name) for name in nearest(part, names)]
            raise NotFound(f"{known / part} is not in the snapshot", near, "no-path")
        known /= part if part in same else same[0]
    return known, vault.nodes(snapshot, known, recursive=True)


def normal(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def nearest(name: str, names: list[str]) -> list[str]:
    """At most three names that look like `name`; else the first few that are there."""
    by_normal = {normal(other).casefold(): other for other in names}
    close = difflib.get_close_matches(normal(name).casefold(), list(by_normal), n=3, cutoff=0.5)
    return [by_normal[match] for match in close] or sorted(names)[:3]


def place_for(path: Path, shares: Path) -> Path:
    """The folder around the original, or the nearest one above that still exists.

    A whole share comes back inside itself: nobody but an engineer reaches the folder around the shares.
    """
    if path.parent == shares and path.is_dir():
        return path
    parent = path.parent
    while not parent.is_dir():
        parent = parent.parent
    return parent


def free_target(parent: Path, moment: datetime, name: str) -> tuple[Path, Path]:
    """Folder and target, named by the snapshot's box time; numbered when that name is taken by an earlier restore."""
    base = PREFIX + moment.astimezone().strftime("%Y-%m-%dT%H%M")
    number = 1
    while True:
        folder = parent / (base if number == 1 else f"{base}-{number}")
        if not (folder / name).exists() and not (folder / name).is_symlink():
            return folder, folder / name
        number += 1


def like_its_parent(folder: Path) -> None:
    """Owner, group and mode of the folder around it."""
    about = folder.parent.stat()
    os.chown(folder, about.st_uid, about.st_gid)
    folder.chmod(about.st_mode & 0o7777)


def bring(vault: Vault, snapshot: str, path: Path, target: Path) -> None:
    """Restore into a closed folder on the same file system, then move it into place in one step."""
    scratch = Path(tempfile.mkdtemp(prefix=".dure-restore-", dir=target.parent.parent))
    try:
        vault.restore(snapshot, [path], scratch)
        found = scratch / path.relative_to("/")
        if not found.exists() and not found.is_symlink():
            raise VaultError(f"restic restored nothing for {path}")
        if not target.parent.exists():
            target.parent.mkdir()
            like_its_parent(target.parent)
        found.rename(target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Do what the request asks; raises VaultError."""
    begun = time.monotonic()
    path = Path(request["path"])
    if not path.is_absolute() or ".." in path.parts or path == Path("/"):
        raise VaultError(f"{path} is not a full path below /")
    vault = Vault(dure_vault.load_settings())
    chosen = snapshot_at(vault.snapshots(), datetime.fromisoformat(request["at"]))
    path, nodes = find(vault, chosen["id"], path)
    size = sum(entry.get("size", 0) for entry in nodes)
    parent = place_for(path, Path(request["shares"]))
    if (free := shutil.disk_usage(parent).free) < size + 64 * 2**20:
        raise VaultError(f"{parent} has {free // 2**20} MiB free, the restore needs {size // 2**20 + 64} MiB")
    _, target = free_target(parent, chosen["moment"], path.name)
    if not request.get("check"):
        bring(vault, chosen["id"], path, target)
    return {
        "ok": True,
        "path": str(path),
        "target": str(target),
        "snapshot": chosen["id"],
        "snapshot_time": stamp(chosen["moment"]),
        "files": sum(entry["type"] == "file" for entry in nodes),
        "bytes": size,
        "seconds": round(time.monotonic() - begun, 1),
    }


def main() -> int:
    try:
        result = answer(json.load(sys.stdin))
    except NotFound as error:
        result = {"ok": False, "reason": error.reason, "error": str(error), "near": error.near}
    except (VaultError, OSError, ValueError, KeyError) as error:
        result = {"ok": False, "reason": "failed", "error": str(error), "near": []}
    print(json.dumps(result, ensure_ascii=False))
    return 0 if result["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
