"""An MSP of two engineers with real keys, three customers and a clock that stands where a test puts it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock
from uuid import uuid4

import pytest
import yaml
from dure.store.database import Store, store_at
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url

from tests.contract.command import Outcome, operator
from tests.postgresql import store_server
from tests.unit.runs.conftest import OPERATOR, make_key

HERE = Path(__file__).parent
EMPTY, JUNE = "template0", "june"
"""Databases to be copied: one without anything, and one with June's spans."""
NO_STORE = shutil.ignore_patterns(".dure")

in_both_stores = pytest.mark.parametrize("backend", ["sqlite", "postgresql"], indirect=True)
"""The same story in SQLite and in PostgreSQL."""


@dataclass
class Bureau:
    """The workspace, as the engineer who sits there now uses it; `at` is now in seconds UTC.

    `chain_at` is the time of the audit chain's links where it is another one.
    """

    root: Path
    keys: dict[str, Path]
    store_url: str = ""
    at: int = 0
    chain_at: int = 0
    data: Path = field(default=HERE / "data")

    def sit(self, engineer: str) -> None:
        """That engineer works at this workstation from now on."""
        settings = {"engineer": engineer, "ssh_key": str(self.keys[engineer]), "store_url": self.store_url}
        (self.root / ".dure").mkdir(exist_ok=True)
        (self.root / ".dure" / "local.yaml").write_text(yaml.safe_dump(settings))

    def clock(self, moment: str) -> None:
        """Set the clock, in Seoul."""
        self.at = int(datetime.fromisoformat(f"{moment}+09:00").timestamp())

    def run(self, *arguments: str | Path) -> Outcome:
        """`operator ARGUMENTS` in the workspace at the time that is set."""
        chain = datetime.fromtimestamp(self.chain_at or self.at, UTC)
        with (
            mock.patch("dure.runs.promise.clock.now", return_value=self.at),
            mock.patch("dure.runs.audit.moment", return_value=chain),
        ):
            return operator(*arguments, "-w", self.root)

    def store(self) -> Store:
        return store_at(self.root, self.store_url)

    def edit(self, file: str, old: str, new: str) -> None:
        """Change a file of the workspace."""
        path = self.root / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, str]]:
    """Engineer -> private key file and public line."""
    place = tmp_path_factory.mktemp("keys")
    return {name: (place / name, make_key(place / name)) for name in ("kim-minsu", "lee-jiwon")}


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """URL of a server that all tests of this folder use, each with a database of its own."""
    with store_server() as url:
        yield url


@contextmanager
def administrator(server: str) -> Iterator[Connection]:
    """Outside of every test's database; each statement by itself."""
    place = make_url(server).set(drivername="postgresql+psycopg", database="postgres")
    engine = create_engine(place, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def copied(server: str, name: str, template: str) -> str:
    """URL of a new database, a copy of another one."""
    with administrator(server) as connection:
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    return make_url(server).set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> str:
    """What the store lies in: sqlite unless the test says otherwise."""
    return str(getattr(request, "param", "sqlite"))


def opened(root: Path, keys: dict[str, tuple[Path, str]], store_url: str = "") -> Bureau:
    made = Bureau(root, {name: key for name, (key, _) in keys.items()}, store_url)
    made.sit("kim-minsu")
    made.clock("2026-07-03T10:00")
    return made


def import_june(bureau: Bureau) -> None:
    bureau.chain_at = int(datetime.fromisoformat("2026-06-01T00:00+09:00").timestamp())  # before all that tests agree
    assert bureau.run("sla", "import", bureau.data / "june-spans.csv").code == 0


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, keys: dict[str, tuple[Path, str]]) -> Path:
    """The workspace with June's spans in its store, made once; tests work on copies."""
    root = tmp_path_factory.mktemp("template") / "workspace"
    shutil.copytree(HERE / "workspace", root)
    lines = {"minsu": keys["kim-minsu"][1], "jiwon": keys["lee-jiwon"][1]}
    (root / "operator.yaml").write_text(OPERATOR.format(**lines), encoding="utf-8")
    import_june(opened(root, keys))
    return root


@pytest.fixture(scope="session")
def june_database(
    postgresql: str, tmp_path_factory: pytest.TempPathFactory, template: Path, keys: dict[str, tuple[Path, str]]
) -> str:
    """Name of a database on the server that has what the template's store has."""
    root = tmp_path_factory.mktemp("template") / "postgresql"
    shutil.copytree(template, root, ignore=NO_STORE)
    made = opened(root, keys, copied(postgresql, JUNE, EMPTY))
    import_june(made)
    with administrator(postgresql) as connection:  # a database that somebody is in cannot be copied
        leave = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
        connection.execute(leave, {"name": JUNE})
    return JUNE


@pytest.fixture
def bureau(
    request: pytest.FixtureRequest, tmp_path: Path, template: Path, keys: dict[str, tuple[Path, str]], backend: str
) -> Bureau:
    """Without any data."""
    root = tmp_path / "workspace"
    shutil.copytree(template, root, ignore=NO_STORE)
    if backend == "sqlite":
        return opened(root, keys)
    return opened(root, keys, copied(request.getfixturevalue("postgresql"), uuid4().hex, EMPTY))


@pytest.fixture
def june(
    request: pytest.FixtureRequest, tmp_path: Path, template: Path, keys: dict[str, tuple[Path, str]], backend: str
) -> Bureau:
    """June's spans are in the store, and it is the third business day of July."""
    root = tmp_path / "workspace"
    if backend == "sqlite":
        shutil.copytree(template, root)
        return opened(root, keys)
    shutil.copytree(template, root, ignore=NO_STORE)
    server, june = request.getfixturevalue("postgresql"), request.getfixturevalue("june_database")
    return opened(root, keys, copied(server, uuid4().hex, june))
