"""A state file that was cut off: the next up goes on from the one before it, and makes nothing twice."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from dure.cloud import moto
from dure.cloud.stack import Stack
from dure.errors import DureError
from dure.model.local import LocalSettings

from tests.contract.cloud.test_faults import assert_made_once

Spoil = Callable[[Path], None]


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def beside(file: Path, ending: str) -> Path:
    return file.with_name(file.name + ending)


def nothing_earlier(file: Path) -> None:
    cut(file)


def all_but_the_provider(file: Path) -> None:
    """The state before it is from before the first resource of AWS was made."""
    state: Any = json.loads(file.read_bytes())
    latest = state["checkpoint"]["latest"]
    latest["resources"] = [one for one in latest["resources"] if not one["type"].startswith("aws:")]
    beside(file, ".bak").write_text(json.dumps(state))
    cut(file)


def the_note(file: Path) -> None:
    """As a kill leaves it that comes between the note's first and last byte."""
    beside(file, ".attrs").write_bytes(b'{"user.cache_con')


@pytest.fixture
def stack(stack_of: Callable[..., Stack], request: pytest.FixtureRequest) -> Stack:
    return stack_of(f"cut{abs(hash(request.node.name)) % 10**8}")


def state_of(stack: Stack, place: Path) -> Path:
    return place / ".dure/pulumi/.pulumi/stacks/dure" / f"{stack.plan.stack}.json"


@pytest.mark.parametrize("spoil", [nothing_earlier, all_but_the_provider, the_note])
def test_the_next_up_goes_on_and_makes_nothing_twice(
    spoil: Spoil, stack: Stack, tmp_path: Path, account: moto.Account, settings: LocalSettings
) -> None:
    bucket = str(stack.up().outputs["bucket"])
    file = state_of(stack, tmp_path)
    spoil(file)
    left = file.read_bytes()
    stack.preview()
    assert file.read_bytes() == left, "a look changes nothing"

    done = stack.up()
    assert ("it goes on from the state before it" in done.note) == (spoil is not the_note)
    made = {one.type for one in done.changes if one.op == "create"}
    assert not made & {"aws:s3/bucket:Bucket", "aws:iam/user:User"}, "they were found"
    assert stack.preview().empty
    assert_made_once(account, settings, bucket)
    assert stack.up().note == ""


def test_one_with_nothing_before_it_is_refused_as_it_is(stack: Stack, tmp_path: Path) -> None:
    stack.up()
    file = state_of(stack, tmp_path)
    cut(file)
    cut(beside(file, ".bak"))
    left = file.read_bytes()
    with pytest.raises(DureError, match="its state file is damaged"):
        stack.up()
    assert file.read_bytes() == left
