"""A real PostgreSQL on loopback as AWS runs one: TLS only, passwords only, and a master who is no superuser."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.poll import until

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
LOOPBACK = "127.0.0.1"
SUPERUSER = "rdsadmin"
MASTER_RIGHTS = "LOGIN CREATEDB CREATEROLE IN ROLE pg_signal_backend"
"""What AWS gives a master that matters here (AWS: "Understanding the rds_superuser role")."""


def as_postgres(*argv: str) -> list[str]:
    """PostgreSQL refuses to run as root."""
    drop = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    return [*drop, *argv] if os.geteuid() == 0 else [*argv]


def require_programs() -> Path:
    """Where PostgreSQL's programs are; a machine without them cannot run the test, and CI has to."""
    if not PROGRAMS:
        reason = "no PostgreSQL on this machine: apt-get install postgresql"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    return PROGRAMS[-1].parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Server:
    """`log` has every statement as the server saw it."""

    port: int
    superuser_password: str
    log: Path

    @property
    def way(self) -> str:
        """As `database_ways` names it."""
        return f"{LOOPBACK}:{self.port}"

    def connect(self, user: str, password: str, database: str = "postgres") -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(
            host=LOOPBACK,
            port=self.port,
            user=user,
            password=password,
            dbname=database,
            sslmode="require",
            connect_timeout=10,
            autocommit=True,
        )

    def as_superuser(self, *statements: str, database: str = "postgres") -> None:
        with self.connect(SUPERUSER, self.superuser_password, database) as connection:
            for statement in statements:
                connection.execute(statement.encode())


@contextmanager
def serving(master: str, master_password: str) -> Iterator[Server]:
    """A new server, gone afterwards. The master owns the first database, as at AWS."""
    programs = require_programs()
    with tempfile.TemporaryDirectory(prefix="dure-postgresql-") as place:
        directory = Path(place)
        _certificate(directory)
        secret = directory / "superuser"
        secret.write_text("of-aws-alone\n")
        if os.geteuid() == 0:
            for one in (directory, *directory.iterdir()):
                shutil.chown(one, "postgres", "postgres")
        (directory / "key.pem").chmod(0o600)
        data, log = directory / "data", directory / "log"
        make = [f"{programs}/initdb", "-D", str(data), "-A", "scram-sha-256", "-U", SUPERUSER, "-E", "UTF8"]
        make += ["--no-sync", f"--pwfile={secret}"]
        subprocess.run(as_postgres(*make), check=True, capture_output=True, cwd=directory)
        (data / "pg_hba.conf").write_text(f"hostssl all all {LOOPBACK}/32 scram-sha-256\n")
        server = Server(free_port(), "of-aws-alone", log)
        process = subprocess.Popen(
            as_postgres(f"{programs}/postgres", *_settings(directory, server.port)),
            cwd=directory,
            stderr=log.open("wb"),
        )
        try:
            ready = [f"{programs}/pg_isready", "-h", LOOPBACK, "-p", str(server.port)]
            until(lambda: subprocess.run(ready, capture_output=True).returncode == 0, 30)
            server.as_superuser(
                f"CREATE ROLE \"{master}\" {MASTER_RIGHTS} PASSWORD '{master_password}'",
                f'ALTER DATABASE postgres OWNER TO "{master}"',
            )
            yield server
        finally:
            process.send_signal(signal.SIGINT)  # a fast shutdown: it does not wait for our connections
            process.wait(20)


def _certificate(directory: Path) -> None:
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    make += ["-keyout", "key.pem", "-out", "certificate.pem", "-days", "2", "-subj", "/CN=database"]
    subprocess.run(make, check=True, capture_output=True, cwd=directory)


def _settings(directory: Path, port: int) -> list[str]:
    given = {
        "ssl": "on",
        "ssl_cert_file": directory / "certificate.pem",
        "ssl_key_file": directory / "key.pem",
        "log_statement": "all",
        "shared_buffers": "16MB",
    }
    settings = [word for key, value in given.items() for word in ("-c", f"{key}={value}")]
    return ["-D", str(directory / "data"), "-p", str(port), "-h", LOOPBACK, "-k", str(directory), "-F", *settings]


@contextmanager
def store_server() -> Iterator[str]:
    """A new server without TLS and passwords; the URL of an empty database `dure` in it. Gone afterwards."""
    programs = require_programs()
    directory = Path(tempfile.mkdtemp(prefix="dure-store-"))
    if os.geteuid() == 0:
        shutil.chown(directory, "postgres", "postgres")
    data = directory / "data"
    make = [f"{programs}/initdb", "-D", str(data), "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync"]
    subprocess.run(as_postgres(*make), check=True, capture_output=True, cwd=directory)
    port = free_port()
    serve = [f"{programs}/postgres", "-D", str(data), "-p", str(port), "-h", LOOPBACK, "-k", str(directory), "-F"]
    process = subprocess.Popen(as_postgres(*serve), cwd=directory, stderr=subprocess.DEVNULL)
    try:
        ready = [f"{programs}/pg_isready", "-h", LOOPBACK, "-p", str(port)]
        until(lambda: subprocess.run(ready, capture_output=True).returncode == 0, 30)
        make_db = [f"{programs}/createdb", "-h", LOOPBACK, "-p", str(port), "-U", "postgres", "dure"]
        subprocess.run(make_db, check=True, capture_output=True)
        yield f"postgresql://postgres@{LOOPBACK}:{port}/dure"
    finally:
        process.send_signal(signal.SIGINT)  # a fast shutdown: it does not wait for our connections
        process.wait(20)
        shutil.rmtree(directory, ignore_errors=True)
