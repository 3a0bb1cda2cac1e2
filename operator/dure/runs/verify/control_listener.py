# Runs on the box by its own python3, as root: standard library only.
"""Answer on one TCP and one UDP port, v4 and v6, until told to stop; the firewall lets only one vantage in."""

import contextlib
import select
import socket
import subprocess
import sys
import time


def nft(verb: str, address: str, port: int, seconds: int) -> None:
    name = "control6" if ":" in address else "control4"
    timeout = f" timeout {seconds}s" if verb == "add" else ""
    element = f"{{ {address} . {port}{timeout} }}"
    subprocess.run(["nft", verb, "element", "inet", "dure", name, element], check=verb == "add", capture_output=True)


def main() -> None:
    port, seconds, *addresses = int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:]
    for address in addresses:
        nft("add", address, port, seconds)
    udp = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    udp.bind(("::", port))
    # The last of all: who can connect knows that the rest is ready too.
    tcp = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        ready, _, _ = select.select([tcp, udp], [], [], 1.0)
        with contextlib.suppress(OSError):
            if tcp in ready:
                tcp.accept()[0].close()
            if udp in ready:
                _, sender = udp.recvfrom(2048)
                udp.sendto(b"dure", sender)


if __name__ == "__main__":
    main()
