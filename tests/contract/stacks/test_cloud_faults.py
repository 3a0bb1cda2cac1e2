"""AWS and the state backend failing under `operator stacks`: one line with the mend each, and the state stays whole."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from dure.cloud import moto

from tests.contract.cloud.proxy import Faults, Refusal, calling, faulty, making_bucket
from tests.contract.command import Outcome
from tests.contract.stacks.desk import REGION, Desk, make_desk

HERE = Path(__file__).parent
AWS = yaml.safe_load((HERE / "cloud_faults.yaml").read_text())
BACKEND = yaml.safe_load((HERE / "backend_faults.yaml").read_text())
BODY = (
    "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
)


def the_line(outcome: Outcome, about: str) -> str:
    """The one line that tells the failure; AssertionError for a traceback or a second telling."""
    assert "Traceback" not in outcome.stdout + outcome.stderr
    (line,) = {one for one in (outcome.stdout + outcome.stderr).splitlines() if about in one}
    return line


def whole(desk: Desk) -> bool:
    """The state can be read, and holds a count that `list` tells."""
    json.loads(desk.state("alpha.main").read_text())
    return bool({one["state"] for one in desk.json("list", "alpha")} <= {"absent", "stands"})


@pytest.fixture(scope="module")
def struck(tmp_path_factory: pytest.TempPathFactory, account: moto.Account) -> Iterator[tuple[Desk, Faults]]:
    """A workstation whose AWS may refuse; what one test has made the next one goes on with."""
    desk = make_desk(tmp_path_factory.mktemp("struck"), account, "struck-msp")
    with faulty(account.endpoint) as faults:
        desk.local(aws_endpoint=faults.endpoint)
        yield desk, faults


@pytest.mark.parametrize("case", AWS, ids=lambda case: case["name"])
def test_what_aws_refuses_is_told_with_what_mends_it(struck: tuple[Desk, Faults], case: dict[str, Any]) -> None:
    desk, faults = struck
    faults.failing, faults.left = calling(case["at"]), case.get("times")
    faults.refusal = Refusal(case["status"], BODY.format(**case))
    done = desk("up", "alpha/main", "--yes")
    faults.failing = None
    if "mend" not in case:
        assert (done.code, faults.left) == (0, 0), done.stderr
        assert desk("preview", "alpha/main").code == 0
        return
    line = the_line(done, "alpha/main: failed: ")
    assert done.code == 1
    for words in case["says"]:
        assert words in line
    assert f"To mend: {case['mend']}" in line
    assert whole(desk)


def test_a_double_that_stops_in_the_middle_leaves_a_state_that_is_whole(tmp_path: Path) -> None:
    own = moto.start(tmp_path)
    try:
        desk = make_desk(tmp_path, own, "stopped-msp")
        with faulty(own.endpoint) as faults:
            desk.local(aws_endpoint=faults.endpoint)
            faults.holding = making_bucket
            command = [
                sys.executable,
                "-m",
                "dure.cli.main",
                "stacks",
                "up",
                "alpha/main",
                "--yes",
                "-w",
                str(desk.root),
            ]
            running = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
            assert faults.reached.wait(240)
            own.stop()
            faults.release.set()
            told = Outcome(running.wait(), *running.communicate(timeout=240))
    finally:
        own.stop()
    line = the_line(told, "alpha/main: failed: ")
    assert told.code == 1
    assert "create failed: " in line
    assert "To mend: operator lab status" in line
    assert whole(desk)


@pytest.fixture(scope="module")
def looked_at(tmp_path_factory: pytest.TempPathFactory, account: moto.Account) -> Desk:
    """A workstation on which the stack was previewed, so that it has a state."""
    desk = make_desk(tmp_path_factory.mktemp("backend"), account, "backend-msp")
    assert desk("preview", "alpha/main").code == 3
    desk.client("s3").create_bucket(Bucket="states", CreateBucketConfiguration={"LocationConstraint": REGION})
    return desk


@pytest.mark.parametrize("case", BACKEND, ids=lambda case: case["name"])
def test_a_state_backend_that_fails_is_told_by_every_command(
    looked_at: Desk, tmp_path: Path, case: dict[str, Any]
) -> None:
    desk = looked_at
    host = desk.account.endpoint.removeprefix("http://") if case["endpoint"] == "double" else case["endpoint"]
    desk.local(
        pulumi_backend=f"s3://{case['bucket']}?endpoint={host}&disableSSL=true&s3ForcePathStyle=true&region={REGION}"
    )
    if "key" in case:
        wrong = tmp_path / "credentials"
        wrong.write_text(f"[default]\naws_access_key_id = {case['key']}\naws_secret_access_key = no\n")
        desk.local(aws_credentials=str(wrong))
    try:
        for command in (("list", "alpha"), ("up", "alpha/main", "--yes"), ("unlock", "alpha/main", "--check")):
            outcome = desk(*command)
            line = the_line(outcome, "the state backend cannot be listed")
            assert outcome.code == 1
            assert case["says"] in line
            assert f"To mend: {case['mend']}" in line
            assert "RequestID" not in line
    finally:
        desk.local(pulumi_backend="", aws_credentials=str(desk.account.credentials))


def damaged(state: dict[str, Any]) -> None:
    state["checkpoint"]["latest"]["resources"] = "none"


def newer(state: dict[str, Any]) -> None:
    state["version"] = 99


def of_old(state: dict[str, Any]) -> None:
    """Before states were sealed: version 2."""
    state["version"] = 2
    state["checkpoint"]["latest"].pop("secrets_providers", None)


@pytest.mark.parametrize(
    ("spoil", "code", "says", "mend"),
    [
        (damaged, 1, "its state file is damaged", "back from alpha.main.json.bak beside it"),
        (newer, 1, "a newer version of the Pulumi CLI wrote its state file", "use that version here too"),
        (of_old, 3, "", ""),
    ],
    ids=["damaged", "newer", "older"],
)
def test_a_state_file_of_another_kind_is_told_or_read_and_never_changed_by_a_look(
    looked_at: Desk, spoil: Callable[[dict[str, Any]], None], code: int, says: str, mend: str
) -> None:
    desk, file = looked_at, looked_at.state("alpha.main")
    good = file.read_text()
    state = json.loads(good)
    spoil(state)
    file.write_text(json.dumps(state))
    try:
        seen = desk("preview", "alpha/main")
        assert seen.code == code, seen.stdout + seen.stderr
        if says:
            line = the_line(seen, "the state of stack alpha.main cannot be read")
            assert f"because {says}. To mend: " in line
            assert mend in line
            assert json.loads(file.read_text()) == state
    finally:
        file.write_text(good)
