"""Starting the sandbox's provider process and knowing its port."""

import contextlib
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from dure.errors import DureError

STARTING = 30.0
"""Seconds for the process to name its port."""
DONE = b"done\n"
"""What a starter says that ends in order, so that calls under way are not waited for."""
OWN_CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE")
"""What would go before the credentials file."""


def credentials_environment(file: Path | None) -> dict[str, str]:
    """Our environment with AWS's credentials from this file alone; as it is without one."""
    if file is None:
        return dict(os.environ)
    kept = {key: value for key, value in os.environ.items() if key not in OWN_CREDENTIALS}
    return kept | {"AWS_SHARED_CREDENTIALS_FILE": str(file), "AWS_EC2_METADATA_DISABLED": "true"}


@contextlib.contextmanager
def running(endpoint: str, credentials: Path | None, record: Path) -> Iterator[int]:
    """The port of a provider process for any number of stacks; it ends with the block, or after its killed starter.

    Raises DureError when it does not start.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "dure.cloud.sandbox", "--endpoint", endpoint, "--record", record],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=credentials_environment(credentials),
        start_new_session=True,
    )
    try:
        yield _port(process)
    finally:
        process.communicate(DONE)  # the end of its standard input ends it


def _port(process: "subprocess.Popen[bytes]") -> int:
    answers: queue.Queue[bytes] = queue.Queue()
    stream = process.stdout
    if stream is not None:
        threading.Thread(target=lambda: answers.put(stream.readline()), daemon=True).start()
    with contextlib.suppress(queue.Empty, ValueError):
        return int(answers.get(timeout=STARTING))
    process.kill()
    raise DureError(
        "the sandbox provider did not start",
        where="python -m dure.cloud.sandbox",
        why="it named no port",
        mend="run it by hand and read what it says",
    )
