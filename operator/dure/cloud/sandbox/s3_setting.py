"""A bucket's settings that Pulumi models as resources of their own: their id is the bucket's name."""

from collections.abc import Callable
from dataclasses import dataclass

from botocore.exceptions import ClientError

from dure.cloud.sandbox.handler import Calls, Made, error_code, unless_gone
from dure.cloud.sandbox.properties import Properties, text

GONE = ("NoSuchBucket", "404")


def nothing(calls: Calls, bucket: str) -> object:
    """For a setting that AWS cannot take back: it ends with the bucket."""
    return None


@dataclass(frozen=True)
class BucketSetting:
    """`put` writes the inputs, `get` gives them back as inputs, `remove` takes the setting off."""

    type: str
    put: Callable[[Calls, str, Properties], object]
    get: Callable[[Calls, str], Properties]
    remove: Callable[[Calls, str], object] = nothing
    absent: tuple[str, ...] = ()
    """Error codes with which AWS says that the bucket has no such setting."""
    replace_on: frozenset[str] = frozenset({"bucket", "region"})
    named: str = ""
    unseen: tuple[str, ...] = ()
    inputs: frozenset[str] = frozenset()
    note: str = ""

    @property
    def checked(self) -> tuple[str, ...]:
        return ("all of it",)

    def check(self, inputs: Properties, autonamed: str) -> Properties:
        return inputs

    def create(self, calls: Calls, inputs: Properties) -> Made:
        bucket = text(inputs, "bucket")
        self.put(calls, bucket, inputs)
        return Made(bucket, {"region": calls.region})

    def read(self, calls: Calls, identity: str, inputs: Properties) -> Properties | None:
        try:
            found = self.get(calls, identity)
        except ClientError as error:
            if error_code(error) in (*GONE, *self.absent):
                return None
            raise
        return {**inputs, "bucket": identity, "region": calls.region, **found} if found else None

    def update(self, calls: Calls, identity: str, olds: Properties, news: Properties) -> Properties:
        self.put(calls, identity, news)
        return {"region": calls.region}

    def delete(self, calls: Calls, identity: str, outputs: Properties) -> None:
        unless_gone(lambda: self.remove(calls, identity), *GONE, *self.absent)
