"""After a killed `up`: what was begun and never recorded is found again, so that nothing is made twice.

The engine notes every creation before it asks the provider for it. What such a note speaks of either exists, then
it is taken into the state, or it does not, then the note goes. Nothing at AWS is changed by it. An access key's secret
is told only once: it is made anew, and what became of the first is for `lost_keys`.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from pulumi import automation as auto
from pulumi.automation import StepEventStateMetadata
from pydantic import JsonValue

from dure.cloud.changes import UNKNOWN
from dure.cloud.cut_off import looked_for, to_look_for
from dure.cloud.finding import Finder
from dure.cloud.project import damaged
from dure.cloud.request import Request
from dure.cloud.states import state_file

if TYPE_CHECKING:
    from botocore.config import Config
    from mypy_boto3_iam.client import IAMClient
    from mypy_boto3_s3.client import S3Client

State: TypeAlias = dict[str, JsonValue]
CREATING = "creating"
ROUNDS = 5
"""A network, what lies in it, and so on: no program is deeper."""
USER, ACCESS_KEY = "aws:iam/user:User", "aws:iam/accessKey:AccessKey"


def protected(stack: auto.Stack) -> list[str]:
    """URNs of the resources that the stack protects."""
    return [str(one["urn"]) for one in _maps(_deployment(stack), "resources") if one.get("protect")]


def recorded(stack: auto.Stack) -> list[str]:
    """Ids and ARNs of all resources that the state knows, sorted; an attached policy as `holder/ARN`.

    Providers of different ages give an attachment ids of different forms.
    """
    found: set[str] = set()
    for one in _maps(_deployment(stack), "resources"):
        outputs = one.get("outputs")
        told = outputs if isinstance(outputs, dict) else {}
        found |= {str(value) for value in (one.get("id"), told.get("arn")) if value}
        if holder := told.get("role") or told.get("user"):
            found |= {f"{holder}/{told['policyArn']}"} if told.get("policyArn") else set()
    return sorted(found)


def managed(stack: auto.Stack) -> int:
    """How many resources of the cloud the state knows; components and the engine's own are none."""
    resources = _maps(_deployment(stack), "resources")
    return sum(bool(one.get("custom")) and not str(one.get("type", "")).startswith("pulumi:") for one in resources)


def settle(stack: auto.Stack, request: Request) -> None:
    """Bring the state in line with what a killed operation left."""
    if _maps(_deployment(stack), "pending_operations"):
        _find_pending(stack, request)
    if to_look_for(stack.name):
        _find_unrecorded(stack, request)
        looked_for(stack.name)


def _find_unrecorded(stack: auto.Stack, request: Request) -> None:
    """What the program wants, the restored state does not have, and the cloud has: round by round, since what lies in
    a network is found by the network's id."""
    for _ in range(ROUNDS):
        planned: list[State] = []

        def take(event: auto.EngineEvent, planned: list[State] = planned) -> None:
            step = event.resource_pre_event.metadata if event.resource_pre_event else None
            if step is not None and step.op.value == "create" and step.new is not None and step.new.custom:
                planned.append(_as_stored(step.new))

        stack.preview(on_event=take)
        exported = _exported(stack)
        deployment = exported["deployment"]
        known = {one.get("urn") for one in _maps(deployment, "resources")} if isinstance(deployment, dict) else set()
        notes = [one for one in planned if one.get("parent") in known and UNKNOWN not in str(one.get("provider"))]
        if not isinstance(deployment, dict) or not notes:
            return
        deployment["pending_operations"] = [{"type": CREATING, "resource": one} for one in notes]
        if not _take_in(stack, request, exported):
            return


def _as_stored(new: StepEventStateMetadata) -> State:
    """A resource that the engine means to create, as its state would have it."""
    inputs = {key: value for key, value in (new.inputs or {}).items() if key != "__defaults"}
    return {
        "urn": new.urn,
        "custom": True,
        "type": new.type,
        "inputs": inputs,
        "parent": new.parent,
        "provider": new.provider,
        "protect": bool(new.protect),
    }


def resources_of(stack: auto.Stack) -> list[State]:
    """All that the state holds, as the engine writes it."""
    return _maps(_deployment(stack), "resources")


def _find_pending(stack: auto.Stack, request: Request) -> None:
    _take_in(stack, request, _exported(stack))


def _take_in(stack: auto.Stack, request: Request, exported: State) -> bool:
    """Pending creations that the cloud has become resources, the others go. Whether any did."""
    deployment = exported["deployment"]
    if not isinstance(deployment, dict):
        return False
    resources = _maps(deployment, "resources")
    known_ids = {str(one.get("id")) for one in resources}
    finder = Finder(request, set(recorded(stack)))
    found: list[State] = []
    for operation in _maps(deployment, "pending_operations"):
        resource = operation.get("resource")
        if operation.get("type") != CREATING or not isinstance(resource, dict):
            continue
        kind = str(resource.get("type"))
        look = LOOKS.get(kind)
        identity = look(request, _inputs(resource), known_ids) if look else finder.find(kind, _inputs(resource))
        if identity:
            found.append({**resource, "id": identity, "outputs": _inputs(resource)})
    known = {one.get("urn") for one in resources}
    deployment["resources"] = [*resources, *(one for one in found if one["urn"] not in known)]
    deployment["pending_operations"] = []
    _import(stack, exported)
    if found:
        stack.refresh(target=[str(one["urn"]) for one in found], show_secrets=False)
    return bool(found)


def find_bucket(request: Request, inputs: State, recorded: set[str]) -> str:
    """The bucket's name when it exists and is ours; the name carries our account's digest."""
    client = _s3(request)
    name = str(inputs["bucket"])
    return name if _exists(lambda: client.head_bucket(Bucket=name)) else ""


def find_user(request: Request, inputs: State, recorded: set[str]) -> str:
    client = iam_client(request)
    name = str(inputs["name"])
    return name if _exists(lambda: client.get_user(UserName=name)) else ""


def find_nothing(request: Request, inputs: State, recorded: set[str]) -> str:
    """A key that is found is of no use: its secret is lost."""
    return ""


Look: TypeAlias = Callable[[Request, State, set[str]], str]
LOOKS: dict[str, Look] = {
    "aws:s3/bucket:Bucket": find_bucket,
    USER: find_user,
    ACCESS_KEY: find_nothing,
}
"""Types that are looked for in a way of their own; the others by Finder. What it does not find is simply made again."""


def _exists(call: Callable[[], object]) -> bool:
    from botocore.exceptions import ClientError

    try:
        call()
    except ClientError as error:
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 404:
            return False
        raise
    return True


def _s3(request: Request) -> "S3Client":
    import boto3

    return boto3.client("s3", region_name=request.region, endpoint_url=request.endpoint or None, config=_patience())


def iam_client(request: Request) -> "IAMClient":
    """The provider's account, as the request names it."""
    import boto3

    return boto3.client("iam", region_name=request.region, endpoint_url=request.endpoint or None, config=_patience())


def _patience() -> "Config":
    from botocore.config import Config

    return Config(retries={"total_max_attempts": 3}, connect_timeout=5, read_timeout=30)


def _maps(value: State, key: str) -> list[State]:
    inner = value.get(key)
    return [one for one in inner if isinstance(one, dict)] if isinstance(inner, list) else []


def _inputs(resource: State) -> State:
    inputs = resource.get("inputs")
    return inputs if isinstance(inputs, dict) else {}


def _deployment(stack: auto.Stack) -> State:
    """The state as it is stored; a file backend's is read from its file, which spares a start of the engine."""
    file = state_file(stack.name)
    if file is not None and file.exists():
        try:
            latest = json.loads(file.read_bytes())["checkpoint"].get("latest")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise damaged(stack.name) from error
    else:
        latest = _exported(stack).get("deployment")
    return latest if isinstance(latest, dict) else {}


def _exported(stack: auto.Stack) -> State:
    """With its secrets sealed, unlike the Automation API's own export."""
    arguments = ["stack", "export", "--stack", stack.name]
    exported: State = json.loads(stack.workspace.pulumi_command.run(arguments, _directory(stack), {}).stdout)
    return exported


def _import(stack: auto.Stack, exported: State) -> None:
    file = Path(_directory(stack), "settled.json")
    file.write_text(json.dumps(exported), encoding="utf-8")
    arguments = ["stack", "import", "--force", "--file", str(file), "--stack", stack.name]
    try:
        stack.workspace.pulumi_command.run(arguments, _directory(stack), {})
    finally:
        file.unlink()


def _directory(stack: auto.Stack) -> str:
    directory: str = stack.workspace.work_dir
    return directory
