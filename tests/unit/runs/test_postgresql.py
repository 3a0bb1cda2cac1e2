"""The same store and journal of runs in a real PostgreSQL."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml
from dure.model.local import LocalSettings
from dure.runs.audit import FIRST, append, chain_id, entries, rows
from dure.runs.context import Context
from dure.runs.journal import steps_of
from dure.store.database import HEAD, Store, schema_version
from dure.store.tables import Setting
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import make_url

from tests.postgresql import store_server
from tests.unit.runs.conftest import Office
from tests.unit.runs.test_durable import NAMES, Work, killed_in


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """URL of a PostgreSQL that this module alone uses, on loopback."""
    with store_server() as url:
        yield url


@pytest.fixture
def office_on_server(office: Office, server: str) -> Office:
    settings = LocalSettings(
        engineer="kim-minsu", ssh_key=office.minsu.settings.ssh_key, store_url=server, runs_url=server
    )
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


def test_a_killed_run_goes_on_from_a_journal_in_a_schema_of_its_own(office_on_server: Office, tmp_path: Path) -> None:
    work = Work(office_on_server, tmp_path / "log")
    killed_in(work, "three")
    assert work.start(again=True).wait(90) == 0
    assert work.lines().count("begin two") == 1
    assert work.lines().count("begin three") == 2
    assert [step.name for step in steps_of(office_on_server.minsu.store, "run-1")] == list(NAMES)
    inspector = inspect(office_on_server.minsu.store.engine)
    assert "dure_runs" in inspector.get_schema_names()
    assert "workflow_status" not in inspector.get_table_names("public")
    assert not (office_on_server.root / ".dure" / "runs.sqlite").exists()


def test_two_workstations_may_open_a_new_store_at_once(server: str) -> None:
    fresh = make_url(server).set(database="fresh")
    with create_engine(make_url(server).set(drivername="postgresql+psycopg")).connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("CREATE DATABASE fresh"))
    program = (
        "import sys; from dure.store.database import Store\n"
        "with Store(sys.argv[1]).transaction() as session: print(session.connection().dialect.name)"
    )
    opening = [
        subprocess.Popen([sys.executable, "-c", program, str(fresh)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for _ in range(3)
    ]
    assert [one.communicate(timeout=60)[0] for one in opening] == [b"postgresql\n"] * 3


def test_two_runs_that_end_at_once_both_get_their_link(office_on_server: Office) -> None:
    minsu = office_on_server.minsu
    jiwon = Context(minsu.workspace, minsu.settings.model_copy(update={"engineer": "lee-jiwon"}))

    def ends_runs(context: Context) -> None:
        for number in range(8):
            append(
                context, what="provision", where="hub", why="", result="done", run=f"{context.engineer}-{number}",
                plan="", commit="",
            )  # fmt: skip

    with ThreadPoolExecutor(2) as both:
        list(both.map(ends_runs, (minsu, jiwon)))
    links = rows(minsu.store)
    assert [link.number for link in links] == list(range(1, 17))
    assert {entry.chain for entry in entries(minsu.store)} == {chain_id(minsu.store)}
    assert [entry.previous for entry in entries(minsu.store)] == [FIRST, *(link.hash for link in links[:-1])]
