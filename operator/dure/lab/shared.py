"""What the labs of one host share and the last one gives back: kernel limits and the namespace directory."""

import json
import shutil
from contextlib import suppress
from pathlib import Path

from dure.lab.apt import leave_apt_proxy
from dure.lab.host import STATE_ROOT
from dure.lab.netns import NAMESPACES
from dure.lab.processes import mounts_below, run

# More than fifteen systemds need more inotify instances than the kernel's default of 128.
LIMITS = {"fs/inotify/max_user_instances": 4096}
USERS = STATE_ROOT / "users"
BEFORE = STATE_ROOT / "before.json"


def join(name: str) -> None:
    """Note the lab `name` and raise the limits, keeping what they were. Under host_lock."""
    USERS.mkdir(parents=True, exist_ok=True)
    if not BEFORE.exists():
        before = {key: int(Path("/proc/sys", key).read_text()) for key in LIMITS}
        record = {"limits": before, "namespaces": any(True for _ in mounts_below(NAMESPACES))}
        BEFORE.write_text(json.dumps(record))
    for key, value in LIMITS.items():
        file = Path("/proc/sys", key)
        if int(file.read_text()) < value:
            file.write_text(str(value))
    (USERS / name).touch()


def leave(name: str) -> None:
    """Forget the lab `name`; after the last one everything is as it was. Under host_lock."""
    (USERS / name).unlink(missing_ok=True)
    leave_apt_proxy(name)
    if not BEFORE.exists() or any(USERS.iterdir()):
        return
    record = json.loads(BEFORE.read_text())
    for key, value in record["limits"].items():
        file = Path("/proc/sys", key)
        if int(file.read_text()) == LIMITS[key]:
            file.write_text(str(value))
    if not record["namespaces"] and NAMESPACES.exists() and not any(NAMESPACES.iterdir()):
        # The first `ip netns add` made this mount.
        while any(True for _ in mounts_below(NAMESPACES)):
            run(["umount", str(NAMESPACES)])
        NAMESPACES.rmdir()
    with suppress(FileNotFoundError):
        shutil.rmtree(STATE_ROOT)
