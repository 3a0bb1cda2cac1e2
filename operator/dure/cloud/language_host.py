"""`python -m dure.cloud.language_host`: runs Python programs for the `pulumi` command.

For places that have the engine without its `pulumi-language-python`. The engine starts `tools/language-host/` on PATH,
reads the port from its standard output and asks it to run the program. It installs nothing: the program runs in the
interpreter that runs this, with the packages that are there.
"""

import os
import runpy
import signal
import sys
import threading
from collections.abc import Callable
from concurrent import futures
from pathlib import Path
from typing import Protocol

import grpc
from pulumi.automation._server import LanguageServer  # what serves inline programs too
from pulumi.runtime.proto import language_pb2, language_pb2_grpc
from typing_extensions import override

from dure.cloud.program import forget
from dure.cloud.sandbox.__main__ import LARGEST_MESSAGE

STARTER_LOOK = 1.0
"""Seconds between looks whether the engine still lives; killed, it cannot tell."""


class ProgramInfo(Protocol):
    """What the engine says of the program (language.proto)."""

    program_directory: str
    entry_point: str


class RunRequest(Protocol):
    """What the engine asks for (language.proto)."""

    info: ProgramInfo


class LanguageHost(LanguageServer):
    """The SDK's server of one inline program, with the program of each request in its place."""

    def __init__(self) -> None:
        super().__init__(lambda: None)

    @override
    def Handshake(self, request: object, context: object) -> object:
        return language_pb2.LanguageHandshakeResponse()

    @override
    def Run(self, request: RunRequest, context: object) -> object:
        self.program = program_in(Path(request.info.program_directory), request.info.entry_point)
        return super().Run(request, context)  # type: ignore[no-untyped-call]  # the SDK's has no types


def program_in(directory: Path, entry_point: str) -> Callable[[], None]:
    """Runs `__main__.py` of the directory, or the entry point that Pulumi.yaml names, each time from its files anew."""
    place = (directory / entry_point).resolve()

    def run() -> None:
        root = place if place.is_dir() else place.parent
        forget(root)
        os.chdir(root)
        if str(root) not in sys.path:
            sys.path.insert(0, str(root))
        runpy.run_path(str(place / "__main__.py" if place.is_dir() else place), run_name="__main__")

    return run


def main() -> None:
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):  # how the engine ends its plugins
        signal.signal(number, lambda *_: ended.set())
    starter = os.getppid()
    limits = [("grpc.max_receive_message_length", LARGEST_MESSAGE), ("grpc.max_send_message_length", LARGEST_MESSAGE)]
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4), options=limits)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageHost(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    while os.getppid() == starter and not ended.wait(STARTER_LOOK):
        pass
    os._exit(0)  # whoever asked is gone, or needs no more answers


if __name__ == "__main__":
    main()
