"""What goes wrong under a stack: the double failing, the operator killed, two at once."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from dure.cloud import moto, vault
from dure.cloud.preview import Preview
from dure.cloud.stack import Stack
from dure.cloud.vault import platform_session
from dure.errors import Cancelled, DureError, Refused
from dure.model.local import LocalSettings

from tests.contract.cloud.conftest import PASSPHRASE, REGION, cloud_plan
from tests.contract.cloud.proxy import Faults, calling, faulty, making_bucket
from tests.poll import until


@pytest.fixture
def faults(account: moto.Account) -> Iterator[Faults]:
    with faulty(account.endpoint) as proxy:
        yield proxy


@pytest.fixture
def stack(request: pytest.FixtureRequest, tmp_path: Path, settings: LocalSettings, faults: Faults) -> Stack:
    """A stack behind the faulty proxy; its site is named after the test."""
    site = f"f{abs(hash(request.node.name)) % 10**8}"
    return Stack(cloud_plan(site), tmp_path, settings.model_copy(update={"aws_endpoint": faults.endpoint}), PASSPHRASE)


def children(parent: int, module: str) -> list[int]:
    """Processes of a module that this one started."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if int(fields[1]) == parent and fields[0] != "Z" and module.encode() in words:
            found.append(int(entry.name))
    return found


def workers(starter: int) -> list[int]:
    """The processes that work on its stacks: copies of the template that it started."""
    templates = children(starter, "dure.cloud.template")
    return [worker for template in templates for worker in children(template, "dure.cloud.template")]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def in_background(work: Callable[[], object]) -> tuple[threading.Thread, list[BaseException]]:
    raised: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except DureError as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, raised


def assert_made_once(account: moto.Account, settings: LocalSettings, bucket: str) -> None:
    """One bucket, one user of the same name, one key: nothing was made twice."""
    s3: Any = vault.platform_client(settings, REGION)
    iam: Any = platform_session(settings, REGION).client("iam", endpoint_url=account.endpoint)
    assert [one["Name"] for one in s3.list_buckets()["Buckets"]].count(bucket) == 1
    assert len(iam.list_access_keys(UserName=bucket)["AccessKeyMetadata"]) == 1


def test_an_aws_that_fails_is_told_with_resource_and_mend(stack: Stack, faults: Faults) -> None:
    faults.failing = calling("CreateUser")
    with pytest.raises(DureError) as failed:
        stack.up()
    line = failed.value.line()
    assert "aws:iam/user:User vault-box: create failed" in line
    assert "answered CreateUser with HTTP 500" in line
    assert "operator lab status" in failed.value.mend

    faults.failing = None
    assert stack.up().changes, "the next one heals it"
    assert stack.preview().empty


def test_what_is_refused_at_its_preview_is_not_begun(stack: Stack, faults: Faults) -> None:
    shown: list[Preview] = []

    def refuse(seen: Preview) -> None:
        shown.append(seen)
        raise Refused("a rule forbids it")

    with pytest.raises(Refused, match="a rule forbids it"):
        stack.up(approve=refuse)
    assert {"aws:s3/bucket:Bucket", "aws:iam/user:User"} <= {one.type for one in shown[0].changes}
    assert not [one for one in faults.seen if making_bucket(*one.split(" ", 1), b"")]

    done = stack.up(approve=shown.append)
    assert {one.urn for one in shown[1].changes} == {one.urn for one in shown[0].changes}
    assert {one.urn for one in done.changes} == {one.urn for one in shown[1].changes}
    assert done.outputs["secret_access_key"] == "[secret]"
    assert done.outputs["bucket"] == stack.outputs()["bucket"]


@pytest.mark.long
def test_a_bucket_that_could_not_be_finished_is_not_lost(stack: Stack, faults: Faults) -> None:
    faults.failing = lambda method, path, body: method == "PUT" and "tagging" in path
    with pytest.raises(DureError, match="PutBucketTagging with HTTP 500"):
        stack.up()
    faults.failing = None
    mended = stack.up()
    assert [one.op for one in mended.changes if one.type == "aws:s3/bucket:Bucket"] == ["update"]
    creations = [one for one in faults.seen if making_bucket(*one.split(" ", 1), b"")]
    assert len(creations) == 1


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(making_bucket, id="the-bucket", marks=pytest.mark.long),
        pytest.param(calling("CreateUser"), id="the-user", marks=pytest.mark.long),
        pytest.param(calling("CreateAccessKey"), id="the-key"),
    ],
)
def test_killed_while_it_makes(
    moment: Callable[[str, str, bytes], bool],
    stack: Stack,
    faults: Faults,
    account: moto.Account,
    settings: LocalSettings,
) -> None:
    """AWS has made it, nobody recorded it, the lock stays behind: the next up finds it and makes nothing twice."""
    faults.holding = moment
    thread, raised = in_background(stack.up)
    assert faults.reached.wait(60)
    (worker,) = workers(os.getpid())
    os.killpg(worker, signal.SIGKILL)
    thread.join(30)
    assert "its process was killed" in str(raised[0])
    faults.holding = None
    faults.release.set()

    done = stack.up()
    assert stack.preview().empty
    assert_made_once(account, settings, str(done.outputs["bucket"]))


@pytest.mark.long
def test_frozen_while_it_makes_it_is_ended_and_the_next_up_goes_on(
    stack: Stack, faults: Faults, account: moto.Account, settings: LocalSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dure.cloud.stack.BEAT", 0.5)
    monkeypatch.setattr("dure.cloud.conversation.SILENCE", 6.0)
    faults.holding = making_bucket
    thread, raised = in_background(stack.up)
    assert faults.reached.wait(60)
    (worker,) = workers(os.getpid())
    os.killpg(worker, signal.SIGSTOP)
    thread.join(60)
    assert "was frozen" in str(raised[0])
    assert not alive(worker)
    faults.holding = None
    faults.release.set()

    done = stack.up()
    assert stack.preview().empty
    assert_made_once(account, settings, str(done.outputs["bucket"]))


STARTER = """
import sys
from pathlib import Path
from dure.cloud.preview import Preview
from dure.cloud.stack import Stack
from dure.cloud.vault import platform_session
from dure.model.local import LocalSettings
from tests.contract.cloud.conftest import PASSPHRASE, cloud_plan
endpoint, credentials, site, workspace = sys.argv[1:]
settings = LocalSettings(aws_endpoint=endpoint, aws_credentials=Path(credentials))
Stack(cloud_plan(site), Path(workspace), settings, PASSPHRASE).up()
"""


def test_a_killed_operator_leaves_an_engine_that_stops_in_order(
    tmp_path: Path, faults: Faults, account: moto.Account, settings: LocalSettings
) -> None:
    faults.holding = making_bucket
    arguments = [faults.endpoint, str(account.credentials), "orphan", str(tmp_path)]
    operator = subprocess.Popen([sys.executable, "-c", STARTER, *arguments])
    assert faults.reached.wait(60)
    (worker,) = workers(operator.pid)
    (sandbox,) = children(operator.pid, "dure.cloud.sandbox")
    (template,) = children(operator.pid, "dure.cloud.template")
    operator.kill()
    operator.wait()
    until(lambda: not alive(template), 30)
    faults.holding = None
    faults.release.set()
    until(lambda: not alive(worker) and not alive(sandbox), 30)

    again = Stack(cloud_plan("orphan"), tmp_path, settings, PASSPHRASE)
    done = again.up()
    assert again.preview().empty
    assert_made_once(account, settings, str(done.outputs["bucket"]))


def test_a_key_that_no_state_knows_is_shown_and_ends_once_the_next_up_is_allowed(
    stack: Stack, account: moto.Account, settings: LocalSettings
) -> None:
    """Its making was lost: nobody has its secret, and nobody would ever take it away."""
    stack.up()
    user = str(stack.outputs()["bucket"])
    iam: Any = platform_session(settings, REGION).client("iam", endpoint_url=account.endpoint)

    def keys() -> set[str]:
        return {one["AccessKeyId"] for one in iam.list_access_keys(UserName=user)["AccessKeyMetadata"]}

    own = stack.outputs()["access_key_id"]
    lost = iam.create_access_key(UserName=user)["AccessKey"]["AccessKeyId"]
    (shown,) = stack.preview().changes
    assert (shown.op, shown.type) == ("delete", "aws:iam/accessKey:AccessKey")
    assert shown.name.startswith(f"{lost} of vault-box (lost: ")

    asked: list[Preview] = []

    def refuse(seen: Preview) -> None:
        asked.append(seen)
        raise Refused("a rule forbids it")

    with pytest.raises(Refused, match="a rule forbids it"):
        stack.up(approve=refuse)
    assert asked[0].changes == (shown,)
    assert keys() == {own, lost}, "a refused one touches nothing"

    assert stack.up(approve=asked.append).changes == (shown,)
    assert keys() == {own}
    assert stack.preview().empty


@pytest.mark.long
def test_cancel_ends_what_was_begun_and_starts_nothing_new(stack: Stack, faults: Faults) -> None:
    faults.holding = making_bucket
    wanted, told = threading.Event(), list[str]()
    thread, raised = in_background(lambda: stack.up(lambda one: told.append(one.text), wanted.is_set))
    assert faults.reached.wait(60)
    wanted.set()
    until(lambda: any("nothing new is started" in one for one in told), 5)
    faults.holding = None
    faults.release.set()
    thread.join(30)
    assert isinstance(raised[0], Cancelled)
    assert not [one for one in faults.seen if "versioning" in one], "nothing after the bucket was begun"
    assert stack.up().changes
    assert stack.preview().empty


@pytest.mark.parametrize("verb", ["up", "destroy", "refresh"])
def test_a_cancel_in_the_first_moment_begins_nothing(verb: str, stack: Stack, faults: Faults) -> None:
    with pytest.raises(Cancelled, match=f"{verb} of stack"):
        getattr(stack, verb)(cancel=lambda: True)
    assert not [one for one in faults.seen if making_bucket(*one.split(" ", 1), b"")]


def test_a_cancel_while_it_is_judged_begins_nothing(stack: Stack, faults: Faults) -> None:
    wanted = threading.Event()
    with pytest.raises(Cancelled, match="was stopped"):
        stack.up(cancel=wanted.is_set, approve=lambda _: wanted.set())
    assert not [one for one in faults.seen if making_bucket(*one.split(" ", 1), b"")]


@pytest.mark.long
def test_a_live_holder_is_named(stack: Stack, faults: Faults, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dure.cloud.stack.LOCK_SECONDS", 1.0)
    faults.holding = making_bucket
    thread, raised = in_background(stack.up)
    assert faults.reached.wait(60)
    with pytest.raises(Refused, match=r"is being changed.* holds its lock") as refused:
        stack.up()
    (worker,) = workers(os.getpid())
    assert "(pid " in refused.value.why
    assert alive(worker), "the first goes on"
    faults.release.set()
    thread.join(60)
    assert not raised
