"""What a person was shown, and what is remembered of a stack, stays true when others or faults come between."""

from dure.runs.context import open_context
from dure.runs.stacks.change import Listener, Options
from dure.runs.stacks.judged import Judge
from dure.runs.stacks.selection import selected
from dure.runs.stacks.up import up

from tests.contract.cloud.proxy import Faults, Refusal
from tests.contract.stacks.desk import Desk

DENIED = Refusal(403, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>", "application/xml")


def locking(method: str, path: str, body: bytes) -> bool:
    """The call that sets a bucket's lock."""
    return method == "PUT" and "object-lock" in path


def lock_days(desk: Desk) -> int:
    (bucket,) = desk.buckets()
    found = desk.client("s3").get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"]
    return int(found["Rule"]["DefaultRetention"]["Days"])


def test_what_failed_halfway_is_looked_at_again_when_the_file_is_as_it_was(desk: Desk, faults: Faults) -> None:
    assert desk("up", "alpha/main", "--yes").code == 0
    desk.local(aws_endpoint=faults.endpoint)
    faults.failing, faults.refusal = locking, DENIED
    desk.edit("customers/alpha.yaml", "backup_lock_days: 30", "backup_lock_days: 31")
    assert desk("up", "alpha/main", "--yes").code == 1

    desk.edit("customers/alpha.yaml", "backup_lock_days: 31", "backup_lock_days: 30")
    desk.local(aws_endpoint=desk.account.endpoint)
    (row,) = desk.json("list", "alpha/main")
    assert row["plan"] == "changed"
    shown = desk("preview", "alpha/main", "--changed")
    assert "as last applied" not in shown.stdout
    again = desk.json("up", "alpha/main", "--changed", "--yes")
    assert again["results"][0]["reason"] != "as last applied"
    (row,) = desk.json("list", "alpha/main")
    assert row["plan"] == "applied"


def test_what_a_rule_refused_was_never_begun_and_is_still_as_last_applied(desk: Desk) -> None:
    assert desk("up", "alpha/main", "--yes").code == 0
    desk.edit("operator.yaml", "landing_zone:", "aws: { region: us-east-1 }\nlanding_zone:")
    assert desk("up", "alpha/main", "--yes").code == 4
    desk.edit("operator.yaml", "aws: { region: us-east-1 }\n", "")
    assert "as last applied" in desk("preview", "alpha/main", "--changed").stdout


def test_what_a_colleague_applied_after_the_look_is_not_changed_unseen(desk: Desk) -> None:
    assert desk("up", "alpha/main", "--yes").code == 0
    desk.edit("customers/alpha.yaml", "backup_lock_days: 30", "backup_lock_days: 31")
    shown: list[str] = []

    def colleague_comes_first(told: str) -> bool:
        shown.append(told)
        desk.edit("customers/alpha.yaml", "backup_lock_days: 31", "backup_lock_days: 33")
        assert desk("up", "alpha/main", "--yes").code == 0
        desk.edit("customers/alpha.yaml", "backup_lock_days: 33", "backup_lock_days: 31")
        return True

    context = open_context(desk.root)
    plans = selected(context, "alpha/main", everything=False)
    listener = Listener(lambda line: None, lambda: False, colleague_comes_first)
    report = up(context, plans, Options(), listener, judge=Judge(context))
    assert "30 -> 31" in shown[0]
    assert report is not None
    assert report.exit_code == 4
    (fault,) = [one.fault for one in report.results if one.fault]
    assert fault.what == "alpha/main would not be what was shown; it was not touched"
    assert "33 -> 31" in fault.why
    assert lock_days(desk) == 33
