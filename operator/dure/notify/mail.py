"""One letter with an attachment by e-mail, through apprise. The password is in no address, log or error."""

import contextlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

from dure.errors import DureError

SECONDS = 30.0
"""How long the server may take to answer."""
CAUSE = "Socket Exception: "
"""Apprise puts it before what the server or the system said."""


class MailFailed(DureError):
    """The letter was not taken; nobody got it."""


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
    """Hand the letter in. Raises MailFailed with what the server said; then it was not taken."""
    # Apprise is built from parts, never from an address: that would hold the password. It takes parts as quoted.
    from apprise import AppriseAttachment, NotifyFormat
    from apprise.attachment.memory import AttachMemory
    from apprise.plugins.email import NotifyEmail

    with _overheard() as lines:
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
        taken = service.notify(body=letter.text, title=letter.subject, body_format=NotifyFormat.TEXT, attach=enclosed)
    if not taken:
        raise _failure(server, letter, [line.replace(server.password or "\0", "…") for line in lines])


def _failure(server: MailServer, letter: Letter, lines: list[str]) -> MailFailed:
    """What apprise overheard, as one line with its mend."""
    cause = next((line.removeprefix(CAUSE) for line in reversed(lines) if line.startswith(CAUSE)), "")
    refused = next((line for line in reversed(lines) if "was refused" in line), "")
    why = " ".join((cause or refused or "the server did not take it").split())[:300]
    where = f"{server.host}:{server.port}"
    if why.startswith(("(535", "(534")):
        mend = "operator secrets set operator/smtp_password, and look at mail.user in operator.yaml"
    elif letter.recipient[1] in why:
        mend = "correct the contact's address in the customer's file"
    else:
        mend = "look at `mail` in operator.yaml, and whether that server answers; then repeat"
    return MailFailed(f"the report for {letter.recipient[1]} was not sent", where=where, why=why, mend=mend)
