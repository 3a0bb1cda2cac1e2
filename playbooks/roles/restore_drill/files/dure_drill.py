"""Prove the newest backup by restoring from it: canary and a drawn set of files, compared by sha256.

    dure_drill.py run SECONDS   restore within SECONDS, compare, remove; exit 0 only when all is equal
    dure_drill.py status        print the record

The record /var/lib/dure/restore_drill/status.json tells the last attempt and the last success.
"""

import fcntl
import hashlib
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, "/usr/local/lib/dure")

import dure_vault
from dure_vault import Vault, VaultError, journal, now, stamp

STATE = Path("/var/lib/dure/restore_drill")
STATUS = STATE / "status.json"
PROOF = dure_vault.STATE / "proof"
BACKUP_STATUS = dure_vault.STATE / "status.json"
SCRATCH_PREFIX = "scratch-"


def digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def newest_snapshot(vault: Vault, backup: dict[str, Any]) -> str:
    """The newest snapshot's id; it must be the one this box made last, else somebody wrote into the vault."""
    snapshots = vault.snapshots()
    if not snapshots:
        raise VaultError("the vault holds no snapshot yet")
    newest = snapshots[-1]
    if newest["id"] != backup.get("snapshot"):
        raise VaultError(
            f"the newest snapshot {newest['id'][:8]} of {stamp(newest['moment'])} is not the one this box made last "
            f"({str(backup.get('snapshot'))[:8]}): look into the vault before trusting it"
        )
    return str(newest["id"])


def compare(scratch: Path, manifest: dict[str, Any]) -> tuple[int, int, int]:
    """Files equal, files that changed between manifest and snapshot, and bytes compared; VaultError on a difference.

    A file that was written in mid-backup comes back with another size or time than the manifest says: that is no
    damage. Same size, same time and another sha256 is.
    """
    equal = changed = size = 0
    for entry in manifest["files"]:
        file = scratch / entry["path"].lstrip("/")
        if not file.exists():
            changed += 1
            continue
        about = file.stat()
        if (about.st_size, about.st_mtime_ns) != (entry["size"], entry["mtime_ns"]):
            changed += 1
            continue
        if digest(file) != entry["sha256"]:
            raise VaultError("a restored file differs from the original that was backed up")
        equal += 1
        size += about.st_size
    if changed > max(3, len(manifest["files"]) // 2):
        raise VaultError(f"{changed} of {len(manifest['files'])} drawn files did not come back as they were")
    return equal, changed, size


def drill(scratch: Path, record: dict[str, Any], seconds: float) -> None:
    """Restore and compare; fills `record`, raises VaultError when the proof fails."""
    vault = Vault(dure_vault.load_settings())
    with dure_vault.BACKUP_LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        backup = dure_vault.read_record(BACKUP_STATUS)
        snapshot = newest_snapshot(vault, backup)
    record["snapshot"] = snapshot
    vault.restore(snapshot, [PROOF], scratch, seconds)
    proof = scratch / PROOF.relative_to("/")
    if not (proof / "canary").exists():
        raise VaultError("the canary did not come back")
    if digest(proof / "canary") != backup.get("canary_sha256"):
        raise VaultError("the canary came back with another sha256")
    manifest = json.loads((proof / "manifest.json").read_text(encoding="utf-8"))
    paths = [Path(entry["path"]) for entry in manifest["files"]]
    if paths:
        vault.restore(snapshot, paths, scratch, seconds)
    equal, changed, size = compare(scratch, manifest)
    record.update(files=equal, changed=changed, bytes=size + (proof / "canary").stat().st_size)


def run(seconds: float) -> int:
    """One drill with its record kept and its scratch directory removed, whatever happens."""
    STATE.mkdir(mode=0o755, parents=True, exist_ok=True)
    for left in STATE.glob(SCRATCH_PREFIX + "*"):
        shutil.rmtree(left, ignore_errors=True)
    begun = time.monotonic()
    record = dure_vault.read_record(STATUS)
    record.update(version=1, state="running", last_attempt=stamp(now()), error="")
    dure_vault.write_record(STATUS, record)
    scratch = Path(tempfile.mkdtemp(prefix=SCRATCH_PREFIX, dir=STATE))
    try:
        drill(scratch, record, seconds)
        record.update(state="ok", last_success=stamp(now()))
    except (VaultError, OSError, ValueError, KeyError) as error:
        record.update(state="failed", error=str(error).replace("\n", " ")[:500])
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    record["seconds"] = round(time.monotonic() - begun, 1)
    dure_vault.write_record(STATUS, record)
    if record["state"] != "ok":
        journal(3, f"restore drill failed: {record['error']}")
        return 1
    journal(6, f"restore drill done: {record['files']} files equal, {record['seconds']} s")
    return 0


def main(arguments: list[str]) -> int:
    if len(arguments) == 2 and arguments[0] == "run":
        with Path("/run/dure-restore-drill.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return run(float(arguments[1]))
    if arguments == ["status"]:
        print(json.dumps(dure_vault.read_record(STATUS), ensure_ascii=False, indent=1, sort_keys=True))
        return 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
