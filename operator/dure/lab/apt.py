"""One caching package proxy for all labs of this host, on loopback; it fetches by the host's own set-up."""

import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from dure.errors import DureError
from dure.lab.host import STATE_ROOT, cache_directory
from dure.lab.processes import kill_group, members, run, spawn, wait_until

GROUP = "dure-lab-apt"
DIRECTORY = STATE_ROOT / "apt"
USERS = DIRECTORY / "users"


# apt-cacher-ng 3.7 cannot bind a port above 32767, where the kernel's own choice lies.
PROXY_PORTS = range(31420, 31520)


def free_port(candidates: Sequence[int] = (0,)) -> int:
    """A TCP port of loopback that nobody listens on now: the kernel's choice, or the first free candidate."""
    for candidate in candidates:
        with suppress(OSError), socket.create_server(("127.0.0.1", candidate)) as server:
            port: int = server.getsockname()[1]
            return port
    raise DureError("no TCP port of loopback is free for the lab", mend="end what listens there: ss -ltnp")


def answers(port: int) -> bool:
    """Whether somebody accepts connections on that port of loopback."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=0.5):
            return True
    except OSError:
        return False


def join_apt_proxy(user: str) -> int:
    """Start the proxy when it does not run, note `user` as one who needs it; return its port. Under host_lock."""
    USERS.mkdir(parents=True, exist_ok=True)
    (USERS / user).touch()
    state = DIRECTORY / "port"
    if state.exists() and members(GROUP) and answers(int(state.read_text())):
        return int(state.read_text())
    kill_group(GROUP)
    port = free_port(PROXY_PORTS)
    state.write_text(str(port))
    _configure(port)
    spawn(["apt-cacher-ng", "-c", str(DIRECTORY)], group=GROUP, log=DIRECTORY / "log")
    if not wait_until(lambda: answers(port), 10):
        raise DureError(
            "the package proxy does not start",
            why=(DIRECTORY / "log").read_text()[-200:].strip() or "it said nothing",
            mend="apt-get install --reinstall apt-cacher-ng",
        )
    return port


def leave_apt_proxy(user: str) -> None:
    """Forget `user`; the last one ends the proxy. Under host_lock."""
    (USERS / user).unlink(missing_ok=True)
    if not USERS.exists() or not any(USERS.iterdir()):
        kill_group(GROUP)


@contextmanager
def apt_proxy(user: str) -> Iterator[str]:
    """The proxy's URL, while it is needed. Under host_lock."""
    port = join_apt_proxy(user)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        leave_apt_proxy(user)


def _configure(port: int) -> None:
    cache = cache_directory() / "apt"
    logs = DIRECTORY / "logs"
    for directory in (cache, logs):
        directory.mkdir(parents=True, exist_ok=True)
    settings = {
        "CacheDir": str(cache),
        "LogDir": str(logs),
        "SupportDir": "/usr/lib/apt-cacher-ng",
        "Port": str(port),
        "BindAddress": "127.0.0.1",
        "ForeGround": "1",
        "ExThreshold": "30",
        "PassThroughPattern": ".*",
    }
    upstream = _host_proxy()
    if upstream:
        settings["Proxy"] = upstream
    text = "".join(f"{key}: {value}\n" for key, value in settings.items())
    (DIRECTORY / "acng.conf").write_text(text)


def _host_proxy() -> str:
    """The proxy that the host's own apt uses, if any."""
    line = run(["apt-config", "shell", "proxy", "Acquire::http::Proxy"]).strip()
    configured = line.removeprefix("proxy=").strip("'\"") if line else ""
    return configured or os.environ.get("http_proxy", "")
