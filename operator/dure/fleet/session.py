"""One SSH session to one machine, kept open for many commands, each with its deadline."""

import contextlib
import shlex
import socket
import threading
import time
from collections.abc import Sequence
from types import TracebackType

import paramiko

from dure.errors import DeadlineExceeded, DureError
from dure.fleet.connect import connect
from dure.fleet.result import CommandResult
from dure.fleet.route import Route

CHUNK = 1 << 16
CHANNELS = 3
"""Commands at one time over one connection; sshd refuses more than its MaxSessions, and a hardened one has few."""

ENDED_LATE = (124, 137)
"""Exit codes of timeout(1): the program went when it was asked to, or had to be killed."""


class ConnectionBroken(DureError, ConnectionError):
    """The line was lost while a command ran or was about to."""


class Session:
    """Open with `with Session(route) as session`; a command that fails is a result, a broken line an error.

    Raises Unreachable, HostKeyRefused or LoginRefused when there is no session, DeadlineExceeded when a
    command does not end in its time (its process on the machine is ended too).
    """

    def __init__(self, route: Route, *, connect_deadline: float = 15.0) -> None:
        self.route = route
        self.connect_deadline = connect_deadline
        self._stack = contextlib.ExitStack()
        self._channels = threading.BoundedSemaphore(CHANNELS)
        self._client: paramiko.SSHClient | None = None

    def __enter__(self) -> "Session":
        try:
            self._client = connect(self.route, self._stack, self.connect_deadline)
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client = None
        self._stack.close()

    @property
    def alive(self) -> bool:
        """False once the connection is known to be gone."""
        transport = self._client.get_transport() if self._client else None
        return transport is not None and transport.is_active()

    def run(
        self, argv: Sequence[str], *, input: bytes = b"", deadline: float = 30.0, sudo: bool = False
    ) -> CommandResult:
        """Run the program; `deadline` in seconds; `sudo` without a password. Never through a shell's splitting."""
        guarded = ["timeout", "--kill-after=2", f"{deadline:g}", *argv]
        if sudo and self.route.user != "root":
            guarded = ["sudo", "-n", "--", *guarded]
        with self._channels:
            return self._converse_with(argv, guarded, input, deadline)

    def _converse_with(
        self, argv: Sequence[str], guarded: Sequence[str], input: bytes, deadline: float
    ) -> CommandResult:
        started = time.monotonic()
        channel = self._open_channel(argv)
        try:
            channel.exec_command(shlex.join(guarded))
            code, stdout, stderr = _converse(channel, input, started + deadline + 3)
        except (paramiko.SSHException, OSError, EOFError) as error:
            raise self._broken(argv, error, deadline, started) from error
        finally:
            channel.close()
        seconds = time.monotonic() - started
        result = CommandResult(code, stdout, stderr, seconds)
        if code in ENDED_LATE and seconds >= deadline * 0.98:
            raise self._late(argv, deadline, f"the machine ended it; its last words: {result.last_words or 'none'}")
        if code == -1:
            raise self._broken(argv, EOFError("the connection ended"), deadline, started)
        return result

    def check(
        self, argv: Sequence[str], *, input: bytes = b"", deadline: float = 30.0, sudo: bool = False
    ) -> CommandResult:
        """As `run`, but an exit code other than 0 raises DureError with the program's last words."""
        result = self.run(argv, input=input, deadline=deadline, sudo=sudo)
        if result.code != 0:
            raise DureError(
                f"{argv[0]} ended with code {result.code}",
                where=self.route.alias,
                why=result.complaint,
                mend=f"look on the machine, then repeat; the command was: {shlex.join(argv)[:200]}",
            )
        return result

    def script(
        self,
        source: str,
        arguments: Sequence[str] = (),
        *,
        input: bytes = b"",
        deadline: float = 30.0,
        sudo: bool = False,
    ) -> CommandResult:
        """Run Python source (standard library only) on the machine in one round trip; it can read `input`."""
        return self.run(["python3", "-c", source, *arguments], input=input, deadline=deadline, sudo=sudo)

    def _open_channel(self, argv: Sequence[str]) -> paramiko.Channel:
        transport = self._client.get_transport() if self._client else None
        if transport is None:
            raise RuntimeError("the session is not open")
        try:
            return transport.open_session(timeout=self.connect_deadline)
        except (paramiko.SSHException, OSError, EOFError) as error:
            raise self._broken(argv, error, self.connect_deadline, time.monotonic()) from error

    def _late(self, argv: Sequence[str], deadline: float, why: str) -> DeadlineExceeded:
        return DeadlineExceeded(
            f"{argv[0]} did not end within {deadline:g} s",
            where=self.route.alias,
            why=why,
            mend="repeat the command; what was done stays done",
        )

    def _broken(self, argv: Sequence[str], error: Exception, deadline: float, started: float) -> DureError:
        if isinstance(error, TimeoutError) and time.monotonic() - started >= deadline:
            return self._late(argv, deadline, "the machine fell silent: neither an answer nor an exit code came back")
        return ConnectionBroken(
            f"the connection broke during {argv[0]}",
            where=self.route.alias,
            why=str(error) or type(error).__name__,
            mend="repeat the command; what was done stays done",
        )


def _converse(channel: paramiko.Channel, input: bytes, end: float) -> tuple[int, bytes, bytes]:
    """Feed standard input and read both streams at once, so that neither side waits for the other."""
    errors = bytearray()
    feeder = threading.Thread(target=_feed, args=(channel, input), daemon=True)
    listener = threading.Thread(target=_drain_errors, args=(channel, errors), daemon=True)
    channel.settimeout(max(0.1, end - time.monotonic()))
    feeder.start()
    listener.start()
    output = bytearray()
    while chunk := channel.recv(CHUNK):
        output += chunk
        channel.settimeout(max(0.1, end - time.monotonic()))
    if not channel.status_event.wait(max(0.1, end - time.monotonic())):
        raise TimeoutError
    listener.join(max(0.1, end - time.monotonic()))
    return channel.recv_exit_status(), bytes(output), bytes(errors)


def _feed(channel: paramiko.Channel, input: bytes) -> None:
    """A program may end without reading its input: that is no error of ours."""
    with contextlib.suppress(OSError, EOFError, paramiko.SSHException, socket.timeout):
        if input:
            channel.sendall(input)
        channel.shutdown_write()


def _drain_errors(channel: paramiko.Channel, errors: bytearray) -> None:
    with contextlib.suppress(OSError, EOFError, paramiko.SSHException, socket.timeout):
        while chunk := channel.recv_stderr(CHUNK):
            errors.extend(chunk)
