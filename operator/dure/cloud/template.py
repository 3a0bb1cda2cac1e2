"""`python -m dure.cloud.template FD`: a process with a worker's imports done, of which each worker is a copy.

It imports and forks, and nothing else: a thread or a gRPC channel in here would be copied in the middle of what it
does. Each message on the socket FD is a JSON list of modules to import first, with two descriptors, the worker's
standard input and output. What a worker is to do, and with which environment, it reads itself: nothing of it is ever
in this process. It ends with the other end of the socket.
"""

import contextlib
import gc
import importlib
import json
import os
import signal
import socket
import sys
from collections.abc import Sequence
from types import FrameType

from dure.cloud import worker

LARGEST = 256 * 1024
"""Bytes of a message."""


def serve(control: socket.socket) -> None:
    gc.freeze()
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, LARGEST, 2)
        if not message:
            return
        load(json.loads(message))
        with contextlib.suppress(OSError):  # no process or memory left: its starter finds the worker's end closed
            if os.fork() == 0:
                control.close()
                become_worker(descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def load(modules: Sequence[str]) -> None:
    """Import what earlier workers imported. One that cannot be: the worker that needs it tells why."""
    for name in modules:
        with contextlib.suppress(Exception):
            _ = importlib.import_module(name).__all__  # whether it has that or not: parts of pulumi_aws load when asked
    if modules:
        gc.freeze()  # or the first collection in each worker would copy all pages


def become_worker(descriptors: Sequence[int]) -> None:
    """In the copy; does not return."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for standard, descriptor in enumerate(descriptors):
        os.dup2(descriptor, standard)
        os.close(descriptor)
    worker.main()


def bury(number: int, frame: FrameType | None) -> None:
    """Ended workers; that they are waited for also adds their processor time to their starter's."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def main() -> None:
    signal.signal(signal.SIGCHLD, bury)
    serve(socket.socket(fileno=int(sys.argv[1])))
    os._exit(0)


if __name__ == "__main__":
    main()
