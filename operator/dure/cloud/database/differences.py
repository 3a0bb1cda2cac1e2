"""What has to be done so that a tenant has its database and nobody else's: SQL from facts. Pure.

A role may log in only when all else is done; until then a run that dies leaves nothing that anybody can use.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from psycopg import sql

from dure.cloud.database.facts import RoleFacts, SchemaFacts, ServerFacts
from dure.errors import DureError

CONNECTIONS = 40
"""At once, of one tenant: the smallest shared server has about 110 for all."""
ON_DATABASE = frozenset({"CONNECT", "TEMPORARY"})
ON_SCHEMA = frozenset({"USAGE", "CREATE"})
BY_CHANGE = {"createdb": sql.SQL("NOCREATEDB"), "createrole": sql.SQL("NOCREATEROLE")}
"""Attributes that the master may take away; the others only a superuser gives and takes."""
PRIVILEGES = {
    "CONNECT": sql.SQL("CONNECT"),
    "CREATE": sql.SQL("CREATE"),
    "TEMPORARY": sql.SQL("TEMPORARY"),
    "USAGE": sql.SQL("USAGE"),
}
DATABASE, SCHEMA = sql.SQL("DATABASE"), sql.SQL("SCHEMA")


@dataclass(frozen=True, slots=True)
class Act:
    """One statement, and what it does in words."""

    words: str
    statement: sql.Composed


def role_acts(name: str, facts: ServerFacts) -> Iterator[Act]:
    """The role without a login, bound to itself. Raises DureError for rights that the master cannot take away."""
    role = sql.Identifier(name)
    if facts.role is None:
        made = "CREATE ROLE {} NOLOGIN NOINHERIT CONNECTION LIMIT {}"
        yield Act("make the role", sql.SQL(made).format(role, sql.Literal(CONNECTIONS)))
        return
    yield from _bound(name, facts.role)
    for where, what in facts.elsewhere:
        statement = _revoke(DATABASE, where, name, what)
        yield Act(f"take {what} on database {where} away", statement)


def _bound(name: str, facts: RoleFacts) -> Iterator[Act]:
    role = sql.Identifier(name)
    beyond = [one for one in facts.unbound if one not in BY_CHANGE]
    if beyond:
        raise DureError(
            f"role {name} has rights beyond a tenant's: {', '.join(beyond)}",
            why="somebody gave them by hand, and only a superuser takes them away",
            mend=f"as a superuser: ALTER ROLE {name} {' '.join(f'NO{one.upper()}' for one in beyond)}",
        )
    for one in facts.unbound:
        yield Act(f"take {one} away", sql.SQL("ALTER ROLE {} {}").format(role, BY_CHANGE[one]))
    if facts.connections != CONNECTIONS:
        limit = sql.SQL("ALTER ROLE {} CONNECTION LIMIT {}").format(role, sql.Literal(CONNECTIONS))
        yield Act(f"limit it to {CONNECTIONS} connections", limit)
    for one in facts.above:
        yield Act(f"take membership of {one} away", _revoke_role(one, name))
    for one in facts.below:
        yield Act(f"take its membership away from {one}", _revoke_role(name, one))


def _revoke_role(role: str, member: str) -> sql.Composed:
    return sql.SQL("REVOKE {} FROM {}").format(sql.Identifier(role), sql.Identifier(member))


def database_acts(name: str, facts: ServerFacts) -> Iterator[Act]:
    """The database, to which the role alone may connect; and no other database of the master open to everybody.

    Made from template0: what somebody put into template1 would else come with it.
    """
    database = sql.Identifier(name)
    granted = set(facts.granted)
    if not facts.database:
        yield Act("make the database", sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(database))
        granted = {("", "CONNECT"), ("", "TEMPORARY")}
    for who, what in sorted(granted - {(name, one) for one in ON_DATABASE}):
        yield Act(f"take {what} on it away from {who or 'everybody'}", _revoke(DATABASE, name, who, what))
    if {(name, one) for one in ON_DATABASE} - granted:
        grant = sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(database, database)
        yield Act("let the role connect to it", grant)
    for other in facts.open_to_all:
        statement = sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(other))
        yield Act(f"close database {other} to everybody", statement)


def schema_acts(name: str, facts: SchemaFacts) -> Iterator[Act]:
    """The schema in it, which the role fills; nobody fills `public`."""
    schema = sql.Identifier(name)
    if not facts.exists:
        yield Act("make the schema", sql.SQL("CREATE SCHEMA {}").format(schema))
    for who, what in sorted(set(facts.granted) - {(name, one) for one in ON_SCHEMA}):
        yield Act(f"take {what} on the schema away from {who or 'everybody'}", _revoke(SCHEMA, name, who, what))
    if {(name, one) for one in ON_SCHEMA} - set(facts.granted):
        grant = sql.SQL("GRANT USAGE, CREATE ON SCHEMA {} TO {}").format(schema, schema)
        yield Act("let the role fill the schema", grant)
    if ("", "CREATE") in facts.public:
        yield Act("close schema public", _revoke(SCHEMA, "public", "", "CREATE"))


def login_acts(name: str, verifier: bytes) -> Iterator[Act]:
    """`verifier` is SCRAM's: the password itself never reaches the server or its logs."""
    statement = sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(name), sql.Literal(verifier.decode()))
    yield Act("let the role log in", statement)


def closing_acts(name: str, facts: ServerFacts) -> Iterator[Act]:
    """Nobody logs in any more; database and schema stay as they are."""
    if facts.role is None:
        return
    if facts.role.can_login:
        yield Act("take the login away", sql.SQL("ALTER ROLE {} NOLOGIN PASSWORD NULL").format(sql.Identifier(name)))


def dropping_acts(name: str, facts: ServerFacts) -> Iterator[Act]:
    """The database with all its data, then the role."""
    if facts.database:
        yield Act("drop the database", sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
    if facts.role is not None:
        yield Act("drop the role", sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


def _revoke(kind: sql.SQL, name: str, who: str, what: str) -> sql.Composed:
    whom = sql.Identifier(who) if who else sql.SQL("PUBLIC")
    return sql.SQL("REVOKE {} ON {} {} FROM {}").format(PRIVILEGES[what], kind, sql.Identifier(name), whom)
