"""A proxy before the AWS double that injects faults: an answer of 500, or an answer that never comes."""

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


@dataclass
class Faults:
    """`failing` answers 500; `holding` lets the call happen and keeps its answer back until `release`."""

    endpoint: str = ""
    failing: Which | None = None
    holding: Which | None = None
    reached: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)
    seen: list[str] = field(default_factory=list)


@contextmanager
def faulty(endpoint: str) -> Iterator[Faults]:
    """A proxy on loopback before `endpoint`; faultless until told."""
    faults = Faults()
    target = urlsplit(endpoint).netloc

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            faults.seen.append(f"{self.command} {self.path}")
            if faults.failing and faults.failing(self.command, self.path, body):
                self.answer(500, [("Content-Type", "text/html")], b"<html>Internal Server Error</html>")
                return
            connection = http.client.HTTPConnection(target, timeout=PATIENCE)
            connection.request(self.command, self.path, body, dict(self.headers.items()))
            answer = connection.getresponse()
            content = answer.read()
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
