"""The lab's AWS: a moto server on loopback that enforces IAM, and the administrator's key to it.

`python -m dure.cloud.moto --port P --credentials FILE --ready-file FILE` runs until SIGTERM. State lives
in its memory: a new start is an empty account. moto is a development dependency; only lab and tests come here.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dure.cloud.moto_corrections import AsAws, correct
from dure.errors import DureError

if TYPE_CHECKING:
    from werkzeug.serving import BaseWSGIServer

OPEN_CALLS = "100000"
"""Calls that moto answers without looking at their key, until the administrator exists and the gate closes."""
SETTINGS = {"MOTO_IAM_LOAD_MANAGED_POLICIES": "true", "MOTO_ACM_VALIDATION_WAIT": "1"}
"""moto's own: AWS's managed policies are there, a certificate is issued within a second."""
ADMINISTRATOR = "platform"
REGION = "ap-northeast-2"
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


@dataclass(frozen=True, slots=True)
class Account:
    """A running server: its URL on loopback, the administrator's shared credentials file and its process."""

    endpoint: str
    credentials: Path
    process: subprocess.Popen[bytes]

    def stop(self, seconds: float = 5) -> None:
        """End it; killed when it has not ended in time."""
        self.process.terminate()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def write_private(file: Path, content: str) -> None:
    """Write then rename, mode 0600 from the first byte, so that a reader sees nothing or all."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(content)
    draft.replace(file)


def make_administrator(endpoint: str) -> str:
    """Make the platform's user in the empty account; the text of its shared credentials file."""
    import boto3
    from botocore.config import Config

    iam = boto3.client(
        "iam",
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id="bootstrap",
        aws_secret_access_key="bootstrap",  # noqa: S106 - before the gate closes any key is accepted
        config=Config(retries={"total_max_attempts": 2}, connect_timeout=5, read_timeout=20, proxies={}),
    )
    iam.create_user(UserName=ADMINISTRATOR)
    policy = json.dumps(EVERYTHING)
    iam.put_user_policy(UserName=ADMINISTRATOR, PolicyName="everything", PolicyDocument=policy)
    key = iam.create_access_key(UserName=ADMINISTRATOR)["AccessKey"]
    return f"[default]\naws_access_key_id = {key['AccessKeyId']}\naws_secret_access_key = {key['SecretAccessKey']}\n"


def close_gate(port: int) -> None:
    """From here on every call needs a key that exists and a policy that allows it."""
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("POST", "/moto-api/reset-auth", body=b"0", headers={"Content-Type": "text/plain"})
    answer = connection.getresponse()
    if answer.status != 200:
        raise DureError(
            "the AWS double does not enforce IAM",
            where=f"127.0.0.1:{port}",
            why=f"its reset-auth answered {answer.status}",
            mend="install the moto version that requirements-dev.lock pins",
        )
    connection.close()


def load_services(port: int) -> None:
    """Ask for a bucket list once: moto imports a service at its first call, for seconds on a busy host."""
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/")
    connection.getresponse().read()
    connection.close()


def make_server(port: int) -> tuple[BaseWSGIServer, int]:
    """A listening server and its port; raises OSError when the port is taken."""
    from moto.moto_server import werkzeug_app
    from werkzeug.serving import make_server

    correct()
    listener = socket.create_server(("127.0.0.1", port), backlog=128)
    server = make_server(
        "127.0.0.1",
        port,
        AsAws(werkzeug_app.DomainDispatcherApplication(werkzeug_app.create_backend_app)),
        threaded=True,
        request_handler=werkzeug_app.MotoRequestHandler,
        fd=listener.detach(),
    )
    return server, int(server.server_address[1])


def serve(port: int, credentials: Path, ready_file: Path) -> None:
    """Serve on 127.0.0.1 until SIGTERM or SIGINT; port 0 takes a free one.

    `credentials` (0600) holds the administrator's key; `ready_file` comes last: endpoint and pid as JSON.
    """
    os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = OPEN_CALLS
    for setting, value in SETTINGS.items():
        os.environ.setdefault(setting, value)
    endings = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, endings)  # inherited by every thread; taken by sigwait below

    import threading

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server, bound = make_server(port)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{bound}"
    write_private(credentials, make_administrator(endpoint))
    load_services(bound)
    close_gate(bound)
    write_private(ready_file, json.dumps({"endpoint": endpoint, "pid": os.getpid()}))
    signal.sigwait(endings)
    ready_file.unlink(missing_ok=True)
    os._exit(0)  # worker threads may hold a slow client; nothing in memory is worth waiting for


def start(directory: Path, port: int = 0, seconds: float = 30) -> Account:
    """Start the server as a process with its files in `directory` and wait until it is ready.

    Raises DureError with the last lines of its log when it ends early or takes longer.
    """
    credentials, ready = directory / "aws-credentials", directory / "moto-ready.json"
    log = directory / "moto.log"
    ready.unlink(missing_ok=True)
    arguments = ["--port", str(port), "--credentials", str(credentials), "--ready-file", str(ready)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "dure.cloud.moto", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    end = time.monotonic() + seconds
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > end:
            process.kill()
            tail = log.read_text(errors="replace").strip().splitlines()[-1:] or ["it said nothing"]
            raise DureError("the AWS double did not start", where=str(log), why=tail[0], mend=f"read {log}")
        time.sleep(0.05)
    return Account(json.loads(ready.read_text())["endpoint"], credentials, process)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m dure.cloud.moto", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0: any free one")
    parser.add_argument("--credentials", type=Path, required=True, help="file for the administrator's key")
    parser.add_argument("--ready-file", type=Path, required=True, help="written once it serves, as JSON")
    given = parser.parse_args()
    try:
        serve(given.port, given.credentials, given.ready_file)
    except DureError as error:
        sys.exit(f"error: {error.line()}")
    except OSError as error:
        sys.exit(f"error: 127.0.0.1:{given.port}: cannot listen, because {error}. To mend: --port 0")


if __name__ == "__main__":
    main()
