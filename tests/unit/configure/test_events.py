"""What a person sees of a run, from what ansible-runner tells."""

import pytest
from dure.configure.events import Record, difference, explanation


def event(kind: str, **data: object) -> dict[str, object]:
    return {"event": kind, "event_data": {"host": "han/ansan", "role": "ssh", "task": "Write", **data}}


def test_a_changed_task_is_told_and_remembered_with_its_difference() -> None:
    record = Record()
    result = {"changed": True, "diff": [{"before": "a\nb\n", "after": "a\nc\n", "before_header": "/etc/x"}]}
    told = record.take(event("runner_on_ok", res=result, duration=1.5))
    assert told is not None
    assert (told.state, told.seconds) == ("changed", 1.5)
    assert record.changed[0].difference == "# /etc/x\n-b\n+c"


def test_a_failure_names_host_role_task_reason_and_next_command() -> None:
    record = Record()
    record.take(event("runner_on_failed", res={"msg": "non-zero return code", "stderr": "x\nsshd: bad port\n"}))
    line = record.failed[0].error().line()
    assert line.startswith("han/ansan: `ssh: Write` failed, because non-zero return code: sshd: bad port.")
    assert "operator provision han/ansan" in line


def test_a_machine_out_of_reach_is_told_apart() -> None:
    record = Record()
    record.take(event("runner_on_unreachable", res={"msg": "Connection timed out"}))
    assert record.failed[0].unreachable
    assert "could not be reached" in record.failed[0].error().line()


def test_a_line_that_mitogen_lost_is_told_in_our_words() -> None:
    said = (
        "Task failed: Mitogen was disconnected from the remote environment while a call was in-progress. If you feel "
        "this is in error, please file a bug. Original error was: the respondent Context has disconnected"
    )
    assert explanation({"msg": said}) == "the connection was lost: the respondent Context has disconnected"


def test_of_packages_that_could_not_be_installed_the_first_is_named_with_its_reason() -> None:
    said = (
        "Setting up samba-common ...\r\n"
        "dpkg: error processing archive /var/cache/apt/archives/samba.deb (--unpack):\r\n"
        " cannot copy extracted data for './usr/sbin/smbd' to '/usr/sbin/smbd.dpkg-new': No space left on device\r\n"
        "dpkg: error processing package smbclient (--configure):\r\n dependency problems - leaving unconfigured\r\n"
    )
    late = "E: Sub-process /usr/bin/dpkg returned an error code (1)"
    shown = explanation({"msg": f"'/usr/bin/apt-get -y install samba' failed: {late}", "stdout": said, "stderr": late})
    assert shown == (
        "dpkg: error processing archive /var/cache/apt/archives/samba.deb (--unpack): "
        "cannot copy extracted data for './usr/sbin/smbd' to '/usr/sbin/smbd.dpkg-new': No space left on device"
    )


def test_an_expected_failure_is_none() -> None:
    record = Record()
    told = record.take(event("runner_on_failed", res={"msg": "no"}, ignore_errors=True))
    assert told is not None
    assert told.state == "ok"
    assert record.failed == []


def test_the_failed_item_of_a_loop_is_named() -> None:
    result = {"msg": "One or more items failed", "results": [{"failed": False}, {"failed": True, "msg": "no space"}]}
    assert explanation(result) == "One or more items failed: no space"


@pytest.mark.parametrize("shown", [explanation, difference])
def test_nothing_of_a_secret_task_is_shown(shown: object) -> None:
    assert callable(shown)
    text = shown({"censored": "hidden", "stderr": "hunter2", "diff": {"before": "", "after": "hunter2"}})
    assert "hunter2" not in text
