"""The Pulumi CLI: found on PATH when its version suits, else installed, else built from its Go module.

`python -m dure.cloud.engine` gets it ready and prints its path; two processes at once make one.
"""

import fcntl
import functools
import os
import queue
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dure.cloud.engine_home import cache_directory
from dure.errors import DureError

VERSION = "v3.259.0"
"""Newest CLI that was tried with the pinned Python packages, and what is built; 3.260 and later were refused."""
OLDEST = (3, 206)
"""From here on the engine sends its events by gRPC, as the Automation API in use expects them."""
TOO_NEW = (4, 0)
"""The next major version may change what the Automation API speaks."""
GO_OLDEST = (1, 25)
INSTALLER_HOST = "get.pulumi.com"
INSTALLER_PROBE = 3.0
"""Seconds in which the installer's host must answer; behind a strict proxy the installer itself would hang."""
INSTALLER_LIMIT = 300.0
BUILD_LIMIT = 1800.0
TELL_EVERY = 15.0
MODULE = Path(__file__).parent / "engine_module"
PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
FLAGS = f"-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version={VERSION}"

Progress = Callable[[str], None]


def cached_engine() -> Path:
    return cache_directory() / VERSION / "pulumi"


def find_pulumi() -> Path:
    """The engine that is ready now. Raises DureError when there is none."""
    found = _ready()
    if found is None:
        raise DureError("there is no Pulumi CLI yet", mend="python -m dure.cloud.engine")
    return found


def require_means() -> None:
    """Raise DureError that says what to install where no engine that suits is ready and none can be built."""
    if _ready() is not None:
        return
    try:
        _go()
    except DureError as error:
        on_path = shutil.which("pulumi")
        if on_path is None:
            raise
        wanted = f"{'.'.join(map(str, OLDEST))} or newer, below {TOO_NEW[0]}.0, is wanted"
        raise DureError(
            "the Pulumi CLI on PATH does not suit",
            where=on_path,
            why=f"it is {'.'.join(map(str, _version_of(Path(on_path))))}, {wanted}; {error.what}",
            mend=error.mend,
        ) from error


def ensure_pulumi(progress: Progress) -> Path:
    """The engine, installed or built when there is none. Raises DureError that says what is missing."""
    found = _ready()
    if found is not None:
        return found
    target = cached_engine()
    target.parent.mkdir(parents=True, exist_ok=True)
    with _one_at_a_time(target.parent / "lock", progress):
        if target.exists():  # another process made it while this one waited
            return target
        if _install(target, progress):
            return target
        _build(target, progress)
    return target


def _ready() -> Path | None:
    on_path = shutil.which("pulumi")
    if on_path and suits(_version_of(Path(on_path))):
        return Path(on_path)
    return cached_engine() if cached_engine().exists() else None


def suits(version: tuple[int, ...]) -> bool:
    return OLDEST <= version < TOO_NEW


def _version_of(program: Path) -> tuple[int, ...]:
    try:
        file = program.stat()
        return _version_said(program, file.st_mtime_ns, file.st_size)
    except (OSError, subprocess.SubprocessError):
        return (0,)


@functools.lru_cache(maxsize=8)
def _version_said(program: Path, written: int, size: int) -> tuple[int, ...]:
    """Asked once of a file as it is: each stack of a command wants to know."""
    said = subprocess.run([program, "version"], capture_output=True, text=True, timeout=20, check=True).stdout
    return tuple(map(int, re.findall(r"\d+", said)[:3]))


@contextmanager
def _one_at_a_time(lock: Path, progress: Progress) -> Iterator[None]:
    """The kernel frees the lock when its holder dies, however it dies."""
    with lock.open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("another process is making the Pulumi CLI; waiting for it")
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _install(target: Path, progress: Progress) -> bool:
    """By the Automation API's own installer; False at once where its host cannot be reached."""
    if not _answers(INSTALLER_HOST):
        progress(f"{INSTALLER_HOST} cannot be reached from here: building the Pulumi CLI instead")
        return False
    progress(f"installing the Pulumi CLI {VERSION}")
    root = target.parent / "installed"
    script = (
        "import sys, semver; from pulumi.automation import PulumiCommand;"
        "PulumiCommand.install(root=sys.argv[1], version=semver.VersionInfo.parse(sys.argv[2]))"
    )
    try:
        subprocess.run(
            [sys.executable, "-c", script, str(root), VERSION.removeprefix("v")],
            check=True,
            capture_output=True,
            timeout=INSTALLER_LIMIT,
        )
    except (OSError, subprocess.SubprocessError):
        progress("the installer did not work here: building the Pulumi CLI instead")
        shutil.rmtree(root, ignore_errors=True)
        return False
    target.symlink_to(root / "bin" / "pulumi")
    return True


def _answers(host: str) -> bool:
    """Whether a TLS port answers directly within the probe's time; resolving is bounded too."""
    answers: queue.Queue[bool] = queue.Queue()

    def probe() -> None:
        try:
            with socket.create_connection((host, 443), timeout=INSTALLER_PROBE):
                answers.put(True)
        except OSError:
            answers.put(False)

    threading.Thread(target=probe, daemon=True).start()
    try:
        return answers.get(timeout=INSTALLER_PROBE)
    except queue.Empty:
        return False


def _build(target: Path, progress: Progress) -> None:
    """From the Go module with its pinned sums; sources and object files go when it is done."""
    go = _go()
    work = target.parent / f"build-{os.getpid()}"
    for stale in target.parent.glob("build-*"):
        _remove(stale)
    work.mkdir()
    for name in ("go.mod", "go.sum"):
        shutil.copyfile(MODULE / name, work / name)
    environment = {
        **os.environ,
        "GOPATH": str(work / "path"),
        "GOCACHE": str(work / "cache"),
        "GOTMPDIR": str(work),
        "GOFLAGS": "",
        "CGO_ENABLED": "0",
    }
    draft = work / "pulumi"
    command = [
        go,
        "build",
        "-trimpath",
        "-mod=readonly",
        "-buildvcs=false",
        "-ldflags",
        FLAGS,
        "-o",
        str(draft),
        PACKAGE,
    ]
    try:
        _run(command, work, environment, progress)
        if not suits(_version_of(draft)):
            raise DureError(
                "the Pulumi CLI that was built does not run",
                where=str(draft),
                mend=f"rm -r {target.parent} and give the same command again",
            )
        draft.replace(target)
    finally:
        _remove(work)
    progress(f"the Pulumi CLI {VERSION} is ready: {target}")


def _run(command: list[str], work: Path, environment: dict[str, str], progress: Progress) -> None:
    log = work / "log"
    begun = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=work, env=environment, stdout=output, stderr=output)
    try:
        while True:
            try:
                code = process.wait(TELL_EVERY)
                break
            except subprocess.TimeoutExpired:
                spent = time.monotonic() - begun
                progress(f"building the Pulumi CLI {VERSION}, {spent:.0f} s (2 to 3 minutes on 2 cores, once)")
                if spent > BUILD_LIMIT:
                    raise _build_failed(log, f"it took longer than {BUILD_LIMIT:.0f} s") from None
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    if code != 0:
        raise _build_failed(log, f"go ended with {code}")


def _build_failed(log: Path, why: str) -> DureError:
    last = [line for line in log.read_text(errors="replace").splitlines() if line.strip()][-1:]
    return DureError(
        "the Pulumi CLI could not be built",
        why=": ".join([why, *last]),
        mend="see that the Go module proxy is reachable (go env GOPROXY) and 4 GB of disk are free, then repeat; "
        "or install Pulumi 3 by hand and put it on PATH",
    )


def _go() -> str:
    """The Go compiler's path. Raises DureError in one line when it is missing or old."""
    mend = f"install Go {'.'.join(map(str, GO_OLDEST))} or newer, or Pulumi 3 itself, and put it on PATH"
    go = shutil.which("go")
    if go is None:
        raise DureError("there is no Pulumi CLI and no Go to build it with", mend=mend)
    try:
        said = subprocess.run([go, "env", "GOVERSION"], capture_output=True, text=True, timeout=30, check=True).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise DureError("Go does not work", where=go, why=str(error), mend=mend) from error
    version = tuple(map(int, re.findall(r"\d+", said)[:2]))
    if version < GO_OLDEST:
        raise DureError("Go is too old to build the Pulumi CLI", where=go, why=f"it is {said.strip()}", mend=mend)
    return go


def _remove(directory: Path) -> None:
    """Go's module cache is read-only: directories must be made writable first."""
    for place, directories, _ in os.walk(directory):
        for name in directories:
            Path(place, name).chmod(0o700)
    shutil.rmtree(directory, ignore_errors=True)


def main() -> None:
    begun = time.monotonic()

    def tell(line: str) -> None:
        print(f"[{time.monotonic() - begun:4.0f} s] {line}", file=sys.stderr, flush=True)

    try:
        print(ensure_pulumi(tell))
    except DureError as error:
        sys.exit(f"error: {error.line()}")


if __name__ == "__main__":
    main()
