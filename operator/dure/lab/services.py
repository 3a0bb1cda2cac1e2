"""What the lab's internet offers at 203.0.113.2: AWS double and package proxy, which run on the host's loopback."""

from dataclasses import dataclass
from pathlib import Path

from dure.errors import DureError
from dure.lab.processes import kill_group, python_module, spawn, wait_until
from dure.lab.topology import APT_PORT, MOTO_PORT, SERVICES_ADDRESS


@dataclass(frozen=True, slots=True)
class Moto:
    """The lab's double of AWS: its port on loopback, and the administrator's credentials file."""

    port: int
    credentials: Path

    @property
    def endpoint(self) -> str:
        """Its URL as the host sees it."""
        return f"http://127.0.0.1:{self.port}"


def running_moto(directory: Path) -> Moto:
    """The double of the lab whose directory that is."""
    return Moto(int((directory / "moto.port").read_text()), directory / "aws-credentials")


def start_moto(lab: str, directory: Path, port: int) -> None:
    """Start the double with an empty account; `wait_moto` tells when it serves. What ran before ends."""
    group = f"dure-{lab}/.moto"
    kill_group(group)
    (directory / "moto.port").write_text(str(port))
    (directory / "moto.ready").unlink(missing_ok=True)
    arguments = {
        "--port": str(port),
        "--credentials": str(directory / "aws-credentials"),
        "--ready-file": str(directory / "moto.ready"),
    }
    argv = python_module("dure.cloud.moto", *(word for pair in arguments.items() for word in pair))
    spawn(argv, group=group, log=directory / "moto.log")


def wait_moto(directory: Path, seconds: float = 60.0) -> None:
    """Wait until the double enforces IAM and its administrator exists; DureError with its last words."""
    if wait_until((directory / "moto.ready").exists, seconds, every=0.1):
        return
    log = (directory / "moto.log").read_text(errors="replace").strip().splitlines()
    raise DureError("the AWS double does not start", why=log[-1] if log else "it said nothing", mend="run make once")


def start_relay(lab: str, directory: Path, apt_port: int) -> None:
    """Let the lab's machines reach both services at the internet's address for them."""
    argv = python_module(
        "dure.lab.relay",
        f"{lab}-inet",
        f"{SERVICES_ADDRESS}:{APT_PORT}=127.0.0.1:{apt_port}",
        f"{SERVICES_ADDRESS}:{MOTO_PORT}=127.0.0.1:{running_moto(directory).port}",
    )
    spawn(argv, group=f"dure-{lab}", log=directory / "relay.log")
