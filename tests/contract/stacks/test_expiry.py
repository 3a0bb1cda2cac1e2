"""A sandbox has a last day: afterwards it goes by itself, and only it does."""

from pathlib import Path

import pytest
from dure.cloud import moto

from tests.contract.command import operator
from tests.contract.stacks.desk import make_desk

SITE = """
  - id: {id}
    name: 시험 환경
    blueprint: paas-sandbox
    parameters: {{ expires: "2099-12-31", source: "https://github.com/delta/app" }}
"""
DELTA = "id: delta\nname: 시험 delta\npeople: 3\nsites:" + SITE.format(id="ended") + SITE.format(id="goes-on")


@pytest.fixture(scope="module")
def account(own_account: moto.Account) -> moto.Account:
    return own_account


def test_a_sandbox_goes_when_its_last_day_has_passed_and_nothing_else_does(
    tmp_path: Path, account: moto.Account
) -> None:
    desk = make_desk(tmp_path, account, "expiry-msp")
    for file in (desk.root / "customers").iterdir():
        file.unlink()
    (desk.root / "customers" / "delta.yaml").write_text(DELTA, encoding="utf-8")
    made = desk("up", "--all", "--yes")
    assert made.code == 0, made.stdout + made.stderr
    none = desk("expire", "--check")
    assert (none.code, none.stdout) == (0, "no sandbox has passed its last day\n")

    desk.edit("customers/delta.yaml", "2099-12-31", "2026-02-31")
    assert "customers/delta.yaml:8:28: 2026-02-31 is no day" in operator("validate", "-w", desk.root).stdout
    desk.edit("customers/delta.yaml", "2026-02-31", "2026-01-31")
    refused = desk("up", "delta/ended", "--yes")
    assert refused.code == 4
    assert (
        "customers/delta.yaml:5: the sandbox delta/ended has ended, because its last day 2026-01-31" in refused.stderr
    )

    checked = desk("expire", "--check")
    assert (checked.code, checked.stdout) == (3, "delta/ended: its last day 2026-01-31 has passed\n")
    unasked = desk("expire")
    assert unasked.code == 4, "nobody is there to be asked"
    gone = desk("expire", "--yes")
    assert gone.code == 0, gone.stderr
    assert "delta/ended: its last day 2026-01-31 has passed" in gone.stderr
    states = {one["site"]: one["state"] for one in desk.json("list")}
    assert states == {"landing-zone": "stands", "delta/ended": "absent", "delta/goes-on": "stands"}
    assert "its last day has passed" in operator("audit", "show", "-w", desk.root).stdout
    assert desk("expire", "--check").code == 0

    shown = desk("preview", "--all", "--changed")
    assert (shown.code, "delta/ended: ended on 2026-01-31\n" in shown.stdout) == (0, True), "nobody has to mend that"
    again = desk("up", "--all", "--changed", "--yes", "--max-failed", "0")
    assert (again.code, again.stdout) == (0, "3 stacks: 3 unchanged\n"), again.stderr
