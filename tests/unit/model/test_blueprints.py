"""Blueprints: those that ship are right, and a faulty one is told with its place."""

from pathlib import Path

import pytest
from dure import toolkit_path
from dure.errors import UsageError
from dure.model.blueprints import known_blueprints, load_blueprint, read_blueprint
from dure.model.validation import examine

GOOD = """\
id: small
name: 작은 것
roles:
  - { name: base }
  - { name: ssh, ports: [{ protocol: tcp, port: 22, source: lan }] }
checks:
  - { name: one, kind: ssh, vantage: lan, interval_seconds: 60 }
objectives:
  - { name: first, target: "0.99", checks: [one] }
"""


def faults(tmp_path: Path, text: str) -> list[str]:
    file = tmp_path / "blueprints" / "small" / "blueprint.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    return [problem.text() for problem in read_blueprint(tmp_path, "small")[1]]


def test_the_blueprints_that_ship_are_right() -> None:
    toolkit = toolkit_path()
    assert known_blueprints(toolkit) == ["hybrid-server", "landing-zone", "msp-hub", "paas-sandbox", "saas-tenant"]
    for name in known_blueprints(toolkit):
        assert load_blueprint(toolkit, name).id == name


def test_a_right_blueprint_has_no_faults(tmp_path: Path) -> None:
    assert faults(tmp_path, GOOD) == []


TAKES_22 = "{ name: base, ports: [{ protocol: tcp, port: 22, source: any }] }"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("{ name: base }", TAKES_22, ":5:25: port 22/tcp is wanted twice, because role base asks for it too"),
        ("checks: [one]", "checks: [on]", ':9:45: unknown check "on", because no check has that name'),
        ("{ name: base }", "{ name: ssh }", ':5:13: roles name "ssh" stands twice'),
        ("id: small", "id: tiny", ':1:5: blueprint "tiny" stands in the directory small'),
        ("vantage: lan", "vantage: moon", ':7:38: checks.0.vantage is "moon"'),
        ("kind: ssh", "knid: ssh", ':7:18: unknown key "knid"'),
    ],
)
def test_a_faulty_blueprint_is_told_with_its_place(tmp_path: Path, old: str, new: str, expected: str) -> None:
    told = faults(tmp_path, GOOD.replace(old, new, 1))
    assert [fault for fault in told if expected in fault], told


def test_validate_tells_a_faulty_blueprint_too(tmp_path: Path) -> None:
    faults(tmp_path, GOOD.replace("port: 22,", "port: 0,"))
    workspace = Path(__file__).parents[2] / "contract" / "workspace"
    problems = [problem.text() for problem in examine(workspace, tmp_path)[1]]
    assert any(problem.startswith("blueprints/small/blueprint.yaml:5:") for problem in problems)


def test_an_unknown_blueprint_is_told_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r'unknown blueprint "hybrid-srver".*write "hybrid-server"'):
        load_blueprint(toolkit_path(), "hybrid-srver")
