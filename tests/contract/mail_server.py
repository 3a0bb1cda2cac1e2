"""A real SMTP server on the loopback that asks for a login and refuses whom a test says."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "reports", "p%40ss:wort/geheim"


@dataclass
class PostOffice:
    """What arrived, and whom the server does not know."""

    port: int
    unknown: set[str] = field(default_factory=set)
    letters: list[tuple[str, EmailMessage]] = field(default_factory=list)
    on_letter: Callable[[], None] = field(default=lambda: None)
    """Called when a letter has arrived, before the sender is told so."""

    async def handle_RCPT(  # noqa: N802 - the name that aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.unknown:
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.letters += [(address, message) for address in envelope.rcpt_tos]
        self.on_letter()
        return "250 taken"


def authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
    assert isinstance(data, LoginPassword)
    fits = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=fits, handled=False)


def free_port() -> int:
    """One that nobody listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextmanager
def post_office() -> Iterator[PostOffice]:
    """A server on a free port, for as long as the block lasts."""
    office = PostOffice(free_port())
    controller = Controller(
        office,
        hostname="127.0.0.1",
        port=office.port,
        authenticator=authenticate,
        auth_required=True,
        auth_require_tls=False,
    )
    controller.start()
    try:
        yield office
    finally:
        controller.stop()
