"""The engine's wire format and plain values, and what differs between two."""

from dure.cloud.locks import holders_of
from dure.cloud.sandbox.properties import SECRET, SIGNATURE, differences, to_plain, to_struct

PLAIN = {"days": 30, "ratio": 0.5, "name": "금고", "on": True, "rules": [{"id": "a"}]}


def test_whole_numbers_come_back_whole() -> None:
    assert to_plain(to_struct(PLAIN)) == PLAIN
    assert isinstance(to_plain(to_struct(PLAIN))["days"], int)


def test_secrets_are_unwrapped_and_what_is_the_engines_own_left_out() -> None:
    wired = to_struct({"key": {SIGNATURE: SECRET, "value": "geheim"}, "__defaults": [], "none": None})
    assert to_plain(wired) == {"key": "geheim"}


def test_differences_name_the_deepest_path() -> None:
    old = {"rule": {"days": 30}, "rules": [{"id": "a", "n": 1}], "tags": {"dure:site": "x"}, "gone": 1}
    new = {"rule": {"days": 31}, "rules": [{"id": "a", "n": 2}], "tags": {"dure:site": "y"}, "made": 1}
    assert differences(old, new) == {
        "rule.days": "update",
        "rules[0].n": "update",
        'tags["dure:site"]': "update",
        "gone": "delete",
        "made": "add",
    }


def test_the_holders_of_a_lock_are_read_from_the_refusal() -> None:
    refusal = """error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or
      file:///state/.pulumi/locks/a.json: created by root@elsewhere (pid 26600) at 2026-11-22T05:18:00Z"""
    (holder,) = holders_of(refusal)
    assert (holder.user, holder.host, holder.pid, holder.at) == ("root", "elsewhere", 26600, "2026-11-22T05:18:00Z")
    assert not holder.dead, "whoever sits at another host may be alive"
