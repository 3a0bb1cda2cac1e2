"""Run one playbook on an inventory through ansible-runner, with progress, cancel and deadline."""

import os
import shlex
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dure
from dure.configure import environment, tether
from dure.configure.events import Record
from dure.configure.inventory import Inventory
from dure.configure.result import ConvergeResult, TaskEvent
from dure.errors import Cancelled, DeadlineExceeded, DureError

LOOK_EVERY_SECONDS = 1


@dataclass(slots=True)
class _Stop:
    """Asked again and again while Ansible runs; remembers why it said stop."""

    cancel: Callable[[], bool]
    ends: float
    reason: str = ""

    def __call__(self) -> bool:
        if self.cancel():
            self.reason = "cancelled"
        elif time.monotonic() > self.ends:
            self.reason = "deadline"
        return bool(self.reason)


@dataclass(frozen=True, slots=True)
class _Job:
    playbook: Path
    inventory: Inventory
    check: bool
    secrets_directory: Path
    artifacts: Path
    on_event: Callable[[TaskEvent], None]


def converge(
    playbook: str,
    inventory: Inventory,
    *,
    check: bool,
    fast: bool,
    secrets_directory: Path,
    artifacts: Path,
    on_event: Callable[[TaskEvent], None],
    cancel: Callable[[], bool],
    deadline: float,
) -> ConvergeResult:
    """Run `site`, `join` or `hub` (with or without .yml); `deadline` in seconds.

    Failed tasks stand in the result. Raises Cancelled and DeadlineExceeded after everything was ended, and
    DureError when Ansible could not begin. `fast` takes mitogen and says in `notes` when it could not.
    """
    started = time.monotonic()
    file = dure.toolkit_path() / "playbooks" / f"{playbook.removesuffix('.yml')}.yml"
    if not file.is_file():
        raise DureError(f"there is no playbook {playbook}", where=str(file), mend="reinstall Dure")
    job = _Job(file, inventory, check, secrets_directory, artifacts, on_event)
    stop = _Stop(cancel, started + deadline)
    notes: list[str] = []
    strategy = environment.mitogen_strategies() if fast else None
    if fast and strategy is None:
        notes.append("--fast was not possible: mitogen is not installed")
    record, said = _run(job, stop, strategy)
    if strategy is not None and said and record.tasks == 0 and not stop.reason:
        notes.append(f"--fast was not possible: mitogen does not start here ({_last_line(said)})")
        record, said = _run(job, stop, None)
    _raise_if_stopped(stop, inventory.site, deadline)
    if said and not record.failed:
        raise DureError(
            f"{file.name} could not be run",
            where=inventory.site,
            why=_last_line(said),
            mend=f"see {artifacts} for all that Ansible said",
        )
    return ConvergeResult(tuple(record.changed), tuple(record.failed), time.monotonic() - started, tuple(notes))


def _raise_if_stopped(stop: _Stop, site: str, deadline: float) -> None:
    again = f"operator provision {site}"
    if stop.reason == "cancelled":
        raise Cancelled("the converge was cancelled", where=site, mend=f"to go on: {again}")
    if stop.reason == "deadline":
        raise DeadlineExceeded(f"the converge did not end in {deadline:.0f} s", where=site, mend=again)


@contextmanager
def _short_directory() -> Iterator[Path]:
    """For SSH's control sockets, whose paths the kernel limits to 108 bytes."""
    directory = Path(tempfile.mkdtemp(prefix="dure-"))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _prepare(job: _Job) -> Path:
    """A directory of this run alone: what lies in an older one would win over what is asked for now."""
    job.artifacts.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory = Path(tempfile.mkdtemp(prefix=f"{job.playbook.stem}-", dir=job.artifacts))
    (directory / "ansible.cfg").touch()
    (directory / "inventory").mkdir()
    known: dict[str, str] = {
        "dure_secret_directory": str(job.secrets_directory),
        "commit_confirm_token": directory.name,
    }
    file = directory / "inventory" / "hosts.yml"
    file.write_text(job.inventory.text({**known, **job.inventory.variables}))
    file.chmod(0o600)
    program = directory / "ansible-playbook"
    words = [sys.executable, "-I", "-S", str(tether.__file__), str(os.getpid()), str(environment.ansible_playbook())]
    program.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
    program.chmod(0o700)
    return directory


def _run(job: _Job, stop: _Stop, strategy: Path | None) -> tuple[Record, str]:
    """One run of ansible-playbook. Returns what happened, and all that was said when it did not end well."""
    from ansible_runner.interface import init_runner  # late: it takes a tenth of a second

    record = Record()

    def take(event: dict[str, object]) -> bool:
        told = record.take(event)
        if told is not None:
            job.on_event(told)
        return True

    directory = _prepare(job)
    with _short_directory() as sockets:
        runner = init_runner(
            private_data_dir=str(directory),
            playbook=str(job.playbook),
            inventory=str(directory / "inventory" / "hosts.yml"),
            cmdline="--check --diff" if job.check else "--diff",
            settings={"pexpect_timeout": LOOK_EVERY_SECONDS, "suppress_ansible_output": True},
            suppress_env_files=True,
            quiet=True,
            event_handler=take,
            cancel_callback=stop,
        )
        config = runner.config
        users = environment.passed_on(os.environ)
        added = {name: value for name, value in config.env.items() if os.environ.get(name) != value}
        ours = environment.settings(job.playbook.parent, directory, sockets, job.inventory.ssh_config, strategy)
        config.env = users | added | ours
        config.command[0] = str(directory / "ansible-playbook")
        runner.run()
    ended_well = runner.rc == 0
    return record, "" if ended_well else (directory / "artifacts" / str(config.ident) / "stdout").read_text()


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if "ERROR" in line]
    return (errors or lines or ["it said nothing"])[-1]
