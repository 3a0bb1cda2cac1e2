"""What engineers write for reports, and how each mistake is told: file, line, why and how to mend it."""

from pathlib import Path

import pytest
from dure.model.problem import WorkspaceInvalid
from dure.model.report_notes import load_report_notes
from dure.model.report_style import load_report_style

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
STYLES = [
    ('accent: "#ffee00"', "reports/style.yaml:1:9: #ffee00 is too pale, because on white its contrast is 1.2"),
    ("accent: blue", '"blue" is not a colour'),
    ("logo: ../secret.png", '"../secret.png" cannot be the logo'),
    ("logo: none.png", "reports/style.yaml:1:7: the logo reports/none.png is not there"),
    (
        "logo: fake.png",
        "reports/fake.png is no picture of its name, because its first bytes are not those of image/png",
    ),
    ("logo: big.png", "reports/big.png is not there, because at most 204,800 are read"),
    ("accnt: x", 'unknown key "accnt", because nothing reads it. To mend: write "accent"'),
    ('closing: { ko: "" }', "closing.ko"),
]
DECISION = "{what: 가, why: 나, price: 1, due: 2026-11-01}"
NOTES = [
    (
        f"decisions: [{', '.join([DECISION] * 4)}]",
        "there are 4 decisions, because page one has room for 3. To mend: leave",
    ),
    ("decisions: [{what: 가, why: 나, price: -1, due: 2026-11-01}]", "decisions.0.price"),
    ("decisions: [{what: 가, why: 나, price: 1.5, due: 2026-11-01}]", "a whole number belongs here"),
    ("decisions: [{what: 가, why: 나, price: 1, due: 2026-11-31}]", '"2026-11-31" is not a date'),
    ("visit: {at: 2026-11-17, purpose: 점검}", '"2026-11-17" is not a time'),
    ('visit: {at: "2026-11-17 14:00+09:00", purpose: 점검}', "without an offset"),
    ("patch: {hosts: 3, in_time: 4}", "reports/gaon-machinery/2026-10.yaml:1:28: 4 machines were patched"),
    ("backup: {planned: 3, succeeded: 4}", "4 backups succeeded, because only 3 were planned"),
    ("usage: [{service: 메일, entitled: 3, active: 9}]", "9 people used it, because only 3 may use it"),
    (
        "changes: [{indicator: uptime, step: watch, effective: 2026-11-01, reason: 가, approved_by: [a, b]}]",
        '"uptime" is no indicator',
    ),
    (
        "changes: [{indicator: backup, step: watch, effective: 2026-11-01, reason: 가, approved_by: [a]}]",
        "changes.0.approved_by",
    ),
    ("recommendation: []", 'To mend: write "recommendations"'),
    ("prevented: [{what: " + "가" * 700 + "}]", "the text is too long"),
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "reports" / "gaon-machinery").mkdir(parents=True)
    (tmp_path / "reports" / "fake.png").write_bytes(b"GIF89a")
    (tmp_path / "reports" / "big.png").write_bytes(PNG + b"\0" * 300_000)
    return tmp_path


@pytest.mark.parametrize(("content", "told"), STYLES)
def test_a_wrong_style_is_told(root: Path, content: str, told: str) -> None:
    (root / "reports" / "style.yaml").write_text(content + "\n", encoding="utf-8")
    with pytest.raises(WorkspaceInvalid) as caught:
        load_report_style(root)
    assert told in caught.value.line()
    assert ". To mend: " in caught.value.line()


@pytest.mark.parametrize(("content", "told"), NOTES)
def test_wrong_notes_are_told(root: Path, content: str, told: str) -> None:
    (root / "reports" / "gaon-machinery" / "2026-10.yaml").write_text(content + "\n", encoding="utf-8")
    with pytest.raises(WorkspaceInvalid) as caught:
        load_report_notes(root, "gaon-machinery", "2026-10")
    assert told in caught.value.line()
    assert "reports/gaon-machinery/2026-10.yaml:1:" in caught.value.line()


def test_four_decisions_do_not_fit(root: Path) -> None:
    one = "\n  - {what: 가, why: 나, price: 1, due: 2026-11-01}"
    (root / "reports" / "gaon-machinery" / "2026-10.yaml").write_text(f"decisions:{one * 4}\n", encoding="utf-8")
    with pytest.raises(WorkspaceInvalid, match=r"2026-10\.yaml:2:"):
        load_report_notes(root, "gaon-machinery", "2026-10")


def test_without_files_there_is_a_plain_style_and_nothing_to_add(tmp_path: Path) -> None:
    assert load_report_style(tmp_path).logo == ""
    assert load_report_notes(tmp_path, "gaon-machinery", "2026-10").decisions == []


def test_a_logo_travels_inside_the_page(root: Path) -> None:
    (root / "reports" / "logo.png").write_bytes(PNG)
    (root / "reports" / "style.yaml").write_text("logo: logo.png\n", encoding="utf-8")
    assert load_report_style(root).logo.startswith("data:image/png;base64,iVBORw0KGgo")
