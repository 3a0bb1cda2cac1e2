"""Access keys that a run made and did not live to record.

A key's secret is told only once: these are of no use to anybody, and nobody would ever take them away. They go with the
next `up`, once its preview told of them and was allowed.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pulumi import automation as auto

from dure.cloud.aws_errors import mend_in, without_request_ids
from dure.cloud.changes import name_of
from dure.cloud.preview import ResourceChange
from dure.cloud.recovery import ACCESS_KEY, USER, iam_client, recorded, resources_of
from dure.cloud.request import Request
from dure.errors import DureError


@dataclass(frozen=True, slots=True)
class LostKey:
    """`user` is its name at AWS, `urn` the user's in the state."""

    user: str
    urn: str
    key: str

    def change(self) -> ResourceChange:
        name = f"{self.key} of {name_of(self.urn)} (lost: no state knows it, and nobody its secret)"
        return ResourceChange(urn=f"{self.urn}#{self.key}", type=ACCESS_KEY, name=name, op="delete")


def lost_keys(stack: auto.Stack, request: Request) -> tuple[LostKey, ...]:
    """Keys of the stack's users that its state does not know. Raises DureError when AWS does not tell."""
    users = [one for one in resources_of(stack) if one.get("type") == USER and one.get("id")]
    known = set(recorded(stack)) if users else set()
    found = []
    for one in users:
        listed = _keys_of(request, str(one["id"]))
        found += [LostKey(str(one["id"]), str(one["urn"]), key) for key in listed if key not in known]
    return tuple(found)


def end_keys(request: Request, lost: Iterable[LostKey]) -> None:
    """Raises DureError when AWS refuses."""
    from botocore.exceptions import BotoCoreError, ClientError

    for one in lost:
        try:
            iam_client(request).delete_access_key(UserName=one.user, AccessKeyId=one.key)
        except (BotoCoreError, ClientError) as error:
            raise _refused(request, f"the lost access key {one.key} of {one.user} cannot be deleted", error) from error


def _keys_of(request: Request, user: str) -> list[str]:
    """None of a user that is gone."""
    from botocore.exceptions import BotoCoreError, ClientError

    client = iam_client(request)
    try:
        return [one["AccessKeyId"] for one in client.list_access_keys(UserName=user)["AccessKeyMetadata"]]
    except client.exceptions.NoSuchEntityException:
        return []
    except (BotoCoreError, ClientError) as error:
        raise _refused(request, f"the access keys of {user} cannot be listed", error) from error


def _refused(request: Request, what: str, error: Exception) -> DureError:
    why = without_request_ids(str(error))
    return DureError(f"{request.verb} of stack {request.stack} failed", why=f"{what}: {why}", mend=mend_in(why))
