# Runs on the box by its own python3, as root: standard library, and the box's own vault module.
"""Back one file up and restore it to a scratch directory; prints both digests."""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, "/usr/local/lib/dure")


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def last_words() -> str:
    """What the backup itself said when it failed, without systemd's own lines."""
    argv = ["journalctl", "-u", "dure-backup.service", "-n", "20", "-o", "cat", "--no-pager"]
    said = subprocess.run(argv, capture_output=True, text=True).stdout.splitlines()
    return next((line for line in reversed(said) if line.startswith("backup failed")), "")


def main() -> None:
    import dure_vault  # type: ignore[import-not-found]  # lies on the box, put there by the role `backup`

    file = Path(json.load(sys.stdin)["file"])
    written = digest(file)
    backup = subprocess.run(["systemctl", "start", "dure-backup.service"], capture_output=True, text=True)
    if backup.returncode != 0:
        sys.exit(last_words() or backup.stderr.strip())
    vault = dure_vault.Vault(dure_vault.load_settings())
    # The backup itself has looked for its snapshot in the vault before it wrote this down.
    snapshot = dure_vault.read_record(dure_vault.STATE / "status.json")["snapshot"]
    scratch = Path(tempfile.mkdtemp(prefix="proof-", dir="/var/lib/dure"))
    try:
        vault.restore(snapshot, [file], scratch)
        restored = digest(scratch / file.relative_to("/"))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        file.unlink(missing_ok=True)
    print(json.dumps({"written": written, "restored": restored, "snapshot": snapshot[:8]}))


if __name__ == "__main__":
    main()
