"""`python -m dure.cloud.sandbox --endpoint URL --record DIR`: prints its port, serves until standard input ends.

A starter that ends in order says DONE first. One that was killed leaves an engine behind, which waits for what AWS was
asked and records it: those calls are answered before this process ends.
"""

import argparse
import os
import signal
import sys
from concurrent import futures
from pathlib import Path

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from dure.cloud import hearing
from dure.cloud.sandbox.calls import Connections
from dure.cloud.sandbox.process import DONE
from dure.cloud.sandbox.servicer import Servicer

LARGEST_MESSAGE = 400 * 1024 * 1024
"""Bytes; Pulumi's own limit."""

GRACE = 2.0
"""Seconds for calls under way once the starter is done: nobody waits for them."""
ORPHANED = hearing.GRACE + 10.0
"""Seconds for them once it was killed: longer than the engine, whose calls they are, is given to stop in order."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m dure.cloud.sandbox", description=__doc__)
    parser.add_argument("--endpoint", required=True, help="URL of the AWS double")
    parser.add_argument("--record", type=Path, required=True, help="directory for what the double cannot hold")
    given = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C is the engine's to handle, in order
    limits = [("grpc.max_receive_message_length", LARGEST_MESSAGE), ("grpc.max_send_message_length", LARGEST_MESSAGE)]
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=16), options=limits)
    servicer = Servicer(Connections(given.endpoint, given.record))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    said = b""
    while heard := os.read(0, 4096):  # the starter holds the other end: when it dies, however, this ends too
        said += heard
    server.stop(grace=GRACE if said.endswith(DONE) else ORPHANED).wait()  # sooner when no call is under way
    os._exit(0)  # a call that AWS has not answered must not keep the process: whoever asked is gone


if __name__ == "__main__":
    main()
