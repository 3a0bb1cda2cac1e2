"""What this machine is and has, asked in one round trip, so that only what differs costs another.

argv: JSON of the packages wanted, the units that roles start, the places where they write, and whether IPsec is asked
for. Sent over standard input, so that nothing is installed for it. Standard library only. Prints JSON.
"""

import hashlib
import json
import os
import pathlib
import socket
import stat
import subprocess
import sys

CAP_SYS_TIME = 25
LARGEST = 1 << 20


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
    if pathlib.Path("/sys/class/net/wg0/tun_flags").exists():
        return False
    made = quiet("ip", "link", "add", "dureprobe", "type", "wireguard")
    if made:
        quiet("ip", "link", "del", "dureprobe")
    return made


def has_xfrm():
    """Asked by making what a tunnel needs: an xfrm interface, and an association with the cipher that is used."""
    interface = ("ip", "link", "add", "dureprobe", "type", "xfrm", "dev", "lo", "if_id", "4095")
    ends = ("src", "127.0.0.1", "dst", "127.0.0.1", "proto", "esp", "spi", "0x64757265")
    cipher = ("aead", "rfc4106(gcm(aes))", "0x" + "00" * 36, "128")
    made = quiet(*interface)
    if made:
        quiet("ip", "link", "del", "dureprobe")
    encrypts = quiet("ip", "xfrm", "state", "add", *ends, "mode", "tunnel", *cipher)
    if encrypts:
        quiet("ip", "xfrm", "state", "delete", *ends)
    return made and encrypts


def knows_packages():
    """A factory-fresh machine has no package lists yet, so apt cannot tell there what it would install."""
    return any(pathlib.Path("/var/lib/apt/lists").glob("*_Packages*"))


def interrupted():
    """dpkg empties its journal when it ends in order; apt refuses to work while there is something in it."""
    return any(pathlib.Path("/var/lib/dpkg/updates").iterdir())


def missing(packages):
    """Those that are not installed, as dpkg knows it."""
    ask = ["dpkg-query", "--show", "--showformat", "${Package} ${db:Status-Status}\n", *packages]
    answer = subprocess.run(ask, capture_output=True, text=True, check=False).stdout
    installed = {line.split()[0] for line in answer.splitlines() if line.endswith(" installed")}
    return sorted(set(packages) - installed)


def states(units):
    """Name -> whether it runs and whether it starts at boot, such as `active enabled`."""
    ask = ["systemctl", "show", "--property=Id,ActiveState,UnitFileState", *units]
    answer = subprocess.run(ask, capture_output=True, text=True, check=False).stdout
    found = [dict(line.split("=", 1) for line in block.splitlines()) for block in answer.split("\n\n") if block.strip()]
    return {one["Id"]: f"{one['ActiveState']} {one['UnitFileState']}" for one in found}


def described(path):
    """Kind or SHA-256, then mode, then owner and group where they are not root's."""
    facts = os.lstat(path)
    if stat.S_ISLNK(facts.st_mode):
        return f"link {pathlib.Path(path).readlink()}"
    if stat.S_ISDIR(facts.st_mode):
        kind = "directory"
    elif stat.S_ISREG(facts.st_mode) and facts.st_size <= LARGEST:
        kind = hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()
    else:
        kind = "other"
    owner = "" if facts.st_uid == facts.st_gid == 0 else f" {facts.st_uid}:{facts.st_gid}"
    return f"{kind} {stat.S_IMODE(facts.st_mode):04o}{owner}"


def below(place):
    """The place itself and all in it."""
    if not os.path.lexists(place):
        return
    yield place
    for directory, directories, files in os.walk(place):
        for name in directories + files:
            yield f"{directory}/{name}"


def main():
    wanted = json.loads(sys.argv[1])
    hosts = pathlib.Path("/etc/hosts")
    print(
        json.dumps(
            {
                "sets_clock": bool(bounding_set() >> CAP_SYS_TIME & 1),
                "kernel_wireguard": has_wireguard(),
                "kernel_xfrm": bool(wanted.get("ipsec")) and has_xfrm(),
                "knows_packages": knows_packages(),
                "interrupted": interrupted(),
                "missing_packages": missing(wanted["packages"]),
                "hostname": socket.gethostname(),
                "units": states(wanted["units"]),
                "hosts": hosts.read_text().splitlines() if hosts.exists() else [],
                "files": {path: described(path) for place in wanted["places"] for path in below(place)},
            }
        )
    )


main()
