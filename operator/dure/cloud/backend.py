"""The state backend as a whole: which stacks stand in it, and who holds their locks."""

import contextlib
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from pydantic import JsonValue

from dure.cloud.aws_errors import mend_in, without_request_ids
from dure.cloud.engine import ensure_pulumi
from dure.cloud.locks import Holder
from dure.cloud.stack import backend_url, engine_environment
from dure.cloud.states import PROJECT
from dure.errors import DureError
from dure.model.local import LocalSettings, state_directory

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

LIST_LIMIT = 120.0
"""Seconds in which a backend far away must have named its stacks."""
LOCKS = f".pulumi/locks/organization/{PROJECT}"


@dataclass(frozen=True, slots=True)
class Standing:
    """A stack that the backend knows.

    `resources` are those of the cloud; where only the engine can be asked (no file backend) its own are counted too.
    """

    stack: str
    resources: int
    updated: str
    """UTC, ISO 8601; empty when it was never worked on."""
    damage: str = ""
    """Why its state cannot be read; empty when it can be."""

    @property
    def stands(self) -> bool:
        """False for one that was destroyed or only looked at."""
        return self.resources > 0 or bool(self.damage)


@dataclass(frozen=True, slots=True)
class Lock:
    """One lock file of the engine; `place` is its path or key in the backend."""

    stack: str
    holder: Holder
    place: str


class Backend:
    """The backend of one workspace. Every method raises DureError, in one line, when it does not answer."""

    def __init__(self, workspace: Path, settings: LocalSettings) -> None:
        self._directory = state_directory(workspace)
        self._settings = settings
        self.url = backend_url(self._directory, settings)

    def standing(self) -> dict[str, Standing]:
        """By stack. A file backend is read from its files, so that one damaged state hides no other."""
        if self.url.startswith("file://"):
            states = sorted(self._root().glob(f".pulumi/stacks/{PROJECT}/*.json"))
            return {file.stem: _read_state(file) for file in states}
        return {one.stack: one for one in map(_listed, self._ask_engine())}

    def locks(self) -> list[Lock]:
        """All locks, whoever holds them."""
        if self.url.startswith("file://"):
            files = sorted((self._root() / LOCKS).glob("*/*.json"))
            return [lock for file in files for lock in _read_lock(file.parent.name, file.read_bytes(), str(file))]
        if not self.url.startswith("s3://"):
            raise DureError(f"locks of {self.url} cannot be listed", why="only file:// and s3:// are known here")
        with self._answering():
            client, bucket, prefix = self._bucket()
            found: list[Lock] = []
            for key in _keys(client, bucket, f"{prefix}{LOCKS}/"):
                content = client.get_object(Bucket=bucket, Key=key)["Body"].read()
                found += _read_lock(key.split("/")[-2], content, key)
            return found

    def remove(self, lock: Lock) -> None:
        """Only a lock whose holder is known to be dead may go."""
        if self.url.startswith("file://"):
            Path(lock.place).unlink(missing_ok=True)
            return
        with self._answering():
            client, bucket, _ = self._bucket()
            client.delete_object(Bucket=bucket, Key=lock.place)

    @contextlib.contextmanager
    def _answering(self) -> Iterator[None]:
        """Whatever S3 says becomes one line."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except (BotoCoreError, ClientError) as error:
            raise self._silent(str(error)) from error

    def _root(self) -> Path:
        return Path(self.url.removeprefix("file://"))

    def _bucket(self) -> "tuple[S3Client, str, str]":
        from botocore.config import Config

        from dure.cloud.vault import platform_session

        parts = urlsplit(self.url)
        asked = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        endpoint = asked.get("endpoint", "")
        if endpoint and "://" not in endpoint:
            endpoint = f"{'http' if asked.get('disableSSL') == 'true' else 'https'}://{endpoint}"
        session = platform_session(self._settings, asked.get("region", "us-east-1"))
        prefix = parts.path.strip("/")
        patience = Config(retries={"total_max_attempts": 3}, connect_timeout=5, read_timeout=30)
        client = session.client("s3", endpoint_url=endpoint or None, config=patience)
        return client, parts.netloc, f"{prefix}/" if prefix else ""

    def _ask_engine(self) -> list[dict[str, JsonValue]]:
        engine = ensure_pulumi(lambda _: None)
        try:
            done = subprocess.run(
                ["pulumi", "stack", "ls", "--json", "--all", "--project", PROJECT, "--non-interactive"],
                cwd=self._directory,
                env=engine_environment(self._directory, self._settings, engine),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=LIST_LIMIT,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise self._silent(f"it did not answer in {LIST_LIMIT:.0f} s") from error
        if done.returncode != 0:
            raise self._silent((done.stderr.strip().splitlines() or ["it said nothing"])[-1].removeprefix("error: "))
        listed: list[dict[str, JsonValue]] = json.loads(done.stdout or "[]")
        return listed

    def _silent(self, why: str) -> DureError:
        where = self.url.partition("?")[0]
        told = without_request_ids(why)
        mend = mend_in(told) or "check the credentials and `pulumi_backend` in .dure/local.yaml"
        return DureError("the state backend cannot be listed", where=where, why=told, mend=mend)


def _listed(one: dict[str, JsonValue]) -> Standing:
    count = one.get("resourceCount")
    name = str(one.get("name", "")).rpartition("/")[2]
    return Standing(name, count if isinstance(count, int) else 0, str(one.get("lastUpdate") or ""))


def _read_state(file: Path) -> Standing:
    try:
        checkpoint = json.loads(file.read_bytes())["checkpoint"]
        latest = checkpoint.get("latest") or {}
        resources, pending = latest.get("resources") or [], latest.get("pending_operations") or []
        time = (latest.get("manifest") or {}).get("time", "")
        real = [one for one in resources if one.get("custom") and not str(one["type"]).startswith("pulumi:")]
        return Standing(file.stem, len(real) + len(pending), str(time))
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        return Standing(file.stem, 0, "", damage=f"its state file is damaged ({type(error).__name__})")


def _read_lock(stack: str, content: bytes, place: str) -> Iterator[Lock]:
    """A lock that is being written or taken away just now is none."""
    try:
        told = json.loads(content)
        holder = Holder(str(told["username"]), str(told["hostname"]), int(told["pid"]), str(told["timestamp"]))
    except (ValueError, KeyError, TypeError):
        return
    yield Lock(stack, holder, place)


def _keys(client: "S3Client", bucket: str, prefix: str) -> Iterator[str]:
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for one in page.get("Contents", []):
            yield one["Key"]
