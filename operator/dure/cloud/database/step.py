"""A tenant's database made, closed or dropped: looks first, does what is missing, and may be repeated at any moment."""

from collections.abc import Iterable

import psycopg
from psycopg import Connection

from dure.cloud.database.connection import failed, master_of, session
from dure.cloud.database.differences import (
    Act,
    closing_acts,
    database_acts,
    dropping_acts,
    login_acts,
    role_acts,
    schema_acts,
)
from dure.cloud.database.facts import schema_facts, server_facts
from dure.cloud.database.password import forget, password_of
from dure.cloud.database.place import Place
from dure.model.local import LocalSettings

ONE_AT_A_TIME = 0x44757265
"""Key of the advisory lock that two operators take in turn; PostgreSQL frees it when its holder dies."""
SESSIONS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s"


def has_way(place: Place, settings: LocalSettings) -> bool:
    """Whether somebody said how its server is reached from here."""
    return place.address in settings.database_ways


def make(place: Place, settings: LocalSettings) -> list[str]:
    """What was done, in words; empty when all was as it should be. Raises DureError."""
    password, master = password_of(place, settings), master_of(place, settings)
    try:
        done = _make(place, settings, master)
        if done or not _opens(place, settings, password):
            with session(place, settings, *master) as connection:
                verifier = connection.pgconn.encrypt_password(password.encode(), place.name.encode(), b"scram-sha-256")
                done += _carry_out(connection, login_acts(place.name, verifier))
    except psycopg.Error as error:
        raise failed(place, f"database {place.name} of the tenant could not be made", error) from error
    return done


def _make(place: Place, settings: LocalSettings, master: tuple[str, str]) -> list[str]:
    """All but the login."""
    done: list[str] = []
    with session(place, settings, *master) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
        facts = server_facts(connection, place.name)
        done += _carry_out(connection, role_acts(place.name, facts))
        done += _carry_out(connection, database_acts(place.name, facts))
        with session(place, settings, *master, place.name) as own:
            done += _carry_out(own, schema_acts(place.name, schema_facts(own, place.name)))
    return done


def _opens(place: Place, settings: LocalSettings, password: str) -> bool:
    """Whether the role logs in with the password that is kept."""
    try:
        with session(place, settings, place.name, password, place.name):
            return True
    except psycopg.OperationalError as error:
        if "authentication failed" in str(error) or "not permitted to log in" in str(error):
            return False
        raise


def close(place: Place, settings: LocalSettings) -> list[str]:
    """Take the login and its sessions away, and forget the password. The data stays. Raises DureError."""
    done = _without_sessions(place, settings, drop=False)
    forget(place, settings)
    return done


def drop(place: Place, settings: LocalSettings) -> list[str]:
    """Database and role go for good, and the password. Raises DureError."""
    done = _without_sessions(place, settings, drop=True)
    forget(place, settings)
    return done


def _without_sessions(place: Place, settings: LocalSettings, *, drop: bool) -> list[str]:
    try:
        with session(place, settings, *master_of(place, settings)) as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
            facts = server_facts(connection, place.name)
            done = _carry_out(connection, closing_acts(place.name, facts))
            connection.execute(SESSIONS, [place.name])
            if drop:
                done += _carry_out(connection, dropping_acts(place.name, facts))
            return done
    except psycopg.Error as error:
        raise failed(place, f"database {place.name} of the tenant could not be closed", error) from error


def _carry_out(connection: Connection, acts: Iterable[Act]) -> list[str]:
    done = []
    for act in acts:
        connection.execute(act.statement)
        done.append(act.words)
    return done
