"""The directory in which the engine finds a stack's project and configuration, and its outputs."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import yaml

from dure.cloud.preview import StackResource
from dure.cloud.request import Request
from dure.cloud.states import PROJECT
from dure.errors import DureError

TOO_NEW = ("too new", "newer than", "unsupported checkpoint version", "unknown deployment version")
"""The engine's words for a state of a later version."""
OUTPUTS_LIMIT = 120.0
"""Seconds; a backend far away is slow, one that is gone must not hold up a run."""


def write_project(request: Request) -> None:
    """Pulumi.yaml and the stack's configuration; what the engine itself keeps in the latter (its salt) stays."""
    directory = Path(request.work_directory)
    directory.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(Path(request.program_directory, "Pulumi.yaml"), directory / "Pulumi.yaml")
    file = directory / f"Pulumi.{request.stack}.yaml"
    kept = yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else None
    settings = {**(kept if isinstance(kept, dict) else {}), "config": request.configuration}
    draft = file.with_suffix(".draft")
    draft.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    draft.replace(file)


def read_outputs(request: Request, environment: Mapping[str, str], *, reveal: bool = True) -> dict[str, str]:
    """All outputs, secret ones in clear or, without `reveal`, masked; empty when there is no such stack.

    Needs no provider and no program.
    """
    shown = ["--show-secrets"] if reveal else []
    said = _ask(request, environment, ["stack", "output", "--json", *shown])
    return {name: str(value) for name, value in json.loads(said or "{}").items()}


def read_resources(request: Request, environment: Mapping[str, str]) -> list[StackResource]:
    """All that the state holds, the engine's own left out; empty when there is no such stack."""
    exported = json.loads(_ask(request, environment, ["stack", "export"]) or "{}")
    listed = (exported.get("deployment") or {}).get("resources") or []
    return [
        StackResource(urn=str(one["urn"]), type=str(one["type"]), protect=bool(one.get("protect")))
        for one in listed
        if not str(one["type"]).startswith("pulumi:")
    ]


def _ask(request: Request, environment: Mapping[str, str], arguments: list[str]) -> str:
    """What the engine says of the state; empty when there is no such stack."""
    write_project(request)
    try:
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive", "--stack", request.stack],
            cwd=request.work_directory,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=OUTPUTS_LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _unreadable(request, f"its backend did not answer in {OUTPUTS_LIMIT:.0f} s") from error
    if done.returncode == 0:
        return done.stdout
    if "no stack named" in done.stderr:
        return ""
    if "incorrect passphrase" in done.stderr:
        raise sealed(request)
    broken = broken_state(request.stack, done.stderr)
    if broken is not None:
        raise broken
    raise _unreadable(request, (done.stderr.strip().splitlines() or ["it said nothing"])[-1])


def sealed(request: Request) -> DureError:
    return DureError(
        f"{request.verb} of stack {request.stack} failed",
        why="its state is sealed with another passphrase",
        mend="bring back secret operator/pulumi_passphrase as it was when the stack was made (git log secrets/)",
    )


def broken_state(stack: str, said: str) -> DureError | None:
    """What is wrong with the state by the engine's words; None when they speak of something else."""
    if any(words in said for words in TOO_NEW):
        return DureError(
            f"the state of stack {stack} cannot be read",
            why="a newer version of the Pulumi CLI wrote its state file",
            mend="use that version here too (put it first on PATH); this one has changed nothing",
        )
    if "no secrets manager could be found" in said:
        return damaged(stack, "its state file is of an older version, without what opens its secrets")
    return damaged(stack) if "failed to load checkpoint" in said else None


def damaged(stack: str, why: str = "its state file is damaged") -> DureError:
    """Of the state. The engine keeps the one before it beside it, and all earlier ones."""
    name = f"{PROJECT}/{stack}"
    return DureError(
        f"the state of stack {stack} cannot be read",
        why=why,
        mend=f"bring .pulumi/stacks/{name}.json of the state backend back from {stack}.json.bak beside it, "
        f"or from the newest in .pulumi/backups/{name}/",
    )


def _unreadable(request: Request, why: str) -> DureError:
    return DureError(f"the state of stack {request.stack} cannot be read", why=why, mend="give the same command again")
