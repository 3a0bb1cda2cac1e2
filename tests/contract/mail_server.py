"""A real SMTP server on the loopback that asks for a login and refuses whom a test says."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
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
    vanish: bool = False
    """Whether the server hangs up on a letter without an answer."""

    async def handle_RCPT(  # noqa: N802 - the name that aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.unknown:
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        if self.vanish:
            assert server.transport is not None
            server.transport.close()
            return "250 to nobody"
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
def post_office(security: str = "none", context: ssl.SSLContext | None = None) -> Iterator[PostOffice]:
    """A server on a free port, for as long as the block lasts; `security` as operator.yaml has it."""
    office = PostOffice(free_port())
    controller = Controller(
        office,
        hostname="127.0.0.1",
        port=office.port,
        ssl_context=context if security == "tls" else None,
        tls_context=context if security == "starttls" else None,
        require_starttls=security == "starttls",
        authenticator=authenticate,
        auth_required=True,
        auth_require_tls=security == "starttls",  # aiosmtpd does not see implicit TLS as TLS
    )
    controller.start()
    try:
        yield office
    finally:
        controller.stop()


@contextmanager
def rude_server(speak: Callable[[socket.socket], None], context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server that answers as `speak` does, connection after connection; its port. `context`: it begins with TLS."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with suppress(OSError):  # the block has ended, or the client went away
                while True:
                    connection = listening.accept()[0]
                    with context.wrap_socket(connection, server_side=True) if context else connection as spoken:
                        speak(spoken)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        port: int = listening.getsockname()[1]
        try:
            yield port
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join(10)
