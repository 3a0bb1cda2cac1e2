"""The base tree: a factory-fresh Debian 12 box, built once and shared read-only by all machines of all labs.

`python -m dure.lab.base` makes it when it is absent.
"""

import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from dure.errors import DureError
from dure.lab.apt import apt_proxy
from dure.lab.host import STATE_ROOT, cache_directory, host_lock, host_sources, require_fit
from dure.lab.processes import in_group, kill_group, run

Progress = Callable[[str], None]

# wireguard-go stands for the kernel module that a real box has and this host may lack.
PACKAGES = [
    "systemd",
    "systemd-sysv",
    "dbus",
    "libpam-systemd",
    "openssh-server",
    "python3",
    "python3-apt",
    "iproute2",
    "iputils-ping",
    "sudo",
    "ca-certificates",
    "procps",
    "wireguard-go",
]

MASKED_UNITS = [
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "e2scrub_all.timer",
    "e2scrub_reap.service",
    "fstrim.timer",
    "dpkg-db-backup.timer",
    "systemd-networkd-wait-online.service",
]

# What a machine of the lab has and a real box has not, because they share one kernel and one clock.
FILES = {
    "etc/apt/apt.conf.d/99lab": 'Acquire::http::Proxy "http://203.0.113.2:3142";\n',
    "etc/sudoers.d/dure": "dure ALL=(ALL) NOPASSWD: ALL\n",
    "etc/systemd/system.conf.d/10-lab.conf": (
        "[Manager]\n"
        "DefaultEnvironment=WG_QUICK_USERSPACE_IMPLEMENTATION=wireguard-go"
        " WG_I_PREFER_BUGGY_USERSPACE_TO_POLISHED_KMOD=1\n"
    ),
    "etc/systemd/system/chrony.service.d/10-lab.conf": (
        "[Unit]\nConditionCapability=\n[Service]\nExecStart=\nExecStart=/usr/sbin/chronyd -F 1 -x\n"
    ),
    "etc/fstab": "# the lab's root is mounted from outside\n",
}
RECIPE_VERSION = 1
BUILD_GROUP = "dure-lab-base"


def recipe_digest() -> str:
    """Names the base tree: it changes when anything that goes into the tree does."""
    parts = [RECIPE_VERSION, PACKAGES, MASKED_UNITS, files()]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def files() -> dict[str, str]:
    """Path in the tree -> content: FILES, and the host's own package sources and its word on their age."""
    sources = {f"etc/apt/{name}": text for name, text in host_sources()}
    about_age = ("Acquire::Check-Valid-Until", "Acquire::Check-Date")
    settings = run(["apt-config", "dump", "--format", '%f "%v";%n', *about_age])
    return {**FILES, **sources, "etc/apt/apt.conf.d/98host": settings}


def base_tree() -> Path:
    """Where the base tree lies, or will lie."""
    return cache_directory() / f"base-{recipe_digest()}" / "tree"


def ensure_base(progress: Progress) -> Path:
    """The base tree, built when absent (about 40 s). A build that is killed leaves nothing that looks whole."""
    tree = base_tree()
    if tree.exists():
        return tree
    with host_lock():
        if tree.exists():
            return tree
        _build(tree, progress)
    return tree


def _build(tree: Path, progress: Progress) -> None:
    progress("base image: fetching and unpacking Debian 12 (once, about 40 s)")
    tree.parent.parent.mkdir(parents=True, exist_ok=True)
    for stale in tree.parent.parent.glob(".base-*"):
        shutil.rmtree(stale)
    work = Path(tempfile.mkdtemp(prefix=".base-", dir=tree.parent.parent))
    work.chmod(0o755)
    try:
        _bootstrap(work / "tree")
        progress("base image: setting it up as a box leaves the factory")
        _furnish(work / "tree")
        if tree.parent.exists():
            shutil.rmtree(tree.parent)
        work.rename(tree.parent)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    if not (STATE_ROOT / "users").exists():
        # No lab stands on an older tree.
        for old in set(tree.parent.parent.glob("base-*")) - {tree.parent}:
            shutil.rmtree(old)


def _bootstrap(target: Path) -> None:
    sources = [f"/etc/apt/{name}" for name, _ in host_sources()]
    kill_group(BUILD_GROUP)  # what a killed build left running
    with apt_proxy("base") as proxy:
        argv = [
            "mmdebstrap", "--variant=minbase", "--quiet",
            f'--aptopt=Acquire::http::Proxy "{proxy}"',
            '--aptopt=Acquire::Check-Valid-Until "false"',
            f"--include={','.join(PACKAGES)}",
            "bookworm", str(target), *sources,
        ]  # fmt: skip
        try:
            run(in_group(BUILD_GROUP, argv))
        finally:
            kill_group(BUILD_GROUP)


def _furnish(tree: Path) -> None:
    for key in (tree / "etc/ssh").glob("ssh_host_*"):
        key.unlink()
    (tree / "etc/machine-id").write_text("")
    (tree / "etc/resolv.conf").write_text("")
    for name in ("sources.list", "sources.list.d/*", "apt.conf.d/99mmdebstrap"):
        for stale in (tree / "etc/apt").glob(name):
            stale.unlink()
    for name, text in files().items():
        file = tree / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (tree / "etc/sudoers.d/dure").chmod(0o440)
    inside = ["chroot", str(tree)]
    run([*inside, "useradd", "--create-home", "--shell", "/bin/bash", "--uid", "1000", "--groups", "sudo", "dure"])
    run([*inside, "systemctl", "enable", "--quiet", "systemd-networkd", "ssh"])
    run([*inside, "systemctl", "mask", "--quiet", *MASKED_UNITS])
    run([*inside, "apt-get", "clean"])
    os.sync()


def main() -> int:
    """Make the base tree as a step of set-up; one line on stderr when it cannot be made."""
    try:
        require_fit()
        ensure_base(lambda text: print(text, flush=True))
    except DureError as error:
        print(f"error: {error.line()}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
