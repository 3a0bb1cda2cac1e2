"""`make demo`: the main job on the example workspace, shown command by command.

    python -m dure.lab.demo up [--directory demo] [--lab dure] [--plain]
    python -m dure.lab.demo down

Rebuilds the lab, copies the example into a workspace of its own, and runs the same `operator` commands that an engineer
would, printing each before it runs.
"""

import argparse
import base64
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

from dure.errors import DureError
from dure.lab.instance import Lab
from dure.lab.workspace import prepare

SITE = "hansol-plastics/ansan"
ADDRESSES = {"hub": "203.0.113.10", SITE: "172.30.1.10"}
MACHINES = {"hub": "hub", SITE: "ansan"}


def fingerprint(public_key: str) -> str:
    """OpenSSH's SHA256 fingerprint of `type base64`."""
    digest = hashlib.sha256(base64.b64decode(public_key.split()[1])).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def operator(workspace: Path, *arguments: str) -> None:
    """Print and run one command of the product; a failure ends the demonstration with its exit code."""
    print(f"\n$ operator {shlex.join(arguments)}", flush=True)
    program = Path(sys.executable).parent / "operator"
    finished = subprocess.run([str(program), *arguments], env={**os.environ, "DURE_WORKSPACE": str(workspace)})
    if finished.returncode:
        raise DureError(
            f"`operator {arguments[0]}` ended with {finished.returncode}",
            mend="read docs/operations.md, then run `make demo` again: it resumes what can be resumed",
        )


def up(directory: Path, name: str, fast: bool) -> None:
    """The whole demonstration; the lab and the workspace stay."""
    started = time.monotonic()
    lab = Lab(name)
    lab.down()
    lab.up(progress=lambda text: print(f"  {text}", flush=True))
    if directory.exists():
        shutil.rmtree(directory)
    prepare(Path(__file__).parents[3] / "examples" / "hanbit-it", directory, lab)
    speed = ("--fast",) if fast else ()
    for site in ("hub", SITE):
        print_of_key = fingerprint(lab.machine(MACHINES[site]).host_key)
        operator(directory, "enrol", site, "--address", ADDRESSES[site], "--fingerprint", print_of_key)
        operator(directory, "provision", site, "--yes", "--reason", "demonstration", *speed)
    minutes, seconds = divmod(round(time.monotonic() - started), 60)
    print(f"\n{SITE} is provisioned: {minutes} min {seconds} s, lab included. The lab stays up. Next:\n")
    print(f"  export DURE_WORKSPACE={directory} DURE_LAB={name} PATH={Path(sys.executable).parent}:$PATH")
    print("  operator status                            # how the registered sites stand")
    print(f"  operator provision {SITE} --check   # what would change now: nothing")
    print("  operator lab exec ansan-client -- smbclient -L //192.168.0.1 -U choi-eunji   # a colleague's PC")
    print("\n  make demo-down                             # take the lab down")


def down(directory: Path, name: str) -> None:
    """The lab and the demonstration's workspace go."""
    Lab(name).down()
    shutil.rmtree(directory, ignore_errors=True)
    print(f"lab {name} is down, {directory} removed")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m dure.lab.demo", description=__doc__)
    parser.add_argument("what", choices=["up", "down"])
    parser.add_argument("--directory", type=Path, default=Path("demo"), help="workspace of the demonstration")
    parser.add_argument("--lab", default="dure", help="name of the lab")
    parser.add_argument("--plain", action="store_true", help="without mitogen")
    given = parser.parse_args()
    directory = given.directory.resolve()
    try:
        if given.what == "up":
            up(directory, given.lab, fast=not given.plain)
        else:
            down(directory, given.lab)
    except DureError as error:
        print(f"error: {error.line()}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
