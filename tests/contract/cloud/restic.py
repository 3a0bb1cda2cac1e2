"""restic as the box runs it: with the box's own key, secrets in files."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Restic:
    """A repository; `directory` holds the key and password files and the cache."""

    directory: Path
    repository: str

    def __call__(self, *arguments: str, seconds: float = 60, expect: int | None = 0) -> str:
        """Standard output; AssertionError when it does not end with `expect` (None: any)."""
        done = subprocess.run(
            ["restic", "--repo", self.repository, "--password-file", str(self.directory / "password"), *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.directory),
                "AWS_SHARED_CREDENTIALS_FILE": str(self.directory / "credentials"),
                "AWS_DEFAULT_REGION": "ap-northeast-2",
            },
        )
        assert expect is None or done.returncode == expect, done.stderr
        return done.stdout

    def snapshots(self) -> dict[str, str]:
        """Id -> time of every snapshot that the repository shows."""
        return {one["id"]: one["time"] for one in json.loads(self("snapshots", "--json", "--no-lock"))}


def open_repository(directory: Path, endpoint: str, outputs: dict[str, str]) -> Restic:
    """With the key that the stack made for the box."""
    directory.mkdir()
    (directory / "password").write_text("geheimnis")
    (directory / "credentials").write_text(
        f"[default]\naws_access_key_id = {outputs['access_key_id']}\n"
        f"aws_secret_access_key = {outputs['secret_access_key']}\n"
    )
    return Restic(directory, f"s3:{endpoint}/{outputs['bucket']}")
