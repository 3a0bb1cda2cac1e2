"""A small SSH server for tests, so that no sshd has to be installed on the machine that runs them."""

import contextlib
import os
import signal
import socket
import subprocess
import threading
from pathlib import Path

import paramiko


class Door(paramiko.ServerInterface):
    """Lets one key in, runs commands by a shell, forwards TCP for those who jump."""

    def __init__(self, authorized: str) -> None:
        self.authorized = authorized
        self.targets: dict[int, tuple[str, int]] = {}

    def get_allowed_auths(self, username: str) -> str:
        return "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        shown = f"{key.get_name()} {key.get_base64()}"
        return paramiko.AUTH_SUCCESSFUL if shown == self.authorized else paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED if kind == "session" else paramiko.OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        threading.Thread(target=run_command, args=(channel, command), daemon=True).start()
        return True

    def check_channel_direct_tcpip_request(
        self, chanid: int, origin: tuple[str, int], destination: tuple[str, int]
    ) -> int:
        self.targets[chanid] = destination
        return paramiko.OPEN_SUCCEEDED


class TestServer:
    """Listens on a free loopback port until closed."""

    __test__ = False

    def __init__(self, host_key: Path, authorized: str) -> None:
        self.host_key = paramiko.Ed25519Key(filename=str(host_key))
        self.authorized = authorized
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.transports: list[paramiko.Transport] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self.listener.close()
        for transport in self.transports:
            transport.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self._welcome, args=(client,), daemon=True).start()

    def _welcome(self, client: socket.socket) -> None:
        door = Door(self.authorized)
        transport = paramiko.Transport(client)
        self.transports.append(transport)
        transport.add_server_key(self.host_key)
        with contextlib.suppress(paramiko.SSHException, EOFError, OSError):
            transport.start_server(server=door)
            while transport.is_active():
                channel = transport.accept(1)
                if channel is not None and channel.get_id() in door.targets:
                    target = socket.create_connection(door.targets[channel.get_id()])
                    pump_both(channel, target)


def pump(source: "socket.socket | paramiko.Channel", sink: "socket.socket | paramiko.Channel") -> None:
    with contextlib.suppress(OSError, EOFError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError, EOFError):
        sink.close()


def pump_both(channel: paramiko.Channel, target: socket.socket) -> None:
    threading.Thread(target=pump, args=(channel, target), daemon=True).start()
    threading.Thread(target=pump, args=(target, channel), daemon=True).start()


def run_command(channel: paramiko.Channel, command: bytes) -> None:
    """As sshd does without a terminal: three pipes; when the client goes away, the program loses its pipes."""
    program = subprocess.Popen(
        ["/bin/sh", "-c", command.decode()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert program.stdin
    assert program.stdout
    assert program.stderr

    def feed() -> None:
        assert program.stdin
        with contextlib.suppress(OSError, EOFError):
            while data := channel.recv(65536):
                program.stdin.write(data)
        with contextlib.suppress(OSError):
            program.stdin.close()

    def tell() -> None:
        assert program.stderr
        with contextlib.suppress(OSError, EOFError):
            while data := os.read(program.stderr.fileno(), 65536):
                channel.sendall_stderr(data)

    feeder = threading.Thread(target=feed, daemon=True)
    teller = threading.Thread(target=tell, daemon=True)
    feeder.start()
    teller.start()
    try:
        while data := os.read(program.stdout.fileno(), 65536):
            channel.sendall(data)
        teller.join()
        channel.send_exit_status(program.wait())
        channel.close()
    except (OSError, EOFError):
        os.killpg(program.pid, signal.SIGHUP)
        program.wait()
