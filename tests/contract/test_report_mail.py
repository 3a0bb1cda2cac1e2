"""`operator report --send`: a customer's PDF through a real SMTP server, each person once, and every way to fail."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from dure.store.database import store_at

from tests.contract.mail_desk import ASKED, CUSTOMER, Desk, desk_of
from tests.contract.mail_server import free_port, post_office
from tests.unit.report.shelf import put_customers


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with post_office() as office, desk_of(tmp_path, office, "none") as made:
        yield made


def test_contacts_get_the_pdf_once_and_the_store_knows_who_when_and_which(desk: Desk) -> None:
    check = desk.run(*ASKED, "--check")
    assert (check.code, desk.office.letters) == (3, []), check.stderr
    assert check.stdout.splitlines() == [
        f"{CUSTOMER} 2026-10 revision 1 would be sent to jung@gaon.example",
        f"{CUSTOMER} 2026-10 revision 1 would be sent to moon@gaon.example",
    ]
    told = desk.run(*ASKED)
    assert told.code == 0, told.stderr
    assert [address for address, _ in desk.office.letters] == ["jung@gaon.example", "moon@gaon.example"]
    letter = desk.office.letters[0][1]
    assert letter["Subject"] == "[지어낸 자료] [한빛아이티] 가온기계 2026년 10월 서비스 보고서"
    assert letter["From"] == "한빛아이티 <help@hanbit.example>"
    body = letter.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert "정하늘님, 안녕하십니까." in text
    assert "약속한 수준에 미치지 못했습니다" in text
    (pdf,) = letter.iter_attachments()
    assert pdf.get_filename() == f"{CUSTOMER}-2026-10.ko.pdf"
    assert pdf.get_content().startswith(b"%PDF-")
    shown = desk.run("report", "--sent").stdout
    assert f"{CUSTOMER} 2026-10 revision 1 (ko) to jung@gaon.example by kim-minsu, digest " in shown
    assert shown.count(": sent\n") == 2
    assert "report send" in desk.run("audit", "show").stdout
    again = desk.run(*ASKED)
    assert again.code == 4
    assert "2026-10 revision 1 has been sent already" in again.stderr
    assert desk.run(*ASKED, "--check").code == 0
    assert len(desk.office.letters) == 2
    assert desk.run(*ASKED, "--again").code == 0
    assert len(desk.office.letters) == 4


def test_a_refused_recipient_is_named_and_the_others_are_not_sent_twice(desk: Desk) -> None:
    desk.office.unknown.add("moon@gaon.example")
    told = desk.run(*ASKED)
    assert told.code == 1
    assert told.stderr.count("\n") == 1
    assert "the report for moon@gaon.example was not sent" in told.stderr
    assert "550" in told.stderr
    assert "To mend: correct the contact's address" in told.stderr
    shown = desk.run("report", "--sent", "--json").stdout
    assert "jung@gaon.example" in shown
    assert "moon@gaon.example" not in shown
    desk.office.unknown.clear()
    assert desk.run(*ASKED).code == 0
    assert [address for address, _ in desk.office.letters] == ["jung@gaon.example", "moon@gaon.example"]


def test_a_wrong_password_is_told_without_the_password_and_nothing_is_noted_as_sent(desk: Desk) -> None:
    desk.password("falsch-und-geheim")
    told = desk.run(*ASKED)
    assert told.code == 1
    assert "To mend: operator secrets set operator/smtp_password" in told.stderr
    assert "falsch" not in told.stderr + told.stdout
    assert desk.run("report", "--sent").stdout.startswith("nothing was sent")


def test_a_server_that_does_not_answer_is_told_and_nothing_is_noted_as_sent(desk: Desk) -> None:
    desk.mail(port=free_port())
    told = desk.run(*ASKED)
    assert told.code == 1
    assert "Connection refused" in told.stderr
    assert told.stderr.count("\n") == 1
    assert desk.run("report", "--sent").stdout.startswith("nothing was sent")


def test_a_kill_between_sending_and_noting_leaves_a_doubt_that_is_not_sent_over(desk: Desk) -> None:
    launcher = Path(sys.executable).with_name("operator")
    process = subprocess.Popen([launcher, *ASKED, "-w", desk.root], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    desk.office.on_letter = lambda: os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=120)
    desk.office.on_letter = lambda: None
    assert process.returncode == -signal.SIGKILL
    assert [address for address, _ in desk.office.letters] == ["jung@gaon.example"]
    assert "to jung@gaon.example by kim-minsu" in (shown := desk.run("report", "--sent").stdout)
    assert "not known whether it arrived" in shown
    told = desk.run(*ASKED)
    assert (told.code, len(desk.office.letters)) == (4, 1)
    assert "nobody knows whether jung@gaon.example got" in told.stderr
    assert desk.run(*ASKED, "--again").code == 0
    assert len(desk.office.letters) == 3


WRONG = [
    (("report", CUSTOMER, "--month", "2026-11", "--send"), "2026-11 of gaon-machinery is not closed", 2),
    (("report", "--fleet", "--month", "2026-10", "--send"), "--send does not fit the rest", 2),
    ((*ASKED, "--output", "report.pdf"), "--send does not fit the rest", 2),
    (("report", CUSTOMER, "--month", "2026-10", "--again"), "--again and --check go with --send", 2),
]


@pytest.mark.parametrize(("arguments", "told", "code"), WRONG)
def test_what_cannot_be_sent_is_told_in_one_line(desk: Desk, arguments: tuple[str, ...], told: str, code: int) -> None:
    outcome = desk.run(*arguments)
    assert (outcome.code, outcome.stderr.count("\n")) == (code, 1)
    assert told in outcome.stderr
    assert desk.office.letters == []


def test_all_customers_with_addresses_get_theirs(desk: Desk) -> None:
    store = store_at(desk.root, "")
    put_customers(store, ["naru-logistics"])
    store.close()
    nobody = "id: naru-logistics\nname: 나루물류\ncontacts: [{ name: 오나루, phone: 02-555-0188 }]\n"
    (desk.root / "customers" / "naru-logistics.yaml").write_text(nobody, encoding="utf-8")
    told = desk.run("report", "--all", "--month", "2026-10", "--send")
    assert told.code == 1
    assert "naru-logistics has nobody to send the report to" in told.stderr
    assert told.stdout.endswith("2 sent, 1 customer failed\n")
