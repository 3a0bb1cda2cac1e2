"""Give addresses on the LAN only where nobody else does.

    dure_lan.py guard INTERFACE     before dnsmasq starts: asks for a DHCP server, then lets dnsmasq offer or not
    dure_lan.py wait INTERFACE      until the interface has a carrier, then starts dnsmasq anew, so that it is asked
    dure_lan.py verdict             exit 0 when the box offers addresses or will, else 1 and the reason

Two DHCP servers on one LAN cut people off at random, so nothing is offered on a line that could not be asked: after a
power cut the switch may come up later than the box. Names (DNS) are served either way.
"""

import fcntl
import json
import os
import select
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

OFFER = Path("/etc/dure/lan/dhcp.conf")
SWITCH = Path("/etc/dnsmasq.d/dure-dhcp.conf")
FOUND = Path("/run/dure-lan.json")
WAITER = "dure-lan-carrier.service"
WAIT = 5.0  # seconds; a server that looks with ping whether the address is free answers after 3
AGAIN = 2.0
CARRIER = 3.0
MAGIC = b"\x63\x82\x53\x63"
BROADCAST = b"\xff" * 6


def checksum(content: bytes) -> int:
    """RFC 1071."""
    total: int = sum(struct.unpack(f">{len(content) // 2}H", content))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def discover(mac: bytes, number: int) -> bytes:
    """A whole Ethernet frame with a DHCPDISCOVER whose answer is to be broadcast (RFC 2131)."""
    bootp = struct.pack(">BBBBIHH16x6s10x192x", 1, 1, 6, 0, number, 0, 0x8000, mac) + MAGIC
    bootp += b"\x35\x01\x01" + b"\x37\x02\x01\x03" + b"\xff"
    bootp = bootp.ljust(300, b"\0")
    udp = struct.pack(">HHHH", 68, 67, 8 + len(bootp), 0) + bootp
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0x10, 20 + len(udp), 0, 0, 64, 17, 0, bytes(4), b"\xff" * 4)
    head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
    return BROADCAST + mac + b"\x08\x00" + head + udp


def offering_server(frame: bytes, number: int) -> str | None:
    """The server's address when `frame` answers our question, else None."""
    if len(frame) < 14 + 20 + 8 + 240 or frame[12:14] != b"\x08\x00" or frame[23] != 17:
        return None
    start = 14 + (frame[14] & 0x0F) * 4
    bootp = frame[start + 8 :]
    if len(bootp) < 240 or frame[start : start + 2] != b"\x00\x43" or bootp[0] != 2:
        return None
    if struct.unpack(">I", bootp[4:8])[0] != number or bootp[236:240] != MAGIC:
        return None
    options = dhcp_options(bootp[240:])
    if options.get(53) not in (b"\x02", b"\x06"):
        return None
    return socket.inet_ntoa(options[54]) if len(options.get(54, b"")) == 4 else socket.inet_ntoa(frame[26:30])


def dhcp_options(content: bytes) -> dict[int, bytes]:
    """Code to value; a cut-off list ends where it is cut."""
    found = {}
    place = 0
    while place + 1 < len(content) and content[place] != 255:
        if content[place] == 0:
            place += 1
            continue
        length = content[place + 1]
        found[content[place]] = content[place + 2 : place + 2 + length]
        place += 2 + length
    return found


def bring_up(interface: str) -> bool:
    """Raise the interface; whether it has a carrier within CARRIER seconds."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        request = struct.pack("16sH14x", interface.encode(), 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(handle, 0x8913, request))[1]  # SIOCGIFFLAGS
        fcntl.ioctl(handle, 0x8914, struct.pack("16sH14x", interface.encode(), flags | 1))  # SIOCSIFFLAGS, IFF_UP
    end = time.monotonic() + CARRIER
    while time.monotonic() < end:
        if has_carrier(interface):
            return True
        select.select([], [], [], 0.1)
    return False


def has_carrier(interface: str) -> bool:
    try:
        return (Path("/sys/class/net") / interface / "carrier").read_text().strip() == "1"
    except OSError:
        return False


def other_servers(interface: str) -> list[str]:
    """Addresses of the DHCP servers that answer on the interface, which has a carrier."""
    number = int.from_bytes(os.urandom(4), "big")
    found: set[str] = set()
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800)) as line:
        line.bind((interface, 0))
        question = discover(line.getsockname()[4], number)
        begun = time.monotonic()
        asked = 0
        while (spent := time.monotonic() - begun) < WAIT:
            if spent >= asked * AGAIN:
                line.send(question)
                asked += 1
            if select.select([line], [], [], 0.2)[0]:
                server = offering_server(line.recv(2048), number)
                if server:
                    found.add(server)
                    break
    return sorted(found)


def guard(interface: str) -> int:
    """Open or close the switch that dnsmasq reads; never stops dnsmasq itself from starting."""
    SWITCH.unlink(missing_ok=True)
    trouble, waits = "", False
    try:
        if not bring_up(interface):
            trouble, waits = f"nothing is plugged into {interface}, or what is there is switched off", True
        elif servers := other_servers(interface):
            trouble = f"another DHCP server answers on {interface}: {', '.join(servers)}"
    except OSError as error:
        trouble = f"{interface} cannot be asked for other DHCP servers: {error}"
    if trouble:
        print(f"<{4 if waits else 3}>no addresses are given: {trouble}", flush=True)
    else:
        SWITCH.symlink_to(OFFER)
    FOUND.write_text(json.dumps({"trouble": trouble, "waits": waits}))
    if waits:
        subprocess.run(["systemctl", "start", "--no-block", WAITER], check=False)
    return 0


def wait(interface: str) -> int:
    """Until there is a carrier; then dnsmasq's guard asks who else gives addresses."""
    while not has_carrier(interface):
        time.sleep(1.0)
    return subprocess.run(["systemctl", "restart", "--no-block", "dnsmasq.service"], check=False).returncode


def verdict() -> int:
    """Says why the box gives no addresses; the play fails with it, but not where it only waits for a carrier."""
    try:
        found = json.loads(FOUND.read_text())
        trouble, waits = found["trouble"], found["waits"]
    except (OSError, ValueError, KeyError):
        trouble, waits = "dnsmasq was not started by its unit", False
    if waits:
        print(f"The box gives no addresses yet: {trouble}. It asks and begins by itself as soon as the line is up.")
    if not trouble or waits:
        return 0
    print(
        f"The box gives no addresses: {trouble}. "
        "Switch that server off (on the router: DHCP), then run: systemctl restart dnsmasq, or provision again; "
        "or set the site's topology to beside.",
        file=sys.stderr,
    )
    return 1


def main(arguments: list[str]) -> int:
    if len(arguments) == 2 and arguments[0] == "guard":
        return guard(arguments[1])
    if len(arguments) == 2 and arguments[0] == "wait":
        return wait(arguments[1])
    if arguments == ["verdict"]:
        return verdict()
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
