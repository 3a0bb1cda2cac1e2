"""A TCP relay between namespaces: listens inside one, connects on the host's loopback. Runs as a process.

Usage: python -m dure.lab.relay NAMESPACE LISTEN_ADDRESS:PORT=TARGET_ADDRESS:PORT ...
"""

import asyncio
import socket
import sys
from contextlib import suppress

from dure.lab.netns import within

CHUNK = 1 << 17


def endpoint(text: str) -> tuple[str, int]:
    """`address:port` as a pair."""
    address, _, port = text.rpartition(":")
    return address, int(port)


def listener(namespace: str, at: tuple[str, int]) -> socket.socket:
    """A listening socket that lives in `namespace`."""
    with within(namespace):
        return socket.create_server(at, backlog=128)


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy one direction to its end, then tell the other side that nothing more comes."""
    with suppress(OSError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
    # Also after a reset, or the other direction would wait for an end that never comes.
    with suppress(OSError, RuntimeError):
        if writer.can_write_eof():
            writer.write_eof()


async def serve(namespace: str, pairs: list[tuple[tuple[str, int], tuple[str, int]]]) -> None:
    """Relay every pair until the process is ended."""

    async def start(at: tuple[str, int], target: tuple[str, int]) -> asyncio.Server:
        async def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                far_reader, far_writer = await asyncio.open_connection(*target)
            except OSError:
                writer.close()
                return
            await asyncio.gather(pump(reader, far_writer), pump(far_reader, writer))
            for end in (writer, far_writer):
                end.close()

        return await asyncio.start_server(accepted, sock=listener(namespace, at), limit=CHUNK)

    servers = [await start(at, target) for at, target in pairs]
    await asyncio.gather(*(server.serve_forever() for server in servers))


def main() -> None:
    """Parse the command line and relay."""
    namespace, *rules = sys.argv[1:]
    pairs = [(endpoint(at), endpoint(target)) for at, target in (rule.split("=") for rule in rules)]
    asyncio.run(serve(namespace, pairs))


if __name__ == "__main__":
    main()
