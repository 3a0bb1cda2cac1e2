"""Whether this host can carry the lab, found out before anything is touched; and what the labs on it share."""

import ctypes
import fcntl
import os
import platform
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib.util import find_spec
from pathlib import Path

from dure.errors import DureError

STATE_ROOT = Path("/var/lib/dure-lab")
APT = Path("/etc/apt")
LOCKS = Path("/run/lock")
CGROUP_ROOT = Path("/sys/fs/cgroup")
# Half of the lab's programs live there, and it is not on everybody's PATH.
SYSTEM_PATH = "/usr/local/sbin:/usr/sbin:/sbin"

# Program -> Debian package, for those that a half-prepared host most often lacks.
PROGRAMS = {
    "apt-cacher-ng": "apt-cacher-ng",
    "dnsmasq": "dnsmasq-base",
    "ip": "iproute2",
    "mmdebstrap": "mmdebstrap",
    "nft": "nftables",
    "nsenter": "util-linux",
    "socat": "socat",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "systemd-nspawn": "systemd-container",
}
CLONE_NEWNET = 0x40000000


def cache_directory() -> Path:
    """Where base trees, package archives and other downloads stay: $DURE_CACHE, else ~/.cache/dure."""
    given = os.environ.get("DURE_CACHE")
    return Path(given).absolute() if given else Path.home() / ".cache" / "dure"


def packages() -> tuple[str, ...]:
    """The Debian packages that the lab needs on its host, as listed in packages.txt."""
    return tuple((Path(__file__).parent / "packages.txt").read_text().split())


def unfit() -> str | None:
    """None when the lab can run here; else one line: what is missing and what to do."""
    for find in (_wrong_system, _missing_programs, _missing_sources, _missing_kernel_parts):
        reason = find()
        if reason:
            return reason
    return None


def require_fit() -> None:
    """Raise DureError when the lab cannot run here; nothing was touched then."""
    reason = unfit()
    if reason:
        raise DureError("the lab cannot run on this host", why=reason)


def _wrong_system() -> str | None:
    if platform.system() != "Linux":
        return f"it needs Linux and this is {platform.system()}: use a Debian 12 machine"
    if shutil.which("apt-get") is None:
        return "it needs Debian's package tools: use a Debian 12 machine"
    if os.geteuid() != 0:
        return "it needs root for namespaces and mounts: run it again as root (sudo -E)"
    return None


def _missing_programs() -> str | None:
    path = f"{os.environ.get('PATH', '')}:{SYSTEM_PATH}"
    missing = sorted({package for program, package in PROGRAMS.items() if not shutil.which(program, path=path)})
    if missing:
        return f"packages are missing: apt-get install --no-install-recommends {' '.join(missing)}"
    return None


def _missing_sources() -> str | None:
    if find_spec("moto") is None:
        return "the development requirements are not installed: run make once"
    if not host_sources():
        return "no package source for Debian bookworm stands in /etc/apt: add one to /etc/apt/sources.list.d"
    return None


def host_sources() -> list[tuple[str, str]]:
    """The host's own package sources for Debian, as (path below etc/apt, content), comments left out."""
    found = []
    for file in (APT / "sources.list", *sorted((APT / "sources.list.d").glob("*"))):
        if file.suffix not in {".list", ".sources"} or not file.is_file():
            continue
        lines = [line for line in file.read_text().splitlines() if not line.startswith("#")]
        text = "\n".join(lines).strip()
        if "bookworm" in text and "debian" in text:
            found.append((str(file.relative_to(APT)), text + "\n"))
    return found


def _missing_kernel_parts() -> str | None:
    if not _can_make_namespace():
        return "this kernel or container refuses network namespaces: use a machine or a privileged container"
    if not _has(lambda: "overlay" in Path("/proc/filesystems").read_text(), "overlay"):
        return "the kernel has no overlay file system: modprobe overlay"
    if not _has(Path("/dev/net/tun").exists, "tun"):
        return "there is no /dev/net/tun: modprobe tun"
    if not os.access(CGROUP_ROOT, os.W_OK) or not any(CGROUP_ROOT.iterdir()):
        return "cgroups are not mounted writable at /sys/fs/cgroup: use a machine or a privileged container"
    return None


def _has(fact: Callable[[], bool], module: str) -> bool:
    """Whether the kernel has a part, its module loaded when that is all it lacks."""
    if not fact() and shutil.which("modprobe"):
        subprocess.run(["modprobe", "--quiet", module], check=False)
    return fact()


def _can_make_namespace() -> bool:
    pid = os.fork()
    if pid == 0:
        os._exit(0 if ctypes.CDLL(None).unshare(CLONE_NEWNET) == 0 else 1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


@contextmanager
def lock(name: str, busy: str = "") -> Iterator[None]:
    """Hold the host's lock `name`; the kernel frees it when its holder dies. With `busy` it is not waited for."""
    LOCKS.mkdir(parents=True, exist_ok=True)
    with (LOCKS / f"{name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (fcntl.LOCK_NB if busy else 0))
        except BlockingIOError as error:
            raise DureError(busy, mend="wait for it, or give another name by --name or DURE_LAB") from error
        yield


def host_lock() -> AbstractContextManager[None]:
    """Only one process at a time changes what the labs of this host share."""
    return lock("dure-lab")


def lab_lock(name: str) -> AbstractContextManager[None]:
    """Only one process at a time brings one lab up or down; a second one waits."""
    return lock(f"dure-lab-{name}")
