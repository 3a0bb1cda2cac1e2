"""`operator report --send` over TLS, at once or by STARTTLS: to a server that is proven, and every way to fail."""

import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.contract.mail_authority import Authority, authority
from tests.contract.mail_desk import ASKED, Desk, desk_of
from tests.contract.mail_server import PASSWORD, post_office, rude_server

LOOPBACK = "127.0.0.1"


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The CA that the workstation trusts."""
    return authority(tmp_path_factory.mktemp("ca") / "trusted.pem")


@pytest.fixture(params=["starttls", "tls"])
def security(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def context(trusted: Authority) -> ssl.SSLContext:
    """The server's; a test may want another one."""
    return trusted.server(LOOPBACK)


@pytest.fixture
def desk(
    tmp_path: Path, security: str, context: ssl.SSLContext, trusted: Authority, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted.file))
    with post_office(security, context) as office, desk_of(tmp_path, office, security) as made:
        yield made


def nobody_got_it(desk: Desk) -> bool:
    return not desk.office.letters and desk.run("report", "--sent").stdout.startswith("nothing was sent")


def test_the_letter_arrives_and_the_password_is_nowhere_but_in_the_secrets(desk: Desk, security: str) -> None:
    launcher = Path(sys.executable).with_name("operator")
    process = subprocess.Popen([launcher, *ASKED, "-w", desk.root], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    seen: list[bytes] = []

    def look() -> None:
        process_files = Path(f"/proc/{process.pid}")
        seen.extend((process_files / name).read_bytes() for name in ("cmdline", "environ"))

    desk.office.on_letter = look
    told = b"".join(process.communicate(timeout=120))
    assert process.returncode == 0, told.decode()
    assert [address for address, _ in desk.office.letters] == ["jung@gaon.example", "moon@gaon.example"]
    assert desk.run("report", "--sent").stdout.count(": sent\n") == 2
    files = [one.read_bytes() for one in desk.root.rglob("*") if one.is_file()]
    letters = [letter.as_bytes() for _, letter in desk.office.letters]
    assert len(seen) == 4
    assert not [one for one in [told, *seen, *files, *letters] if PASSWORD.encode() in one]


class TestUnproven:
    """A server that does not prove who it is."""

    @pytest.fixture(params=["another CA", "another address", "run out"])
    def context(self, request: pytest.FixtureRequest, tmp_path: Path, trusted: Authority) -> ssl.SSLContext:
        if request.param == "another CA":
            return authority(tmp_path / "foreign.pem").server(LOOPBACK)
        return trusted.server("192.0.2.1") if request.param == "another address" else trusted.server(LOOPBACK, days=-1)

    def test_gets_neither_password_nor_letter(self, desk: Desk) -> None:
        told = desk.run(*ASKED)
        assert (told.code, told.stderr.count("\n")) == (1, 1)
        assert "certificate verify failed" in told.stderr
        assert "To mend: give the server a certificate for the name in mail.server" in told.stderr
        assert nobody_got_it(desk)


def test_a_wrong_password_is_refused_without_being_told(desk: Desk) -> None:
    desk.password("falsch-und-geheim")
    told = desk.run(*ASKED)
    assert (told.code, told.stderr.count("\n")) == (1, 1)
    assert "535" in told.stderr
    assert "To mend: operator secrets set operator/smtp_password" in told.stderr
    assert "falsch" not in told.stderr + told.stdout
    assert nobody_got_it(desk)


def test_an_unknown_recipient_is_named(desk: Desk) -> None:
    desk.office.unknown |= {"jung@gaon.example", "moon@gaon.example"}
    told = desk.run(*ASKED)
    assert (told.code, told.stderr.count("\n")) == (1, 1)
    assert "the report for jung@gaon.example was not sent" in told.stderr
    assert "550" in told.stderr
    assert "To mend: correct the contact's address in the customer's file" in told.stderr
    assert nobody_got_it(desk)


def test_a_server_that_is_gone_before_it_answered_leaves_a_doubt_and_not_a_sent_letter(desk: Desk) -> None:
    desk.office.vanish = True
    told = desk.run(*ASKED)
    assert (told.code, told.stderr.count("\n")) == (1, 1)
    assert "nobody knows whether jung@gaon.example got the report, because the server was gone" in told.stderr
    assert "To mend: ask there; when it did not arrive, repeat with --again" in told.stderr
    shown = desk.run("report", "--sent").stdout
    assert (shown.count("not known whether it arrived"), shown.count(": sent\n")) == (1, 0)
    desk.office.vanish = False
    assert desk.run(*ASKED).code == 4
    assert desk.run(*ASKED, "--again").code == 0
    assert desk.run("report", "--sent").stdout.count(": sent\n") == 2


PLAIN = [
    ("tls", "starttls", "write `security: starttls` and its port under `mail`"),
    ("starttls", "none", "write `security: tls` and its port under `mail`"),
]


@pytest.mark.parametrize(("asked", "served", "mend"), PLAIN)
def test_a_server_that_encrypts_in_another_way_is_told_with_the_setting(
    tmp_path: Path, context: ssl.SSLContext, asked: str, served: str, mend: str
) -> None:
    with post_office(served, context) as office, desk_of(tmp_path, office, asked) as desk:
        told = desk.run(*ASKED)
        assert (told.code, told.stderr.count("\n")) == (1, 1)
        assert f"To mend: {mend}" in told.stderr
        assert nobody_got_it(desk)


def silent(connection: socket.socket) -> None:
    while connection.recv(4096):
        pass


def dripping(connection: socket.socket) -> None:
    """An answer that never ends: a byte at once after each that the client's deadline would wait for."""
    connection.settimeout(0.05)
    while True:
        connection.sendall(b"2")
        try:
            if connection.recv(1) == b"":
                return
        except TimeoutError:
            continue


def hanging_up(connection: socket.socket) -> None:
    connection.sendall(b"220 here\r\n")


ENDLESS = [
    (silent, {"SECONDS": 0.3}, "timed out"),
    (dripping, {"SECONDS": 30.0, "ALL_SECONDS": 1.0}, "it had not ended after 1 seconds"),
    (hanging_up, {}, "Connection unexpectedly closed"),
]


@pytest.mark.parametrize(("speak", "limits", "why"), ENDLESS, ids=lambda one: getattr(one, "__name__", None))
def test_a_server_that_never_answers_is_given_up_at_the_deadline(
    desk: Desk,
    security: str,
    context: ssl.SSLContext,
    monkeypatch: pytest.MonkeyPatch,
    speak: Callable[[socket.socket], None],
    limits: dict[str, float],
    why: str,
) -> None:
    for name, seconds in limits.items():
        monkeypatch.setattr(f"dure.notify.mail.{name}", seconds)
    with ExitStack() as stack:
        desk.mail(port=stack.enter_context(rude_server(speak, context if security == "tls" else None)))
        told = desk.run(*ASKED)
    assert (told.code, told.stderr.count("\n")) == (1, 1)
    assert why in told.stderr
    assert "To mend: " in told.stderr
    assert ": sent\n" not in desk.run("report", "--sent").stdout


def test_a_password_that_no_login_can_carry_is_told_before_anything_is_sent(desk: Desk) -> None:
    desk.password("비밀번호")
    told = desk.run(*ASKED)
    assert (told.code, told.stderr.count("\n")) == (1, 1)
    assert "the password has characters that SMTP logins cannot carry" in told.stderr
    assert "비밀" not in told.stderr + told.stdout
    assert nobody_got_it(desk)
