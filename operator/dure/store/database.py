"""Open the store: SQLite in the workspace's `.dure/` or PostgreSQL; migrated to the shape this version needs."""

import contextlib
import sqlite3
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, func, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError
from sqlalchemy.orm import Session

from dure.errors import DureError, UsageError
from dure.model.local import state_directory

HEAD = "0010"
"""The newest migration; raised together with a new file in migrations/versions."""

BUSY_SECONDS = 30
MIGRATING = threading.Lock()


class StoreFailed(DureError):
    """The database does not take what we write."""


class Store:
    """One database; `transaction()` gives a session that commits at its end or takes everything back."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self._migrated = False
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def transaction(self, *, alone: str = "") -> Iterator[Session]:
        """A session whose work is kept as a whole or not at all. Raises StoreFailed with cause and mend.

        With `alone` another transaction of the same word waits for this one, whichever process it is in.
        """
        try:
            self._ensure_schema()
            with Session(self.engine, expire_on_commit=False) as session, session.begin():
                if alone:
                    _wait_alone(session.connection(), alone)
                yield session
        except DatabaseError as error:
            raise explain(error, self.engine) from error

    def close(self) -> None:
        self.engine.dispose()

    def _ensure_schema(self) -> None:
        with self._lock:
            if self._migrated:
                return
            found = schema_version(self.engine)
            if found != HEAD:
                migrate(self.engine, found)
            self._migrated = True


def store_at(workspace: Path, url: str) -> Store:
    """The workspace's store: `url` of the settings, else `.dure/store.sqlite`."""
    if url:
        return Store(url)
    return Store(f"sqlite:///{state_directory(workspace).absolute() / 'store.sqlite'}")


def schema_version(engine: Engine) -> str:
    """The migration that the database stands at; empty for a new one."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return ""
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""


def migrate(engine: Engine, found: str) -> None:
    """Bring the database to HEAD; refuses one that a newer version of Dure has written."""
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found and found not in known:
        raise UsageError(
            f"the store has version {found}, this program knows up to {HEAD}",
            why="a newer version of Dure has written it",
            mend="install that version of Dure here too",
        )
    # Alembic keeps what it works on in its module; another workstation may open the same new database just now.
    with MIGRATING, engine.begin() as connection:
        _wait_alone(connection, "migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _wait_alone(connection: Connection, word: str) -> None:
    """Until the transaction's end no other of that word works; SQLite's transactions are alone anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(zlib.crc32(word.encode()))))


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise UsageError(
            "the store's URL cannot be read", why=str(error), mend="correct store_url in .dure/local.yaml"
        ) from error
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise UsageError(
            f'the store cannot be kept in "{parsed.get_backend_name()}"',
            where=".dure/local.yaml",
            why="it is written for SQLite and PostgreSQL",
            mend="write store_url: postgresql://…, or remove it for SQLite",
        )
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    engine = create_engine(parsed, connect_args={"timeout": BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: object) -> None:
        # Transactions are begun below: sqlite3's own way leaves CREATE TABLE out of them.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA synchronous=FULL")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # At once for writing: a transaction that reads first and then finds another writer could not wait for it.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def explain(error: DatabaseError, engine: Engine) -> StoreFailed:
    """Say in a person's words what the database refuses."""
    cause = str(error.orig or error).strip().splitlines()[0]
    where = engine.url.render_as_string(hide_password=True)
    if "disk is full" in cause or "disk I/O error" in cause or "No space left" in cause:
        return StoreFailed(
            "the store cannot be written",
            where=where,
            why="its disk is full",
            mend="free some space there (df -h), then repeat the command: the run goes on where it stopped",
        )
    if isinstance(error, OperationalError) and "locked" in cause:
        return StoreFailed(
            "the store is busy", where=where, why="another process writes for long", mend="repeat the command"
        )
    if engine.dialect.name == "sqlite" and ("not a database" in cause or "malformed" in cause):
        mend = "put a copy in its place; without one move it away, and the next run registers its site anew"
        return StoreFailed("the store's file is damaged", where=where, why=cause, mend=mend)
    mend = "see store_url in .dure/local.yaml" if engine.dialect.name != "sqlite" else f"ls -l {engine.url.database}"
    return StoreFailed("the store does not answer as it should", where=where, why=cause, mend=mend)
