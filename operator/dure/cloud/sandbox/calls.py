"""Which engine speaks, and the AWS calls in the region that it configured."""

import json
import threading
from pathlib import Path

import boto3
from botocore.config import Config
from pydantic import JsonValue

from dure.cloud.sandbox.handler import Calls
from dure.cloud.sandbox.properties import Properties, mapping, tags

SERVICES = ("s3", "iam", "sts")


class Connections:
    """Calls by connection: engines with different regions and tags share this process."""

    def __init__(self, endpoint: str, record: Path) -> None:
        self.endpoint = endpoint
        self._record = record
        self._calls: dict[str, Calls] = {}
        self._clients: dict[str, Calls] = {}
        self._lock = threading.Lock()

    def configure(self, peer: str, arguments: Properties, variables: dict[str, str]) -> None:
        """Keep what an engine configured; nested values come as text that holds JSON."""
        settings = {key: _from_json(value) for key, value in arguments.items()}
        region = str(settings.get("region") or variables.get("aws:config:region") or "us-east-1")
        defaults = tags(mapping(settings.get("defaultTags")).get("tags"))
        with self._lock:
            self._calls[peer] = self._make(region, defaults)

    def calls(self, peer: str) -> Calls:
        """Raises LookupError for an engine that did not configure the provider."""
        with self._lock:
            known = self._calls.get(peer)
            if known is None and len(self._calls) == 1:
                known = next(iter(self._calls.values()))  # the one engine, on a new connection
        if known is None:
            raise LookupError("the provider was not configured on this connection")
        return known

    def _make(self, region: str, default_tags: dict[str, str]) -> Calls:
        session = boto3.Session(region_name=region)
        config = Config(
            retries={"total_max_attempts": 2},
            connect_timeout=5,
            read_timeout=30,
            proxies={},
            s3={"addressing_style": "path"},
        )
        clients = {
            name: session.client(name, endpoint_url=self.endpoint, config=config)  # type: ignore[call-overload]
            for name in SERVICES
        }
        return Calls(region, clients, self._record, default_tags)


def _from_json(value: JsonValue) -> JsonValue:
    if isinstance(value, str) and value[:1] in "{[":
        parsed: JsonValue = json.loads(value)
        return parsed
    return value
