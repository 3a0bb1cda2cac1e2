"""An OpenSSH ProxyCommand as a real socket, so that timeouts and select work on it."""

import contextlib
import os
import re
import signal
import socket
import subprocess


def expand(command: str, address: str, port: int) -> str:
    """Replace %h, %p and %% as OpenSSH does."""
    values = {"%h": address, "%p": str(port), "%%": "%"}
    return re.sub("%[hp%]", lambda found: values[found.group()], command)


class ProxySocket(socket.socket):
    """Our end of a socket pair whose other end is the program's standard input and output."""

    program: "subprocess.Popen[bytes]"

    def close(self) -> None:
        """Close our end and end the program with its children."""
        super().close()
        program = getattr(self, "program", None)
        if program is None or program.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(program.pid, signal.SIGTERM)
        try:
            program.wait(2)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(program.pid, signal.SIGKILL)
            program.wait(2)


def open_proxy(command: str, address: str, port: int) -> ProxySocket:
    """Start the command through a shell, as OpenSSH does, in a process group of its own."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    proxy = ProxySocket(fileno=ours.detach())
    with theirs:
        proxy.program = subprocess.Popen(
            ["/bin/sh", "-c", "exec " + expand(command, address, port)],
            stdin=theirs.fileno(),
            stdout=theirs.fileno(),
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    return proxy
