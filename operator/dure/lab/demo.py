"""`make demo`: the main job on the example workspace, shown command by command.

    python -m dure.lab.demo up [--directory demo] [--lab dure] [--plain]
    python -m dure.lab.demo down

Builds the lab, copies the example into a workspace of its own, and runs the same `operator` commands that an engineer
would, printing each before it runs; the last of them report on a month that is made up. One that failed half-way goes
on where it stopped; a finished one is made anew.
Only what a demonstration has made is ever removed: workspace and lab carry its mark.
"""

import argparse
import base64
import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from dure.errors import Cancelled, DureError, UsageError
from dure.lab.instance import Lab
from dure.lab.workspace import prepare
from dure.model.local import DEMONSTRATION
from dure.runs.promise.demo.past import last_closed

CUSTOMER = "hansol-plastics"
SITE = f"{CUSTOMER}/ansan"
ADDRESSES = {"hub": "203.0.113.10", SITE: "172.30.1.10"}
MACHINES = {"hub": "hub", SITE: "ansan"}


def fingerprint(public_key: str) -> str:
    """OpenSSH's SHA256 fingerprint of `type base64`."""
    digest = hashlib.sha256(base64.b64decode(public_key.split()[1])).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def operator(workspace: Path, *arguments: str) -> None:
    """Print and run one command of the product. Raises DureError when it fails, Cancelled when it was cancelled."""
    print(f"\n$ operator {shlex.join(arguments)}", flush=True)
    program = Path(sys.executable).parent / "operator"
    finished = subprocess.run([str(program), *arguments], env={**os.environ, "DURE_WORKSPACE": str(workspace)})
    if finished.returncode:
        raise (Cancelled if finished.returncode == Cancelled.exit_code else DureError)(
            f"`operator {arguments[0]}` ended with {finished.returncode}",
            mend="read docs/operations.md; `make demo` goes on from here, `make demo-down` lets it begin anew",
        )


def report_file(directory: Path, month: str) -> Path:
    """Where the demonstration's report goes: what is made up stays out of the repository."""
    return directory / ".dure" / f"{CUSTOMER}-{month}.ko.html"


def report_commands(directory: Path, month: str) -> Iterator[tuple[str, ...]]:
    """A made-up past that ends with that month, and the report of it."""
    yield ("demo", "past", CUSTOMER, "--until", month)
    yield ("report", CUSTOMER, "--month", month, "--output", str(report_file(directory, month)))


def commands(lab: Lab, directory: Path, month: str, *, fast: bool) -> Iterator[tuple[str, ...]]:
    """What an engineer would give, in order."""
    speed = ("--fast",) if fast else ()
    for site in ("hub", SITE):
        print_of_key = fingerprint(lab.machine(MACHINES[site]).host_key)
        yield ("enrol", site, "--address", ADDRESSES[site], "--fingerprint", print_of_key)
        yield ("provision", site, "--yes", "--reason", "demonstration", *speed)
    yield from report_commands(directory, month)


# -- what is a demonstration's, and how far it came ------------------------------------------------------------------

MARK = DEMONSTRATION
ALL_DONE = 6
"""Commands of a whole demonstration."""


def mark_of(lab: Lab) -> Path:
    """A file that goes with the lab when it is taken down."""
    return lab.directory / "demonstration"


def commands_done(directory: Path, lab: Lab) -> int | None:
    """How many commands of this lab's demonstration in `directory` have succeeded; None when there is none."""
    try:
        content = json.loads((directory / MARK).read_text())
    except (OSError, ValueError):
        return None
    done = content.get("done") if isinstance(content, dict) and content.get("lab") == lab.name else None
    return done if isinstance(done, int) else None


def note_done(directory: Path, lab: Lab, done: int) -> None:
    part = (directory / MARK).with_suffix(".part")
    part.write_text(mark_text(lab, done))
    part.replace(directory / MARK)


def mark_text(lab: Lab, done: int) -> str:
    return json.dumps({"lab": lab.name, "done": done}) + "\n"


def refuse_what_is_not_ours(directory: Path, lab: Lab) -> None:
    """Raise UsageError for a directory or a lab that no demonstration has made."""
    if directory.exists() and any(directory.iterdir()) and not (directory / MARK).exists():
        raise UsageError(
            f"{directory} is not a demonstration's",
            why="`make demo` would remove what is in it",
            mend="move it away, or name another directory by --directory",
        )
    if lab.is_up() and not mark_of(lab).exists():
        raise UsageError(
            f"lab {lab.name} is up and is not a demonstration's",
            why="`make demo` would take it down",
            mend=f"operator lab down --name {lab.name}, or name another lab by --lab",
        )


def up(directory: Path, name: str, fast: bool) -> None:
    """The whole demonstration, or what is left of one that failed half-way; the lab and the workspace stay."""
    started = time.monotonic()
    lab = Lab(name)
    refuse_what_is_not_ours(directory, lab)
    done = commands_done(directory, lab)
    if done is None or done >= ALL_DONE or not lab.is_up():
        begin(directory, lab)
        done = 0
    else:
        print(f"  going on with the demonstration in {directory}", flush=True)
        lab.up()
    month = last_closed(int(time.time()))
    for number, arguments in enumerate(commands(lab, directory, month, fast=fast), 1):
        if number > done:
            operator(directory, *arguments)
            note_done(directory, lab, number)
    minutes, seconds = divmod(round(time.monotonic() - started), 60)
    print(f"\n{SITE} is provisioned: {minutes} min {seconds} s, lab included. The lab stays up. Next:\n")
    print(f"  export DURE_WORKSPACE={directory} DURE_LAB={name} PATH={Path(sys.executable).parent}:$PATH")
    print("  operator status                            # how the registered sites stand")
    print(f"  operator provision {SITE} --check   # what would change now: nothing")
    print("  operator lab exec ansan-client -- smbclient -L //192.168.0.1 -U choi-eunji   # a colleague's PC")
    print(f"\n  {report_file(directory, month)}")
    print("                                             # the customer's report, of made-up data; open it in a browser")
    print("\n  make demo-down                             # take the lab down")


def begin(directory: Path, lab: Lab) -> None:
    """A lab as from the factory, and a workspace of its own."""
    lab.down()
    lab.up(progress=lambda text: print(f"  {text}", flush=True))
    mark_of(lab).touch()
    if directory.exists():
        shutil.rmtree(directory)
    example = Path(__file__).parents[3] / "examples" / "hanbit-it"
    prepare(example, directory, lab, {str(MARK): mark_text(lab, 0)})


def down(directory: Path, name: str) -> None:
    """The lab and the demonstration's workspace go."""
    lab = Lab(name)
    refuse_what_is_not_ours(directory, lab)
    lab.down()
    if directory.exists():
        shutil.rmtree(directory)
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
    except KeyboardInterrupt:
        print("stopped; `make demo` goes on from here", file=sys.stderr)
        return Cancelled.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
