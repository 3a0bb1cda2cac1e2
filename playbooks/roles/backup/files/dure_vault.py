"""The box's way to its backup vault: settings, the restic process, and the records that others read.

Runs on the box with the system's Python and nothing else. Secrets reach restic by the names of files.
"""

import json
import os
import subprocess
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SETTINGS = Path("/etc/dure/backup/settings.json")
STATE = Path("/var/lib/dure/backup")
CACHE = Path("/var/cache/dure/restic")
BACKUP_LOCK = Path("/run/dure-backup.lock")
TAG = "dure"


class VaultError(Exception):
    """What went wrong, in one line that an engineer can act on."""


@dataclass(frozen=True)
class Settings:
    """What the play wrote to settings.json; times of day are the box's own."""

    host: str
    repository: str
    region: str
    paths: tuple[Path, ...]
    excludes: tuple[str, ...]
    upload_limit_kib: int
    office_from: str
    office_to: str
    sample_files: int
    sample_bytes: int


def load_settings(file: Path = SETTINGS) -> Settings:
    """Read settings.json; raises VaultError when the play has not written it."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise VaultError(f"{file} cannot be read ({error}): provision the site again") from error
    content["paths"] = tuple(Path(path) for path in content["paths"])
    content["excludes"] = tuple(content["excludes"])
    return Settings(**content)


def now() -> datetime:
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """ISO 8601 in UTC to the second, such as 2026-11-22T02:30:00Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_record(file: Path) -> dict[str, Any]:
    """A JSON record, or {} when there is none that can be read."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def write_record(file: Path, content: dict[str, Any], mode: int = 0o644) -> None:
    """Replace a JSON record whole, so that no reader ever sees half of one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(content, stream, ensure_ascii=False, indent=1, sort_keys=True)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(mode)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def restic_environment(settings: Settings, secrets: Path = SETTINGS.parent) -> dict[str, str]:
    """Names of secret files, never their contents."""
    return {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "LANG": "C.UTF-8",
        "HOME": "/root",
        "RESTIC_REPOSITORY": settings.repository,
        "RESTIC_PASSWORD_FILE": str(secrets / "restic_password"),
        "AWS_SHARED_CREDENTIALS_FILE": str(secrets / "aws_credentials"),
        "AWS_DEFAULT_REGION": settings.region,
        "RESTIC_CACHE_DIR": str(CACHE),
    }


class Vault:
    """The restic repository of this box."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.environment = restic_environment(settings)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """A restic process whose output can be read while it works."""
        return subprocess.Popen(
            ["restic", *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )

    def run(self, *arguments: str, seconds: float = 600) -> str:
        """restic's standard output; VaultError with its last words when it fails or takes too long."""
        process = self.start(*arguments)
        try:
            output, complaint = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired as error:
            process.kill()
            process.communicate()
            raise VaultError(f"restic {arguments[0]} did not end within {seconds:.0f} s") from error
        if process.returncode != 0:
            raise VaultError(f"restic {arguments[0]} failed: {last_words(complaint or output)}")
        return output

    def open_or_make(self, marker: Path = STATE / "repository") -> None:
        """Make the repository the first time; a repository that was there and is gone is an error, never remade.

        Opens it by clearing the locks of the dead: each call of restic costs half a second for the key alone.
        """
        try:
            self.run("unlock", seconds=120)
        except VaultError as error:
            missing = "does not exist" in str(error) or "no such file" in str(error)
            if "unable to open config file" not in str(error) or not missing:
                raise
            if marker.exists() and marker.read_text() == self.settings.repository:
                raise VaultError(
                    f"the repository {self.settings.repository} was there and is gone: "
                    "bring it back with 'operator vault rewind' before the next backup"
                ) from error
            self.run("init", seconds=120)
        if not marker.exists() or marker.read_text() != self.settings.repository:
            marker.write_text(self.settings.repository)

    def snapshots(self) -> list[dict[str, Any]]:
        """This site's snapshots, oldest first; `time` becomes an aware datetime under `moment`."""
        found = json.loads(self.run("snapshots", "--json", "--no-lock", "--tag", TAG, seconds=300)) or []
        for snapshot in found:
            snapshot["moment"] = parse_time(snapshot["time"])
        return sorted(found, key=lambda snapshot: snapshot["moment"])

    def nodes(self, snapshot: str, path: Path, *, recursive: bool = False) -> list[dict[str, Any]]:
        """The entry at `path` and what it directly (or wholly) holds; [] when it is not in the snapshot."""
        options = ["--recursive"] if recursive else []
        output = self.run("ls", "--json", "--no-lock", *options, snapshot, str(path), seconds=600)
        return [entry for entry in map(json.loads, output.splitlines()) if entry.get("struct_type") == "node"]

    def restore(self, snapshot: str, paths: list[Path], target: Path, seconds: float = 6 * 3600) -> None:
        """Bring `paths` of a snapshot below `target`, where each lies under its full old path."""
        includes = [argument for path in paths for argument in ("--include", literal(path))]
        self.run("restore", "--no-lock", snapshot, "--target", str(target), *includes, seconds=seconds)


def literal(path: Path) -> str:
    """A restic pattern that matches this very path, whatever characters its name holds."""
    return "".join("\\" + letter if letter in "\\*?[" else letter for letter in str(path))


def parse_time(text: str) -> datetime:
    """restic's RFC 3339 time with nanoseconds, as UTC; Python 3.11 reads at most microseconds."""
    head, dot, rest = text.partition(".")
    if dot:
        digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
        text = f"{head}.{digits[:6]}{rest[len(digits) :]}"
    return datetime.fromisoformat(text).astimezone(UTC)


def last_words(text: str) -> str:
    """The line of restic's complaint that says most: its Fatal line, else the last one."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    fatal = [line for line in lines if line.startswith("Fatal:")]
    words = fatal[0] if fatal else (lines[-1] if lines else "no message")
    return words[:400]


def journal(level: int, text: str) -> None:
    """One line to the journal with its syslog level (3 error, 4 warning, 6 information)."""
    print(f"<{level}>{text}", flush=True)
