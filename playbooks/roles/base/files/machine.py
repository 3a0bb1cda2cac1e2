"""What this machine can do, asked of the machine itself; sent over standard input, so nothing is installed for it."""

import json
import pathlib
import subprocess

CAP_SYS_TIME = 25


def quiet(*command):
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def bounding_set():
    for line in pathlib.Path("/proc/1/status").read_text().splitlines():
        if line.startswith("CapBnd:"):
            return int(line.split()[1], 16)
    return 0


def has_wireguard():
    """A kernel that has it can make such a link; asking for the module misses kernels with it built in."""
    if pathlib.Path("/sys/module/wireguard").exists():
        return True
    made = quiet("ip", "link", "add", "dureprobe", "type", "wireguard")
    if made:
        quiet("ip", "link", "del", "dureprobe")
    return made


def knows_packages():
    """A factory-fresh machine has no package lists yet, so apt cannot tell there what it would install."""
    return any(pathlib.Path("/var/lib/apt/lists").glob("*_Packages*"))


print(json.dumps({
    "sets_clock": bool(bounding_set() >> CAP_SYS_TIME & 1),
    "kernel_wireguard": has_wireguard(),
    "knows_packages": knows_packages(),
}))
