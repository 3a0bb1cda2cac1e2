"""`operator restore` and `vault rewind` at the command line: their links in the audit log, and what they refuse."""

import json
import subprocess
from pathlib import Path

import pytest
import yaml
from dure.runs import restore
from dure.runs.restore import Restored

from tests.contract.bad_workspace import build
from tests.contract.command import operator

SITE = "alpha/main"
FOUND = Restored("/srv/shares/office/a", "/srv/shares/office/a.restored", "1f", "2026-11-24T16:30:00+00:00", 1, 9, 0.5)
SANDBOX = """\
  - id: erp
    name: ERP
    blueprint: paas-sandbox
    parameters: { expires: 2027-06-30, source: "https://github.com/test-msp/erp" }
"""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A workspace whose engineer can sign; its hub is out of reach."""
    root = build({}, tmp_path)
    (root / ".dure").mkdir()
    key = root / ".dure" / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    operator_file = root / "operator.yaml"
    text = operator_file.read_text(encoding="utf-8")
    known = yaml.safe_load(text)["engineers"][0]["ssh_keys"][0]
    operator_file.write_text(text.replace(known, key.with_suffix(".pub").read_text().strip()), encoding="utf-8")
    local = {"engineer": "kim-minsu", "ssh_key": str(key), "proxy_command": "false"}
    (root / ".dure" / "local.yaml").write_text(yaml.safe_dump(local))
    return root


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What the box was asked for; it always finds the file."""
    requests: list[bytes] = []

    def answer(route: object, request: bytes, site: str) -> Restored:
        requests.append(request)
        return FOUND

    monkeypatch.setattr(restore, "ask_box", answer)
    return requests


def log(root: Path) -> list[tuple[str, str]]:
    shown = json.loads(operator("audit", "show", "--json", "-w", root).stdout)
    return [(one["why"], one["result"]) for one in shown]


def test_a_restore_stands_in_the_log_as_begun_and_as_done(desk: Path, asked: list[bytes]) -> None:
    done = operator("restore", SITE, "office/a", "--at", "2026-11-24", "--reason", "지운 파일", "-w", desk)
    assert (done.code, done.stderr) == (0, f"the box of {SITE} fetches office/a from its vault\n")
    words = "begun: office/a as of 2026-11-24T14:59:59+00:00"
    assert log(desk) == [("지운 파일", words), ("지운 파일", "done: /srv/shares/office/a.restored")]
    verified = operator("audit", "verify", "--offline", "-w", desk)
    assert (verified.code, verified.stdout) == (0, "2 links, whole (the hub was not asked)\n")


def test_a_look_leaves_no_link(desk: Path, asked: list[bytes]) -> None:
    assert operator("restore", SITE, "office/a", "--check", "-w", desk).code == 3
    assert (len(asked), log(desk)) == (1, [])


def test_without_ssh_keygen_the_box_is_not_asked(
    desk: Path, asked: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("PATH", "/nowhere")
        refused = operator("restore", SITE, "office/a", "-w", desk)
    assert (refused.code, refused.stderr.count("\n")) == (1, 1)
    assert "nothing is touched: there is no ssh-keygen on PATH" in refused.stderr
    assert (asked, log(desk)) == ([], [])


def test_an_end_that_cannot_be_signed_is_said_beside_the_result(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(route: object, request: bytes, site: str) -> Restored:
        (desk / ".dure" / "key").unlink()
        return FOUND

    monkeypatch.setattr(restore, "ask_box", answer)
    done = operator("restore", SITE, "office/a", "-w", desk)
    assert (done.code, "restored to /srv/shares/office/a.restored" in done.stdout) == (0, True)
    assert "note: the restore has ended (done), but stands in the audit log as begun only: " in done.stderr
    verified = operator("audit", "verify", "--offline", "-w", desk)
    assert (verified.code, "1 link, whole; 1 act without an end" in verified.stdout) == (3, True)
    assert "link 1: restore alpha/main was begun by kim-minsu, and its end is not in the log" in verified.stdout


@pytest.mark.parametrize("at", ["9999-12-31", "0001-01-01T00:00+23:59", "9999-12-31T23:59-12:00"])
def test_a_time_at_the_end_of_all_years_is_no_time(at: str, desk: Path) -> None:
    refused = operator("restore", SITE, "/srv/x", "--at", at, "--check", "-w", desk)
    assert (refused.code, refused.stderr.count("\n")) == (2, 1)
    assert f'error: "{at}" is no time, because' in refused.stderr


@pytest.mark.parametrize("before", ["0001-01-01", "0001-01-01T00:00+23:59", "9999-12-31T23:59-12:00"])
def test_a_rewind_to_the_end_of_all_years_is_refused(before: str, desk: Path) -> None:
    refused = operator("vault", "rewind", SITE, "--before", before, "--check", "-w", desk)
    assert (refused.code, refused.stderr.count("\n")) == (2, 1)
    assert f'error: "{before}" is no moment in the past, because' in refused.stderr


@pytest.mark.parametrize(
    "command", [("restore", "{}", "/srv/x", "--check"), ("vault", "rewind", "{}", "--before", "2026-11-01", "--check")]
)
@pytest.mark.parametrize(
    ("site", "why"),
    [
        ("hub", "its blueprint msp-hub has no box with backups"),
        ("alpha/erp", "its blueprint paas-sandbox has no box"),
    ],
)
def test_a_site_that_will_never_have_a_vault_is_told_so(
    command: tuple[str, ...], site: str, why: str, desk: Path
) -> None:
    with (desk / "customers" / "alpha.yaml").open("a", encoding="utf-8") as file:
        file.write(SANDBOX)
    with (desk / "operator.yaml").open("a", encoding="utf-8") as file:
        file.write("landing_zone: { domain: apps.test-msp.example, repository: test-msp/workspace }\n")
    refused = operator(*(word.format(site) for word in command), "-w", desk)
    assert refused.code == 2
    assert f"{site} has no vault, because {why}" in refused.stderr
    assert "operator provision" not in refused.stderr


FORGED = "x\n   98  2026-11-25T00:00:00+00:00  lee-jiwon  provision hub: done"


def test_a_reason_that_would_forge_a_link_is_refused(desk: Path, asked: list[bytes]) -> None:
    for reason in (FORGED, "\x1b[2J", "a\u2028b", "a\u202eb", "a\udcffb"):
        refused = operator("restore", SITE, "office/a", "--reason", reason, "-w", desk)
        assert (refused.code, asked, log(desk)) == (2, [], []), reason
        assert "Traceback" not in refused.stderr


def test_what_stands_in_the_log_is_shown_on_its_own_line(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link may have come from an older version, or from another machine's error."""

    def answer(route: object, request: bytes, site: str) -> Restored:
        return Restored("/a", f"/a\x1b[2J\u202e{FORGED}", "1f", FOUND.snapshot_time, 1, 9, 0.5)

    monkeypatch.setattr(restore, "ask_box", answer)
    operator("restore", SITE, "/a\u2029b", "-w", desk)
    shown = operator("audit", "show", "-w", desk).stdout
    assert shown.count("\n") == 2
    assert r"begun: /a\u2029b as of" in shown
    assert r"done: /a\x1b[2J\u202ex\n   98  2026" in shown
    run = next(line.split()[0] for line in operator("runs", "list", "-w", desk).stdout.splitlines())
    for command in (("show", run), ("logs", run), ("list",)):
        said = operator("runs", *command, "-w", desk).stdout
        assert not {"\x1b", "\u202e", "\u2029"} & set(said)
        assert not any(line.strip().startswith("98 ") for line in said.splitlines())
    assert "\u202e" not in operator("runs", "logs", run, "--json", "-w", desk).stdout
    assert json.loads(operator("audit", "show", "--json", "-w", desk).stdout)[1]["result"].endswith(FORGED)
