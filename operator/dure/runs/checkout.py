"""What is checked out: the workspace's commit, and whether a site's files are as that commit has them.

A run may be asked for from files that were never committed. Hub and box then remember a digest of them too, so that a
colleague at the same commit does not take them back unseen.
"""

import hashlib
import os
import subprocess
from functools import lru_cache
from pathlib import Path

from dure.errors import DureError, UsageError
from dure.model.allocations import FILE as ALLOCATIONS
from dure.model.places import CUSTOMERS, OPERATOR_FILE
from dure.model.workspace import HUB

GIT_SECONDS = 60
LOOKED_BACK = 200
"""Commits since the applied one in which its files are looked for."""


def head_commit(workspace: Path) -> str:
    """The commit that is checked out; empty outside of git or before the first commit.

    Raises UsageError when there is a repository that git does not read.
    """
    if not _in_repository(workspace):
        return ""
    said = _git(workspace, "rev-parse", "--verify", "--quiet", "HEAD")
    if said.returncode == 0:
        return said.stdout.decode().strip()
    complaint = said.stderr.decode(errors="replace").strip()
    if said.returncode == 1 or "not a git repository" in complaint:
        return ""
    raise UsageError(
        "git does not read this workspace",
        where=str(workspace),
        why=complaint.splitlines()[0] if complaint else f"it ended with {said.returncode}",
        mend=f"git config --global --add safe.directory {os.path.realpath(workspace)}"
        if "dubious ownership" in complaint
        else "git status, and mend what it says",
    )


def contains(workspace: Path, commit: str) -> bool:
    """Whether the checkout has that commit in its history."""
    return _in_repository(workspace) and _git(workspace, "merge-base", "--is-ancestor", commit, "HEAD").returncode == 0


def site_digest(workspace: Path, site: str) -> str:
    """Names the content of the site's files as they lie there: the operator's, the customer's, its overlay's line."""
    contents = {name: _read(workspace / name) for name in _files(site)}
    return _digest(site, contents)


def uncommitted(workspace: Path, site: str, commit: str) -> str:
    """The digest of the site's files where they are not as the commit has them; else empty."""
    here = site_digest(workspace, site)
    return "" if commit and here == _digest_at(workspace, site, commit) else here


def was_committed(workspace: Path, site: str, digest: str, since: str) -> bool:
    """Whether a commit of this checkout, from `since` on, has the site's files so."""
    names = _files(site)
    said = _git(workspace, "log", f"-{LOOKED_BACK}", "--format=%H", f"{since}..HEAD", "--", *names)
    return any(_digest_at(workspace, site, commit) == digest for commit in said.stdout.decode().split())


def commit_until(workspace: Path, moment: int) -> str:
    """The last commit of the checked-out line that it had at that second, UTC; empty when git shows none.

    A commit says by itself when it was made. So a later one ends the search, and what follows it with an earlier date
    counts as later too; and what a merge brought along counts from the merge.
    """
    head, found = head_commit(workspace), ""
    for at, commit in _line(workspace, head) if head else ():
        if at > moment:
            break
        found = commit
    return found


@lru_cache(maxsize=1)
def _line(workspace: Path, head: str) -> tuple[tuple[int, str], ...]:
    """Second and name of each commit from the first to the head, by first parents."""
    said = _git(workspace, "log", "--first-parent", "--reverse", "--format=%ct %H", head)
    return tuple((int(at), commit) for at, commit in (line.split() for line in said.stdout.decode().splitlines()))


def file_in(workspace: Path, commit: str, name: str) -> bytes:
    """A file of the workspace as a commit has it; empty when it has none."""
    said = _git(workspace, "cat-file", "blob", f"{commit}:./{name}")
    return said.stdout if said.returncode == 0 else b""


def _files(site: str) -> list[str]:
    if site == HUB:
        return [OPERATOR_FILE]
    return [OPERATOR_FILE, f"{CUSTOMERS}/{site.partition('/')[0]}.yaml", ALLOCATIONS]


def _digest_at(workspace: Path, site: str, commit: str) -> str:
    return _digest(site, {name: file_in(workspace, commit, name) for name in _files(site)})


def _digest(site: str, contents: dict[str, bytes]) -> str:
    summed = hashlib.sha256()
    for name, content in contents.items():
        # Line ends are git's own business; of all sites' overlays only this one's matters.
        lines = content.replace(b"\r\n", b"\n").splitlines(keepends=True)
        kept = [line for line in lines if name != ALLOCATIONS or line.startswith(f"{site}:".encode())]
        summed.update(f"{name} {sum(map(len, kept))}\n".encode() + b"".join(kept))
    return summed.hexdigest()


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""


def _in_repository(workspace: Path) -> bool:
    real = Path(os.path.realpath(workspace))
    return "GIT_DIR" in os.environ or any((directory / ".git").exists() for directory in (real, *real.parents))


def _git(workspace: Path, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    try:
        return subprocess.run(
            ["git", "-C", str(workspace), *arguments],
            capture_output=True,
            timeout=GIT_SECONDS,
            env={**os.environ, "LC_ALL": "C"},
        )
    except FileNotFoundError as error:
        raise UsageError(
            "there is no git on this workstation",
            where=str(workspace),
            why="the workspace is a repository, and the run has to know what is checked out",
            mend="apt-get install git (or put it on PATH), then repeat",
        ) from error
    except subprocess.TimeoutExpired as error:
        raise DureError(
            "git did not answer", where=str(workspace), why=f"it took over {GIT_SECONDS} s", mend="git status"
        ) from error
