"""What an import or a signature changes stands in the audit log before it is done: no kill leaves it without a link."""

import json
from unittest import mock

import pytest
from dure.runs.promise import exclusions
from dure.runs.promise.intake import command as spans
from dure.runs.promise.records import command as records

from tests.contract.promise.conftest import Bureau
from tests.contract.promise.test_records import example

KT = ("--from", "2026-06-20T00:00", "--to", "2026-06-20T01:00", "--evidence", "KT notice", "--reason", "KT 장애")


def links(bureau: Bureau) -> list[tuple[str, str]]:
    shown = json.loads(bureau.run("audit", "show", "--json").stdout)
    return [(one["what"], one["result"].split(",")[0]) for one in shown]


@pytest.mark.parametrize(
    ("module", "command", "file"),
    [(spans, ("sla", "import"), "june-spans.csv"), (records, ("import", "tickets"), "tickets.csv")],
)
def test_an_import_is_begun_before_it_writes(
    bureau: Bureau, module: object, command: tuple[str, ...], file: str
) -> None:
    place = bureau.data / file if command[0] == "sla" else example(bureau, file)
    what, seen = " ".join(command), list[list[tuple[str, str]]]()

    def broken(*_: object, **__: object) -> None:
        seen.append(links(bureau))
        raise OSError("the power went")

    with mock.patch.object(module, "load", broken):
        assert bureau.run(*command, place).code != 0
    [[before]] = seen
    assert before[0] == what
    assert before[1].startswith("begun: ")
    assert links(bureau)[-1] == (what, "failed: broken off by OSError")
    assert bureau.run(*command, place).code == 0
    assert len(links(bureau)) == 4
    assert bureau.run("audit", "verify", "--offline").code == 0


@pytest.mark.parametrize("command", [("sla", "import"), ("import", "tickets")])
def test_what_cannot_be_signed_is_not_taken_in(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    place = bureau.data / "june-spans.csv" if command[0] == "sla" else example(bureau, "tickets.csv")
    with monkeypatch.context() as patch:
        patch.setenv("PATH", "/nowhere")
        told = bureau.run(*command, place)
    assert (told.code, "nothing is touched: there is no ssh-keygen on PATH" in told.stderr) == (1, True), told.stderr
    assert bureau.run(*command, place, "--check").code == 3, "all of it is still new"


def test_a_look_and_a_bad_file_leave_no_link(bureau: Bureau) -> None:
    assert bureau.run("sla", "import", bureau.data / "june-spans.csv", "--check").code == 3
    bad = bureau.root.parent / "bad.csv"
    bad.write_text("customer,check,from,to,state\nhansol-plastics,db,now,then,DOWN\n", encoding="utf-8")
    assert bureau.run("sla", "import", bad).code == 2
    assert links(bureau) == []


def test_a_signature_is_linked_before_its_file_is_written(june: Bureau) -> None:
    assert june.run("exclude", "add", "hansol-plastics", *KT, "--name", "kt").code == 0
    with mock.patch.object(exclusions, "write_agreement", side_effect=OSError("the power went")):
        assert june.run("exclude", "approve", "hansol-plastics", "2026-06-20-kt").code != 0
    assert links(june)[-1] == ("exclude approve", "2026-06-20-kt: signed by kim-minsu")
    assert "[waits for approval]" in june.run("exclude", "list", "hansol-plastics").stdout
    assert june.run("exclude", "approve", "hansol-plastics", "2026-06-20-kt").code == 0
