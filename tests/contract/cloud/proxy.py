"""A proxy before the AWS double that injects faults: refusals, an answer that never comes, a double that is gone."""

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

Which = Callable[[str, str, bytes], bool]
"""Method, path with query, body -> whether the fault strikes."""
PATIENCE = 30.0


def making_bucket(method: str, path: str, body: bytes) -> bool:
    return method == "PUT" and "?" not in path and path.strip("/").count("/") == 0


def calling(action: str) -> Which:
    """A call of IAM or STS by its action's name."""
    return lambda method, path, body: f"Action={action}&".encode() in body + b"&"


@dataclass(frozen=True)
class Refusal:
    """As AWS answers: a status and a body, and `kind` of content."""

    status: int
    body: str
    kind: str = "text/xml"


INTERNAL = Refusal(500, "<html>Internal Server Error</html>", "text/html")


@dataclass
class Faults:
    """`failing` answers `refusal`; `holding` lets the call happen and keeps its answer back until `release`."""

    endpoint: str = ""
    failing: Which | None = None
    refusal: Refusal = INTERNAL
    left: int | None = None
    """How often it fails yet; None: for ever."""
    holding: Which | None = None
    reached: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)
    seen: list[str] = field(default_factory=list)

    def strikes(self, method: str, path: str, body: bytes) -> bool:
        if self.failing is None or self.left == 0 or not self.failing(method, path, body):
            return False
        if self.left is not None:
            self.left -= 1
        return True


@contextmanager
def faulty(endpoint: str) -> Iterator[Faults]:
    """A proxy on loopback before `endpoint`; faultless until told."""
    faults = Faults()
    target = urlsplit(endpoint).netloc

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            faults.seen.append(f"{self.command} {self.path}")
            if faults.strikes(self.command, self.path, body):
                refusal = faults.refusal
                self.answer(refusal.status, [("Content-Type", refusal.kind)], refusal.body.encode())
                return
            connection = http.client.HTTPConnection(target, timeout=PATIENCE)
            try:
                connection.request(self.command, self.path, body, dict(self.headers.items()))
                answer = connection.getresponse()
                content = answer.read()
            except OSError:  # the double is gone: so is the answer
                self.close_connection = True
                return
            if faults.holding and faults.holding(self.command, self.path, body):
                faults.reached.set()
                faults.release.wait(PATIENCE)
            self.answer(answer.status, answer.getheaders(), content)

        def answer(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
            self.send_response(status)
            for name, value in headers:
                if name.lower() not in ("content-length", "connection", "transfer-encoding", "date", "server"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        def log_message(self, format: str, *arguments: object) -> None:
            """Quiet."""

    for method in ("GET", "PUT", "POST", "DELETE", "HEAD"):
        setattr(Handler, f"do_{method}", Handler.handle_any)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    faults.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield faults
    finally:
        faults.release.set()
        server.shutdown()
        server.server_close()
