"""What the tests of the main job share: what happened while it was provisioned, and ways to look at it."""

import contextlib
import json
import os
import pty
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dure.lab.instance import Lab
from dure.lab.workspace import write_local_settings

from tests.lab.conftest import PROGRAM, Operator
from tests.lab.secret_watch import SecretWatch


@dataclass
class Story:
    """What happened while hub and box were provisioned."""

    operator: Operator
    lab: Lab
    run: str = ""
    hub: str = ""
    """The hub's first run."""
    beat: int = 0
    """The number of the first site's newest heartbeat on the hub when all was provisioned; 0 when there was none."""
    other: str = ""
    """The run of the second site, at the same time."""
    refusal: "subprocess.CompletedProcess[str] | None" = None
    watch: SecretWatch = field(default_factory=SecretWatch)


def heartbeat(lab: Lab) -> dict[str, Any]:
    """The first site's last heartbeat as the hub took it; empty when it took none."""
    kept = lab.root("hub", "cat /var/lib/dure/heartbeats/hansol-plastics_ansan.json").stdout
    return dict(json.loads(kept)) if kept else {}


def contents(workspace: Path) -> dict[str, str]:
    """Digest of every file of the workspace but the stores' own write-ahead files.

    Another process reads: closing a second descriptor of an open SQLite file would drop this one's locks on it.
    """
    passing = (".sqlite-wal", ".sqlite-shm", ".lock")
    files = [
        str(file)
        for file in workspace.rglob("*")
        if file.is_file() and not file.name.endswith(passing) and "pulumi" not in file.parts
    ]
    listed = subprocess.run(["sha256sum", *files], capture_output=True, text=True, check=True).stdout
    return {line[66:]: line[:64] for line in listed.splitlines()}


def commit(told: Story, message: str) -> None:
    """What the first engineer's commands wrote and she edited."""
    git = ["git", "-C", str(told.operator.workspace)]
    subprocess.run([*git, "add", "--all"], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", message], check=True)


def second_workstation(told: Story, root: Path) -> Operator:
    """The other engineer's clone of what is committed, with her own key and a store of her own."""
    commit(told, "지금까지의 변경")
    subprocess.run(["git", "clone", "-q", str(told.operator.workspace), str(root)], check=True)
    (root / ".dure").mkdir(mode=0o700)
    for name in ("lee-jiwon", "identity.txt"):
        shutil.copy(told.operator.workspace / ".dure" / name, root / ".dure" / name)
    write_local_settings(root, told.lab, "lee-jiwon", root / ".dure" / "lee-jiwon")
    return Operator(root, told.lab.name)


def at_a_terminal(operator: Operator, arguments: list[str], question: str, answer: str) -> tuple[int, str]:
    """Run the command on a terminal of its own; answer the question; exit code and everything shown."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [str(PROGRAM), *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=operator.environment(TERM="xterm", COLUMNS="120"),
        cwd=operator.workspace,
    )
    os.close(theirs)
    said, answered = "", False
    with contextlib.suppress(OSError):  # the terminal is gone when the command has ended
        while data := os.read(ours, 65536):
            said += data.decode(errors="replace")
            if question in said and not answered:
                os.write(ours, answer.encode())
                answered = True
    os.close(ours)
    return process.wait(60), said


def machine_facts(lab: Lab) -> dict[str, str]:
    """What a converge could have changed, seen past the tools that do it."""
    looks = {
        "files": "find /etc /usr/local /srv -type f -not -path '/etc/.git/*' -print0 | sort -z | xargs -0 sha256sum",
        "packages": "dpkg-query -W",
        "ruleset": "nft -s list ruleset",
        "processes": "systemctl show -p Id,MainPID smbd ssh chrony dure-tunnel dure-box-page dnsmasq",
        "starts": "systemctl show -p Id,ActiveEnterTimestampMonotonic wg-quick@wg0 nftables",
    }
    return {name: lab.root("ansan", look).stdout for name, look in looks.items()}
