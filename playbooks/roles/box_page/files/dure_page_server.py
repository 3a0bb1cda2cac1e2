"""Serve the box page on the socket that systemd hands over: GET only, small limits, no names looked up.

dure_page_server.py        started by dure-box-page.socket; needs no right but to read its files
"""

import base64
import hashlib
import http.server
import json
import socket
import sys
import threading
import urllib.parse
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import dure_page
from dure_page_texts import LANGUAGES, text

HERE = Path(__file__).parent
SETTINGS = Path("/etc/dure/box_page/settings.json")
LIGHTS = Path("/run/dure/lights.json")
CONNECTIONS = 32
CONNECTIONS_PER_ADDRESS = 8
SECONDS = 5.0


def read(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def page(path: str, settings: dict[str, Any], style: str) -> tuple[int, str]:
    """Status and HTML for the request's path with its query."""
    parts = urllib.parse.urlsplit(path)
    asked = urllib.parse.parse_qs(parts.query, max_num_fields=4).get("lang", [""])[-1]
    language = asked if asked in LANGUAGES else str(settings["language"])
    if parts.path == "/":
        return 200, dure_page.status_page(settings, read(LIGHTS), datetime.now().astimezone(), language, style)
    if parts.path == "/card":
        return 200, dure_page.card_page(settings, language, style)
    words = text("not-found", language)
    back = f'<main><h1 class="verdict">{words}</h1><p><a href="/">{text("card-back", language)}</a></p></main>'
    return 404, dure_page.document(words, language, style, back, refresh=False)


def security_headers(style: str) -> dict[str, str]:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return {
        "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }


class Handler(http.server.BaseHTTPRequestHandler):
    """One short answer, then the line is closed."""

    timeout = SECONDS
    server_version = "box"
    sys_version = ""
    settings: dict[str, Any]
    style: str

    def do_GET(self) -> None:
        self.answer(with_body=True)

    def do_HEAD(self) -> None:
        self.answer(with_body=False)

    def answer(self, *, with_body: bool) -> None:
        try:
            status, content = page(self.path, self.settings, self.style)
        except ValueError:
            self.send_error(400)
            return
        body = content.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        for name, value in security_headers(self.style).items():
            self.send_header(name, value)
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def log_message(self, format: str, *values: object) -> None:
        """Nobody's visits are kept."""


class Server(http.server.ThreadingHTTPServer):
    """Takes the given socket; turns away more lines than it can serve, one address more than its share."""

    daemon_threads = True

    def __init__(self, ready: socket.socket, handler: type[Handler]) -> None:
        super().__init__(("", 0), handler, bind_and_activate=False)
        self.socket.close()
        self.socket = ready
        self.open: Counter[str] = Counter()
        self.lock = threading.Lock()

    def verify_request(self, request: Any, client_address: Any) -> bool:
        address = str(client_address[0])
        with self.lock:
            if self.open.total() >= CONNECTIONS or self.open[address] >= CONNECTIONS_PER_ADDRESS:
                return False
            self.open[address] += 1
        return True

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        # One deadline for the whole line: a client that drips bytes loses it all the same.
        deadline = threading.Timer(SECONDS, shut, (request,))
        deadline.daemon = True
        deadline.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            deadline.cancel()
            with self.lock:
                self.open[str(client_address[0])] -= 1
                self.open += Counter()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no news."""


def shut(line: socket.socket) -> None:
    try:
        line.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def serve(ready: socket.socket, settings: dict[str, Any], style: str) -> Server:
    """A server for that socket; the caller runs it."""
    handler = type("PageHandler", (Handler,), {"settings": settings, "style": style})
    return Server(ready, handler)


def main() -> int:
    settings = read(SETTINGS)
    if not settings:
        print(f"<3>{SETTINGS} cannot be read: provision the site again")
        return 1
    style = (HERE / "page.css").read_text(encoding="utf-8")
    serve(socket.socket(fileno=3), settings, style).serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
