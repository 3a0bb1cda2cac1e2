"""Engineers' commands speak English, and Korean when asked; a customer's report is in the customer's language."""

import inspect
import re
import string
from pathlib import Path

import pytest
import typer
from dure.cli import exclude, imports, sla, window
from dure.cli.common import Tongue
from dure.text.commands import SAYINGS, say

from tests.contract.promise.conftest import Bureau

HANGUL = re.compile("[가-힣]")
HOUR = ("--from", "2026-06-29T10:00", "--to", "2026-06-29T11:00")
WINDOW = "2026-06-29-maintenance"
LINES = [
    (("sla", "close", "2026-06"), "3 services closed, 0 were closed already", "서비스 3개를 마감했습니다"),
    (("sla", "close", "2026-06", "mirae-bakery"), "1 service closed", "서비스 1개를 마감했습니다"),
    (("sla", "status"), "budget left", "남은 예산"),
    (("sla", "review", "--quarter", "2026-Q1"), "0 closed months looked at", "마감한 달 0개로 살펴보았습니다"),
    (("sla", "samples", "--prune"), "0 samples of 0 days are packed", "0일의 표본 0개를 묶었고"),
    (("window", "list"), "no windows", "정기점검이 없습니다"),
    (("exclude", "list"), "no exclusions", "제외가 없습니다"),
    (("window", "add", "hansol-plastics", *HOUR, "--reason", "fans"), "next: operator window", "다음: operator window"),
]


SPOKEN = [(arguments, language, told) for arguments, *both in LINES for language, told in zip("ek", both, strict=True)]


@pytest.mark.parametrize(("arguments", "language", "told"), SPOKEN, ids=lambda one: " ".join(one[:2]))
def test_a_command_speaks_english_and_korean_when_asked(
    june: Bureau, arguments: tuple[str, ...], language: str, told: str
) -> None:
    outcome = june.run(*arguments, *(("--language", "ko") if language == "k" else ()))
    assert told in outcome.stdout, outcome.stderr
    assert bool(HANGUL.search(outcome.stdout)) is (language == "k")


def test_what_is_signed_and_taken_in_is_told_in_korean_too(june: Bureau, tmp_path: Path) -> None:
    june.clock("2026-06-28T10:00")
    june.run("window", "add", "hansol-plastics", *HOUR, "--reason", "fans")
    signed = june.run("window", "approve", "hansol-plastics", WINDOW, "--language", "ko")
    assert signed.stdout == f"{WINDOW}에 서명한 사람: kim-minsu\n"
    assert june.run("window", "cancel", "hansol-plastics", WINDOW, "--language", "ko").stdout.startswith("취소했습니다")
    june.clock("2026-07-03T10:00")
    spans = june.run("sla", "import", june.data / "june-spans.csv", "--language", "ko")
    assert spans.stdout.endswith("새 구간 0개\n"), spans.stderr
    file = tmp_path / "usage.csv"
    file.write_text("customer,service,month,entitled,acted\nhansol-plastics,erp,2026-05,20,9\n", encoding="utf-8")
    assert june.run("import", "usage", file, "--language", "ko").stdout == "활용 1행: 새것 1개, 바뀐 것 0개\n"
    assert june.run("import", "usage", file).stdout == "1 row of usage: 0 are new, 0 are changed\n"


@pytest.mark.parametrize("group", [sla.app, window.app, exclude.app, imports.app], ids=lambda one: str(one.info.help))
def test_every_command_of_service_levels_has_the_one_option_with_the_one_default(group: typer.Typer) -> None:
    for one in group.registered_commands:
        assert one.callback is not None
        default = inspect.signature(one.callback).parameters["language"].default
        assert default is Tongue.EN, one.callback


def names_in(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_both_languages_have_the_same_to_fill_in() -> None:
    for key, (korean, english) in SAYINGS.items():
        assert names_in(korean) == names_in(english) or key == "case-closed", key
        assert HANGUL.search(korean) or "{" in korean, key


def test_one_is_written_without_an_s() -> None:
    assert say("closed", "en", month="2026-06", frozen=1, already=1, refused=1) == (
        "2026-06: 1 service closed, 1 was closed already, 1 customer refused"
    )
    assert say("corrections", "en", count=1).startswith("1 closed month concerns them")
    assert say("corrections", "en", count=1200).startswith("1,200 closed months concern them")


def test_a_report_is_in_the_customer_s_language_unless_another_is_asked_for(june: Bureau) -> None:
    assert june.run("sla", "close", "2026-06").code == 0
    out = june.root.parent / "out"
    june.edit("customers/mirae-bakery.yaml", "id: mirae-bakery\n", "id: mirae-bakery\nlanguage: en\n")
    assert june.run("validate").stdout == "valid\n"
    every = june.run("report", "--all", "--month", "2026-06", "--output", out)
    assert every.code == 0, every.stderr
    names = {one.name for one in out.iterdir()}
    assert names == {"hansol-plastics-2026-06.ko.html", "mirae-bakery-2026-06.en.html"}
    one = june.run("report", "mirae-bakery", "--month", "2026-06", "--output", f"{out}/")
    assert one.stdout == f"{out}/mirae-bakery-2026-06.en.html  (current already)\n"
    asked = june.run("report", "mirae-bakery", "--month", "2026-06", "--language", "ko", "--output", f"{out}/new/")
    assert (asked.code, asked.stdout) == (0, f"{out}/new/mirae-bakery-2026-06.ko.html\n")
