"""What a resource type needs in order to be served: the protocol of a handler, and the AWS calls it is given."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from botocore.client import BaseClient
from botocore.exceptions import ClientError

from dure.cloud.aws_errors import THROTTLED
from dure.cloud.sandbox.properties import Properties

PAUSES = (0.2, 0.4, 0.8, 1.6, 3.2)
"""Seconds between the attempts of a call that AWS throttles."""


@dataclass(frozen=True)
class Calls:
    """The AWS calls of one engine, in its region, and the directory of what the double cannot hold."""

    region: str
    client: Callable[[str], BaseClient]
    """The client of a service such as `s3`."""
    record: Path
    default_tags: dict[str, str]

    def call(self, service: str, operation: str, /, **parameters: object) -> Properties:
        """Make a call such as `call("s3", "create_bucket", Bucket="…")`; raises botocore's errors.

        One that is throttled is made again, ever more slowly, as AWS asks for (AWS: "Retry behavior").
        """
        act = getattr(self.client(service), operation)
        for pause in PAUSES:
            try:
                answer: Properties = act(**parameters)
                return answer
            except ClientError as error:
                if error_code(error) not in THROTTLED:
                    raise
            time.sleep(pause)
        last: Properties = act(**parameters)
        return last

    def account(self) -> str:
        """Number of the account whose keys we hold."""
        return str(self.call("sts", "get_caller_identity")["Account"])


@dataclass(frozen=True)
class Made:
    """A resource that now exists: its id, and its outputs besides the inputs."""

    id: str
    outputs: Properties = field(default_factory=dict)


class PartlyMade(Exception):
    """The resource exists but could not be finished: it must not be lost from state."""

    def __init__(self, made: Made, cause: Exception) -> None:
        self.made = made
        super().__init__(str(cause))


class Handler(Protocol):
    """One resource type. Inputs and outputs are camelCase, as in the provider's schema."""

    @property
    def type(self) -> str: ...

    @property
    def replace_on(self) -> frozenset[str]:
        """Inputs whose change makes a new resource; `*` stands for all but the tags."""
        ...

    @property
    def named(self) -> str:
        """The input that holds its name; empty when it has none. Two of one name cannot be at once."""
        ...

    @property
    def checked(self) -> tuple[str, ...]:
        """Inputs of which a change by somebody else is noticed; for docs/cloud.md."""
        ...

    @property
    def inputs(self) -> frozenset[str]:
        """Inputs that `read` tells of a resource that is taken over; empty: all that it tells."""
        ...

    @property
    def unseen(self) -> tuple[str, ...]:
        """Inputs that are taken as written."""
        ...

    @property
    def note(self) -> str:
        """What else the double does not do."""
        ...

    def check(self, inputs: Properties, autonamed: str) -> Properties:
        """The inputs with defaults filled in; `autonamed` is a name for a resource that was given none."""
        ...

    def create(self, calls: Calls, inputs: Properties) -> Made: ...

    def read(self, calls: Calls, identity: str, inputs: Properties) -> Properties | None:
        """All outputs as they are now, inputs among them; None when it is gone."""
        ...

    def update(self, calls: Calls, identity: str, olds: Properties, news: Properties) -> Properties: ...

    def delete(self, calls: Calls, identity: str, outputs: Properties) -> None:
        """Safe to repeat: what is gone is deleted."""
        ...


def error_code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def unless_gone(call: Callable[[], object], *codes: str) -> bool:
    """Make the call; False when the answer is one of these codes for a thing that is not there."""
    try:
        call()
    except ClientError as error:
        if error_code(error) in codes:
            return False
        raise
    return True
