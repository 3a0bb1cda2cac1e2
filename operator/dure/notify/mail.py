"""One letter with an attachment by e-mail, through apprise. The password is in no address, log or error."""

import contextlib
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

from dure.errors import DureError

SECONDS = 30.0
"""How long the server may take for one answer."""
ALL_SECONDS = 240.0
"""How long the whole letter may take: a server that sends a byte now and then never misses the first deadline."""
CAUSE = "Socket Exception: "
"""Apprise puts it before what the server or the system said."""
UNDER_WAY = "Sending email to "
"""So begins what apprise says when a letter fails after the login; before it the server had none of it."""


class MailFailed(DureError):
    """The letter was not taken; nobody got it."""


class MailDoubtful(DureError):
    """The server was gone before it had answered: it may have taken the letter."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where letters are handed in. `security`: starttls, tls or none; without `user` nobody logs in."""

    host: str
    port: int
    security: str
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Letter:
    """`sender` and `recipient` are (name, address); the attachment is a PDF."""

    sender: tuple[str, str]
    recipient: tuple[str, str]
    subject: str
    text: str
    file_name: str
    content: bytes = field(repr=False)


class _Kept(logging.Handler):
    """What apprise says of one letter, for our own error and for nobody's log."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@contextlib.contextmanager
def _overheard() -> Iterator[list[str]]:
    """Apprise's log while it works, kept from every other listener."""
    logger, kept = logging.getLogger("apprise"), _Kept()
    before = logger.level, logger.propagate, logger.handlers[:]
    logger.setLevel(logging.DEBUG)
    logger.propagate, logger.handlers = False, [kept]
    try:
        yield kept.lines
    finally:
        logger.setLevel(before[0])
        logger.propagate, logger.handlers = before[1], before[2]


def send(server: MailServer, letter: Letter) -> None:
    """Hand the letter in. Raises MailFailed with what the server said, and MailDoubtful where it was gone before that.

    It takes at most ALL_SECONDS. A server is trusted by the list that OpenSSL has; `SSL_CERT_FILE` names another one.
    """
    _require_plain_login(server, letter)
    with _overheard() as lines:
        ended: list[bool | Exception] = []
        work = threading.Thread(target=_work, args=(server, letter, ended), daemon=True)
        work.start()
        work.join(ALL_SECONDS)
    if not ended:
        raise _doubt(server, letter, f"it had not ended after {ALL_SECONDS:.0f} seconds")
    if isinstance(ended[0], Exception):
        raise ended[0]
    if not ended[0]:
        raise _failure(server, letter, [line.replace(server.password or "\0", "…") for line in lines])


def _work(server: MailServer, letter: Letter, ended: list[bool | Exception]) -> None:
    try:
        ended.append(_hand_in(server, letter))
    except Exception as error:
        ended.append(error)


def _require_plain_login(server: MailServer, letter: Letter) -> None:
    """Logins are written in ASCII by Python's SMTP client; its own error would tell a part of the password."""
    for value, what, mend in (
        (server.user, "the account's name", "correct mail.user in operator.yaml"),
        (server.password, "the password", "operator secrets set operator/smtp_password, with one of ASCII characters"),
    ):
        if not value.isascii():
            why = f"{what} has characters that SMTP logins cannot carry"
            raise MailFailed(_what(letter), where=_where(server), why=why, mend=mend)


def _hand_in(server: MailServer, letter: Letter) -> bool:
    """Whether the server took it."""
    # Apprise is built from parts, never from an address: that would hold the password. It takes parts as quoted.
    from apprise import AppriseAttachment, NotifyFormat
    from apprise.attachment.memory import AttachMemory
    from apprise.plugins.email import NotifyEmail

    service = NotifyEmail(
        host=server.host,
        smtp_host=server.host,
        port=server.port,
        user=quote(server.user, safe="") or None,
        password=quote(server.password, safe="") or None,
        secure_mode={"starttls": "starttls", "tls": "ssl", "none": "insecure"}[server.security],
        from_addr=letter.sender[1],
        targets=[letter.recipient[1]],
        format="text",
        cto=SECONDS,
        rto=SECONDS,
    )
    service.from_addr = [*letter.sender]
    enclosed = AppriseAttachment()
    enclosed.add(AttachMemory(content=letter.content, name=letter.file_name, mimetype="application/pdf"))
    return bool(service.notify(body=letter.text, title=letter.subject, body_format=NotifyFormat.TEXT, attach=enclosed))


SETTINGS = "look at `mail` in operator.yaml, and whether that server answers; then repeat"
MENDS = (
    (
        "CERTIFICATE_VERIFY_FAILED",
        "give the server a certificate for the name in mail.server, from a CA that this "
        "workstation trusts (SSL_CERT_FILE names another list of CAs)",
    ),
    (
        "STARTTLS extension not supported",
        "write `security: tls` and its port under `mail`, or have the server offer it",
    ),
    ("WRONG_VERSION_NUMBER", "write `security: starttls` and its port under `mail`: that port does not begin with TLS"),
    ("AUTH extension not supported", "leave mail.user out of operator.yaml, or have the server offer a login"),
    ("(530", "add mail.user to operator.yaml, then operator secrets set operator/smtp_password"),
    ("(535", "operator secrets set operator/smtp_password, and look at mail.user in operator.yaml"),
    ("(534", "operator secrets set operator/smtp_password, and look at mail.user in operator.yaml"),
)
"""What the server or TLS says, and what helps."""


def _what(letter: Letter) -> str:
    return f"the report for {letter.recipient[1]} was not sent"


def _where(server: MailServer) -> str:
    return f"{server.host}:{server.port}"


def _doubt(server: MailServer, letter: Letter, why: str) -> MailDoubtful:
    return MailDoubtful(
        f"nobody knows whether {letter.recipient[1]} got the report",
        where=_where(server),
        why=why,
        mend="ask there; when it did not arrive, repeat with --again",
    )


def _failure(server: MailServer, letter: Letter, lines: list[str]) -> MailFailed | MailDoubtful:
    """What apprise overheard, as one line with its mend."""
    cause = next((line.removeprefix(CAUSE) for line in reversed(lines) if line.startswith(CAUSE)), "")
    refused = next((line for line in reversed(lines) if "was refused" in line), "")
    why = " ".join((cause or refused or "the server did not take it").split())[:300]
    answered = bool(refused) or why.startswith(("(", "{"))  # so smtplib shows an answer with its code
    if any(line.startswith(UNDER_WAY) for line in lines) and not answered:
        return _doubt(server, letter, f"the server was gone before it had answered ({why})")
    mend = "correct the contact's address in the customer's file" if letter.recipient[1] in why else SETTINGS
    mend = next((mend for said, mend in MENDS if said in why), mend)
    return MailFailed(_what(letter), where=_where(server), why=why, mend=mend)
