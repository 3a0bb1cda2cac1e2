"""Winding a backup vault back to a moment: the MSP's answer to a box that was taken over.

The box's key can only add; what it overwrites or hides becomes a newer version or a delete marker. Nothing is
removed here either: the good version is copied on top, what did not exist is hidden by a delete marker.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from dure.errors import DureError, UsageError
from dure.model.local import LocalSettings

if TYPE_CHECKING:
    from boto3 import Session
    from mypy_boto3_s3.client import S3Client

LOCKS = "locks/"
"""Where restic keeps its locks: those of the past are never brought back, they would stop the next backup."""
CONCURRENT = 16
WAITING = 256
"""Changes handed out at once; what bounds the memory, whatever the size of the vault."""
LARGEST_COPY = 5 * 1024**3
"""Bytes that AWS copies in one call."""
TOLD_EVERY = 1000
NAMED = 20
"""Keys named in a result; all are counted."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A version or delete marker of a key, as AWS lists it: newest first."""

    key: str
    version: str
    modified: datetime
    marker: bool
    etag: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """What brings one key back: a copy of `entry` on top, or a delete marker over it."""

    kind: Literal["restore", "hide"]
    entry: Entry


@dataclass(frozen=True, slots=True)
class Rewound:
    """Counts of keys; `failed` names the first keys that AWS refused."""

    examined: int = 0
    restored: int = 0
    hidden: int = 0
    errors: int = 0
    failed: tuple[str, ...] = ()

    @property
    def changes(self) -> int:
        return self.restored + self.hidden


def change_for(entries: list[Entry], before: datetime) -> Change | None:
    """What one key needs to be again as it was at `before`; `entries` newest first. Pure.

    Content is compared by ETag and size, so that a second rewind finds nothing to do.
    """
    latest = entries[0]
    wanted = next((one for one in entries if one.modified <= before), None)
    if latest is wanted:
        return None
    if wanted is None or wanted.marker or latest.key.startswith(LOCKS):
        return None if latest.marker else Change("hide", latest)
    if not latest.marker and (latest.etag, latest.size) == (wanted.etag, wanted.size):
        return None
    return Change("restore", wanted)


def by_key(pages: Iterable[list[Entry]]) -> Iterator[list[Entry]]:
    """All entries of each key, newest first; a key may go over several pages. Holds one key at a time."""
    current: list[Entry] = []
    for page in pages:
        for entry in page:
            if current and current[0].key != entry.key:
                yield current
                current = []
            current.append(entry)
    if current:
        yield current


def platform_session(settings: LocalSettings, region: str) -> "Session":
    """AWS with the platform's own credentials."""
    import boto3
    import botocore.session

    session = botocore.session.Session()
    if settings.aws_credentials:
        session.set_config_variable("credentials_file", str(settings.aws_credentials))
    return boto3.Session(botocore_session=session, region_name=region)


def platform_client(settings: LocalSettings, region: str) -> "S3Client":
    from botocore.config import Config

    config = Config(max_pool_connections=CONCURRENT, retries={"total_max_attempts": 4}, connect_timeout=10)
    endpoint = settings.aws_endpoint or None
    return platform_session(settings, region).client("s3", endpoint_url=endpoint, config=config)


def pages_of(client: "S3Client", bucket: str) -> Iterator[list[Entry]]:
    """Every page of the bucket's versions and markers, in AWS's order: by key, newest first."""
    for answer in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
        page = [
            Entry(one["Key"], one["VersionId"], one["LastModified"], False, one["ETag"], one["Size"])
            for one in answer.get("Versions", [])
        ]
        latest = {one["VersionId"] for one in answer.get("Versions", []) if one["IsLatest"]}
        for one in answer.get("DeleteMarkers", []):
            page.append(Entry(one["Key"], one["VersionId"], one["LastModified"], True))
            latest |= {one["VersionId"]} if one["IsLatest"] else set()
        page.sort(key=lambda one: one.modified, reverse=True)  # stable: AWS's order holds within one second
        page.sort(key=lambda one: (one.key, one.version not in latest))
        yield page


def rewind(
    client: "S3Client",
    bucket: str,
    before: datetime,
    *,
    check: bool = False,
    progress: Callable[[Rewound], None] = lambda _: None,
) -> Rewound:
    """Make every key again what it was at `before` (with its zone); with `check` only count.

    A key that AWS refuses is counted and named, the others go on. Memory does not grow with the vault.
    Raises UsageError for a moment without a zone, DureError when the vault cannot be listed.
    """
    if before.tzinfo is None:
        raise UsageError("the moment to go back to has no time zone", mend="give it as 2026-11-22T03:00+09:00")
    tally = Rewound()
    with ThreadPoolExecutor(CONCURRENT) as pool:
        under_way: dict[Future[None], Change] = {}
        for entries in by_key(_listed(client, bucket)):
            tally = replace(tally, examined=tally.examined + 1)
            change = change_for(entries, before)
            if change is not None and check:
                tally = _counted(tally, change, None)
            elif change is not None:
                under_way[pool.submit(_apply, client, bucket, change)] = change
            if len(under_way) >= WAITING:
                tally = _collect(tally, under_way)
            if tally.examined % TOLD_EVERY == 0:
                progress(tally)
        while under_way:
            tally = _collect(tally, under_way)
    progress(tally)
    return tally


def _listed(client: "S3Client", bucket: str) -> Iterator[list[Entry]]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield from pages_of(client, bucket)
    except (BotoCoreError, ClientError) as error:
        raise DureError(
            "the vault cannot be listed",
            where=bucket,
            why=str(error),
            mend="check the platform's AWS credentials, then give the same command again",
        ) from error


def _apply(client: "S3Client", bucket: str, change: Change) -> None:
    entry = change.entry
    if change.kind == "hide":
        client.delete_object(Bucket=bucket, Key=entry.key)
    elif entry.size < LARGEST_COPY:
        source = f"{quote(bucket)}/{quote(entry.key)}?versionId={entry.version}"
        client.copy_object(Bucket=bucket, Key=entry.key, CopySource=source)
    else:
        client.copy({"Bucket": bucket, "Key": entry.key, "VersionId": entry.version}, bucket, entry.key)


def _collect(tally: Rewound, under_way: dict[Future[None], Change]) -> Rewound:
    done, _ = wait(under_way, return_when=FIRST_COMPLETED)
    for one in done:
        tally = _counted(tally, under_way.pop(one), one.exception())
    return tally


def _counted(tally: Rewound, change: Change, error: BaseException | None) -> Rewound:
    if error is not None:
        named = (*tally.failed, f"{change.entry.key}: {error}")[:NAMED]
        return replace(tally, errors=tally.errors + 1, failed=named)
    if change.kind == "hide":
        return replace(tally, hidden=tally.hidden + 1)
    return replace(tally, restored=tally.restored + 1)
