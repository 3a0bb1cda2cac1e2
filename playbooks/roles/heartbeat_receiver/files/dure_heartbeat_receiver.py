"""Take heartbeats on the hub: verify signature and number, keep the last statement of each site.

    dure_heartbeat_receiver.py       started by dure-heartbeat-receiver.socket, on the hub's overlay address only

Who may speak for a site stands in /etc/dure/heartbeat/signers/CUSTOMER_SITE (OpenSSH's allowed_signers format); the
last statement lies in /var/lib/dure/heartbeats/CUSTOMER_SITE.json. One file, Python's standard library only.
"""

import http.server
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import OrderedDict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SIGNERS = Path("/etc/dure/heartbeat/signers")
RECORDS = Path("/var/lib/dure/heartbeats")
SCRATCH = Path("/run/dure-heartbeat-receiver")
NAMESPACE = "dure-heartbeat"
SITE = re.compile(r"[a-z][a-z0-9-]{0,62}/[a-z][a-z0-9-]{0,62}")
BODY_BYTES = 8192
LINES = 64
SECONDS = 10.0
SECONDS_BETWEEN = 2.0
ADDRESSES = 4096


class Refusal(Exception):
    """An HTTP status and the reason, which the sender may know."""

    def __init__(self, status: int, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.status = status
        self.detail = detail


def file_name(site: str) -> str:
    """`/` is no letter of a file's name, and `_` is no letter of an id."""
    return site.replace("/", "_")


def parse(body: bytes) -> tuple[dict[str, Any], bytes, str]:
    """The statement, its signed bytes and the signature; Refusal for anything of another shape."""
    try:
        envelope = json.loads(body)
        text, signature = envelope["statement"], envelope["signature"]
        statement = json.loads(text)
        site, number = statement["site"], statement["sequence"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Refusal(400, "not a heartbeat") from error
    if not isinstance(site, str) or not SITE.fullmatch(site) or type(number) is not int or not 0 < number < 2**53:
        raise Refusal(400, "not a heartbeat")
    if not isinstance(signature, str) or len(signature) > 4096:
        raise Refusal(400, "not a signature")
    return statement, text.encode(), signature


def verify(site: str, content: bytes, signature: str, signers: Path, scratch: Path) -> None:
    """ssh-keygen's word on it; Refusal when the site is unknown or the signature is not its."""
    known = signers / file_name(site)
    if not known.is_file():
        raise Refusal(403, "unknown site")
    handle, name = tempfile.mkstemp(dir=scratch)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(signature)
        arguments = ["ssh-keygen", "-Y", "verify", "-n", NAMESPACE, "-f", str(known), "-I", site, "-s", name]
        result = subprocess.run(arguments, input=content, capture_output=True, timeout=SECONDS, check=False)
    finally:
        Path(name).unlink(missing_ok=True)
    if result.returncode != 0:
        words = (result.stderr or result.stdout).decode(errors="replace").split("\n")[0][:200]
        raise Refusal(403, "the signature does not match the site's pinned key", words)


def keep(statement: dict[str, Any], address: str, signers: Path, records: Path) -> None:
    """Write the site's last statement; Refusal when its number does not rise.

    A box that was replaced signs with another key and may start lower: numbers count for one key.
    """
    site = str(statement["site"])
    file = records / f"{file_name(site)}.json"
    key = (signers / file_name(site)).read_text(encoding="utf-8").strip()
    try:
        last = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        last = {}
    if last.get("key") == key and statement["sequence"] <= last.get("sequence", 0):
        raise Refusal(409, "the sequence number does not rise")
    received = datetime.now(UTC).isoformat(timespec="seconds")
    record = {**statement, "received": received, "address": address, "key": key}
    part = file.with_suffix(".part")
    part.write_text(json.dumps(record, ensure_ascii=False, sort_keys=True), encoding="utf-8")
    part.chmod(0o644)
    part.replace(file)


class Pace:
    """One post every few seconds from an address; the oldest addresses are forgotten first."""

    def __init__(self, between: float) -> None:
        self.between = between
        self.last: OrderedDict[str, float] = OrderedDict()
        self.lock = threading.Lock()

    def allow(self, address: str, now: float) -> bool:
        with self.lock:
            if now - self.last.get(address, -self.between) < self.between:
                return False
            self.last[address] = now
            self.last.move_to_end(address)
            while len(self.last) > ADDRESSES:
                self.last.popitem(last=False)
            return True


class Receiver(http.server.ThreadingHTTPServer):
    """Serves the given socket with a bounded number of threads."""

    daemon_threads = True

    def __init__(self, ready: socket.socket, signers: Path, records: Path, scratch: Path, between: float) -> None:
        super().__init__(("", 0), Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = ready
        self.signers, self.records, self.scratch = signers, records, scratch
        self.pace = Pace(between)
        self.room = threading.BoundedSemaphore(LINES)
        self.keeping = threading.Lock()

    def verify_request(self, request: Any, client_address: Any) -> bool:
        return self.room.acquire(blocking=False)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        deadline = threading.Timer(SECONDS, shut, (request,))
        deadline.daemon = True
        deadline.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            deadline.cancel()
            self.room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A box that goes away in mid-post posts again."""

    def take(self, body: bytes, address: str) -> None:
        """One heartbeat; Refusal with the reason."""
        if not self.pace.allow(address, time.monotonic()):
            raise Refusal(429, "too often")
        statement, content, signature = parse(body)
        verify(statement["site"], content, signature, self.signers, self.scratch)
        with self.keeping:
            keep(statement, address, self.signers, self.records)


class Handler(http.server.BaseHTTPRequestHandler):
    """POST only."""

    timeout = SECONDS
    server: Receiver
    server_version = "hub"
    sys_version = ""

    def do_POST(self) -> None:
        address = str(self.client_address[0])
        try:
            self.server.take(self.body(), address)
        except Refusal as refusal:
            detail = f" ({refusal.detail})" if refusal.detail else ""
            print(f"<4>heartbeat from {address} refused: {refusal}{detail}", flush=True)
            self.reply(refusal.status, str(refusal))
            return
        except (OSError, subprocess.TimeoutExpired) as error:
            print(f"<3>heartbeat from {address} could not be kept: {error}", flush=True)
            self.reply(503, "try again")
            return
        self.reply(204, "")

    def body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not re.fullmatch(r"[0-9]{1,7}", length):
            raise Refusal(411, "no length")
        if int(length) > BODY_BYTES:
            raise Refusal(413, "too long")
        return self.rfile.read(int(length))

    def reply(self, status: int, words: str) -> None:
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(words.encode())))
        self.end_headers()
        if status != 204:
            self.wfile.write(words.encode())

    def log_message(self, format: str, *values: object) -> None:
        """Only refusals are worth a line."""


def shut(line: socket.socket) -> None:
    try:
        line.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def main() -> int:
    Receiver(socket.socket(fileno=3), SIGNERS, RECORDS, SCRATCH, SECONDS_BETWEEN).serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
