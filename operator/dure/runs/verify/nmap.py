"""nmap's XML, as far as an acceptance needs it; pure."""

import re
from dataclasses import dataclass
from xml.etree import ElementTree

from dure.errors import DureError

MAX_BYTES = 32_000_000


@dataclass(frozen=True, slots=True)
class PortScan:
    """What one scan of one address saw; `scanned` counts the ports that were probed."""

    open: frozenset[int]
    scanned: int
    up: bool


def arguments(protocol: str, ports: str, address: str, *, slowly: bool = False) -> list[str]:
    """argv of a scan whose XML comes on standard output; UDP probes carry nmap's own payloads.

    `slowly` is for a line that loses probes at full rate: a third of it, and one more try for each port.
    """
    kind = "-sS" if protocol == "tcp" else "-sU"
    rate = {"tcp": 10_000, "udp": 200}[protocol] // (3 if slowly else 1)
    family = ["-6"] if ":" in address else []
    return [
        "nmap", "-n", "-Pn", kind, "--min-rate", str(rate), *family, "-p", ports, "-T4",
        "--max-retries", "2" if slowly else "1", "--host-timeout", "240s", "-oX", "-", address,
    ]  # fmt: skip


def parse(output: bytes) -> PortScan:
    """Open ports of the one host in nmap's XML. Raises DureError when it is not whole."""
    if len(output) > MAX_BYTES or b"<!ENTITY" in output:
        raise _unreadable("it is not nmap's own")
    try:
        root = ElementTree.fromstring(output)  # noqa: S314 - our own nmap wrote it; entities are refused above
    except ElementTree.ParseError as error:
        raise _unreadable(str(error)) from error
    finished = root.find("runstats/finished")
    if root.tag != "nmaprun" or finished is None or finished.get("exit") != "success":
        raise _unreadable("the scan did not come to its end")
    scanned = sum(_count(info.get("services", "")) for info in root.findall("scaninfo"))
    host = root.find("host")
    if host is None or host.get("timedout") == "true":
        return PortScan(frozenset(), scanned, up=False)
    opened = {
        int(port.get("portid", "0"))
        for port in host.findall("ports/port")
        if (state := port.find("state")) is not None and state.get("state") == "open"
    }
    return PortScan(frozenset(opened), scanned, up=True)


def _count(services: str) -> int:
    """1-1000,2049 -> 1001"""
    total = 0
    for first, last in re.findall(r"(\d+)(?:-(\d+))?", services):
        total += int(last or first) - int(first) + 1
    return total


def _unreadable(why: str) -> DureError:
    return DureError("nmap's answer cannot be used", why=why, mend="see that nmap is installed at the vantage")
