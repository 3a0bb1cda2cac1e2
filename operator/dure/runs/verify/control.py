"""A control port: open for one vantage and a few minutes, so that a scanner that sees nothing does not pass."""

import contextlib
import secrets
from collections.abc import Iterator
from importlib.resources import files

from dure.errors import DureError
from dure.fleet.session import Session

SECONDS = 300


@contextlib.contextmanager
def control_port(box: Session, vantage_addresses: list[str]) -> Iterator[int]:
    """The port on which the box answers the vantage over TCP and UDP while the block runs; it ends by itself too."""
    port = 40000 + secrets.randbelow(20000)
    source = files("dure.runs.verify").joinpath("control_listener.py").read_text()
    unit = f"dure-control-{port}"
    box.check(
        [
            "systemd-run", "--quiet", "--collect", f"--unit={unit}", f"--property=RuntimeMaxSec={SECONDS + 10}",
            "/usr/bin/python3", "-c", source, str(port), str(SECONDS), *vantage_addresses,
        ],
        sudo=True,
    )  # fmt: skip
    try:
        _wait_for(box, port)
        yield port
    finally:
        with contextlib.suppress(DureError):
            box.run(["systemctl", "stop", unit], sudo=True)
            for address in vantage_addresses:
                name = "control6" if ":" in address else "control4"
                element = f"{{ {address} . {port} }}"
                box.run(["nft", "delete", "element", "inet", "dure", name, element], sudo=True)


def _wait_for(box: Session, port: int) -> None:
    """Until the box itself can connect to it."""
    loop = "import socket,sys,time\nend=time.monotonic()+10\nwhile time.monotonic()<end:\n"
    loop += " try:\n  socket.create_connection(('127.0.0.1',int(sys.argv[1])),1).close(); sys.exit(0)\n"
    loop += " except OSError:\n  time.sleep(0.1)\nsys.exit('the control port does not listen')\n"
    result = box.script(loop, [str(port)])
    if result.code != 0:
        raise DureError("the scan's control port could not be opened", where=box.route.alias, why=result.complaint)
