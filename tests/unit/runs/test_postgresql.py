"""The same store and journal of runs in a real PostgreSQL."""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from dure.model.local import LocalSettings
from dure.runs.context import Context
from dure.runs.journal import steps_of
from dure.store.database import HEAD, Store, schema_version
from dure.store.tables import Setting
from sqlalchemy import inspect

from tests.poll import until
from tests.unit.runs.conftest import Office
from tests.unit.runs.test_durable import NAMES, Work, killed_in

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


def as_postgres(*argv: str) -> list[str]:
    """PostgreSQL refuses to run as root."""
    return (
        ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *argv] if os.geteuid() == 0 else [*argv]
    )


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """URL of a PostgreSQL that this module alone uses, on loopback."""
    if not PROGRAMS:
        reason = "no PostgreSQL on this machine: apt-get install postgresql"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    directory = Path(subprocess.run(["mktemp", "-d"], capture_output=True, text=True, check=True).stdout.strip())
    if os.geteuid() == 0:
        shutil.chown(directory, "postgres", "postgres")
    programs = PROGRAMS[-1].parent
    data = directory / "data"
    make = [f"{programs}/initdb", "-D", str(data), "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync"]
    subprocess.run(as_postgres(*make), check=True, capture_output=True, cwd=directory)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    serve = [f"{programs}/postgres", "-D", str(data), "-p", str(port), "-h", "127.0.0.1", "-k", str(directory), "-F"]
    process = subprocess.Popen(as_postgres(*serve), cwd=directory, stderr=subprocess.DEVNULL)
    try:
        ready = [f"{programs}/pg_isready", "-h", "127.0.0.1", "-p", str(port)]
        until(lambda: subprocess.run(ready, capture_output=True).returncode == 0, 30)
        make_db = [f"{programs}/createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "postgres", "dure"]
        subprocess.run(make_db, check=True, capture_output=True)
        yield f"postgresql://postgres@127.0.0.1:{port}/dure"
    finally:
        process.send_signal(signal.SIGINT)  # a fast shutdown: it does not wait for our connections
        process.wait(20)
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def office_on_server(office: Office, server: str) -> Office:
    settings = LocalSettings(engineer="kim-minsu", store_url=server, runs_url=server)
    (office.root / ".dure").mkdir(exist_ok=True)
    (office.root / ".dure" / "local.yaml").write_text(yaml.safe_dump(settings.model_dump(mode="json")))
    return Office(office.root, Context(office.root, settings), office.jiwon)


def test_the_store_makes_its_tables_and_keeps_what_is_written(server: str) -> None:
    store = Store(server)
    with store.transaction() as session:
        session.add(Setting(name="greeting", value="두레"))
    again = Store(server)
    with again.transaction() as session:
        assert session.get_one(Setting, "greeting").value == "두레"
    assert schema_version(again.engine) == HEAD
    store.close()
    again.close()


def test_a_killed_run_goes_on_from_a_journal_in_postgresql(office_on_server: Office, tmp_path: Path) -> None:
    work = Work(office_on_server, tmp_path / "log")
    killed_in(work, "three")
    assert work.start(again=True).wait(60) == 0
    assert work.lines().count("begin two") == 1
    assert work.lines().count("begin three") == 2
    assert [step.name for step in steps_of(office_on_server.minsu.store, "run-1")] == list(NAMES)


def test_the_journal_has_a_schema_of_its_own(office_on_server: Office, tmp_path: Path) -> None:
    inspector = inspect(office_on_server.minsu.store.engine)
    assert "dure_runs" in inspector.get_schema_names()
    assert "workflow_status" not in inspector.get_table_names("public")
    assert not (office_on_server.root / ".dure" / "runs.sqlite").exists()
