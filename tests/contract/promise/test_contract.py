"""The contract of a customer's file: every mistake is told at its place, in `validate` and wherever it is used."""

import re
from pathlib import Path

import pytest
import yaml

from tests.contract.promise.conftest import HERE, Bureau

CASES = sorted((HERE / "bad-contracts").glob("*.yaml"))
FILE = "customers/hansol-plastics.yaml"


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_a_mistake_is_told_with_its_place_and_mending(file: Path, bureau: Bureau) -> None:
    case = yaml.safe_load(file.read_text(encoding="utf-8"))
    bureau.edit(FILE, case["old"], case["new"])
    found = bureau.run("validate")
    told = [re.sub(r"^customers/hansol-plastics.yaml:[0-9]+:[0-9]+: ", "", line) for line in found.stdout.splitlines()]
    assert told == case["expect"]
    assert found.code == 2
    used = bureau.run("sla", "close", "2026-06", "hansol-plastics")
    assert used.code == 2
    assert all(line in used.stderr for line in found.stdout.splitlines())


def test_the_place_is_the_key_that_is_wrong(bureau: Bureau) -> None:
    bureau.edit(FILE, 'target: "99.0"', 'target: "99.999"')
    found = bureau.run("validate").stdout
    lines = (bureau.root / FILE).read_text(encoding="utf-8").splitlines()
    number, column = map(int, found.split(":")[1:3])
    assert lines[number - 1][column - 1 :] == '"99.999"'


def test_power_off_hours_and_dates_of_their_own_are_no_agreed_time(june: Bureau) -> None:
    june.edit(
        FILE,
        '    open: ["09:00-12:00", "13:00-18:00"]',
        '    open: ["09:00-18:00"]\n    power_off: ["12:00-13:00"]\n'
        '    exceptions: [{ date: 2026-06-11, open: ["11:00-18:00"], why: 창립기념일 오전 휴무 }]',
    )
    assert june.run("sla", "close", "2026-06", "hansol-plastics").code == 0
    told = june.run("sla", "explain", "hansol-plastics", "erp", "2026-06").stdout
    # 21 days of 8 hours, two of them less on the 11th; the outage from 11:00 to 12:30 counts until the power went off.
    assert "597,600  agreed service time (AST)" in told
    assert re.search(r"3,600 +of it down", told)
