"""What a PostgreSQL holds of one tenant, asked by its master."""

from dataclasses import dataclass
from typing import LiteralString

from psycopg import Connection

Granted = tuple[str, str]
"""Who, and what: a role's name (empty: everybody) and a privilege."""


@dataclass(frozen=True, slots=True)
class RoleFacts:
    """A role as it stands; `above` are roles that it may become, `below` tenants' roles that may become it."""

    can_login: bool = False
    connections: int = -1
    unbound: tuple[str, ...] = ()
    """Attributes that reach beyond a tenant: superuser, createdb, createrole, replication, bypassrls."""
    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SchemaFacts:
    """What is granted on the tenant's schema, and on `public` beside it."""

    exists: bool = False
    granted: tuple[Granted, ...] = ()
    public: tuple[Granted, ...] = ()


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """All but what is inside of the database; `role` is None where there is none."""

    role: RoleFacts | None = None
    database: bool = False
    granted: tuple[Granted, ...] = ()
    """On the tenant's database, its owner's own left out."""
    elsewhere: tuple[Granted, ...] = ()
    """What the role was granted by name on other databases: database, privilege."""
    open_to_all: tuple[str, ...] = ()
    """Databases of the master that everybody may connect to."""


ROLE: LiteralString = """
SELECT rolcanlogin, rolconnlimit, rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls,
  ARRAY(SELECT roleid::regrole::text FROM pg_auth_members WHERE member = r.oid ORDER BY 1),
  ARRAY(SELECT m.rolname::text FROM pg_auth_members a JOIN pg_roles m ON m.oid = a.member
        WHERE a.roleid = r.oid AND m.rolname <> current_user AND NOT m.rolsuper ORDER BY 1)
FROM pg_roles r WHERE rolname = %s
"""
ATTRIBUTES = ("superuser", "createdb", "createrole", "replication", "bypassrls")
DATABASES: LiteralString = """
SELECT d.datname::text, coalesce(g.rolname::text, ''), a.privilege_type,
  pg_has_role(current_user, d.datdba, 'MEMBER') AND d.datallowconn
FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
LEFT JOIN pg_roles g ON g.oid = a.grantee
WHERE a.grantee <> d.datdba ORDER BY 1, 2, 3
"""
SCHEMA: LiteralString = """
SELECT coalesce(g.rolname::text, ''), a.privilege_type
FROM pg_namespace n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a
LEFT JOIN pg_roles g ON g.oid = a.grantee
WHERE n.nspname = %s AND a.grantee <> n.nspowner ORDER BY 1, 2
"""


def server_facts(master: Connection, name: str) -> ServerFacts:
    """Asked in any database of the server. Raises psycopg.Error."""
    found = master.execute(ROLE, [name]).fetchone()
    role = None
    if found is not None:
        unbound = tuple(word for word, holds in zip(ATTRIBUTES, found[2:7], strict=True) if holds)
        role = RoleFacts(found[0], found[1], unbound, tuple(found[7]), tuple(found[8]))
    rows: list[tuple[str, str, str, bool]] = master.execute(DATABASES).fetchall()
    exists = master.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None
    return ServerFacts(
        role=role,
        database=exists,
        granted=tuple((who, what) for where, who, what, _ in rows if where == name),
        elsewhere=tuple((where, what) for where, who, what, _ in rows if where != name and who == name),
        open_to_all=tuple(sorted({where for where, who, _, ours in rows if ours and where != name and not who})),
    )


def schema_facts(master: Connection, name: str) -> SchemaFacts:
    """Asked in the tenant's own database. Raises psycopg.Error."""
    exists = master.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [name]).fetchone() is not None
    granted = [(str(who), str(what)) for who, what in master.execute(SCHEMA, [name]).fetchall()]
    public = [(str(who), str(what)) for who, what in master.execute(SCHEMA, ["public"]).fetchall()]
    return SchemaFacts(exists, tuple(granted), tuple(public))
