"""A landing zone and its tenants by `operator stacks`, with a real PostgreSQL in the place of the shared one."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from dure.cloud import moto
from dure.cloud.database.step import ONE_AT_A_TIME

from tests.contract.cloud.test_faults import workers
from tests.contract.stacks.desk import REGION, Desk, make_desk
from tests.poll import until
from tests.postgresql import Server, serving

MASTER, MASTER_PASSWORD = "admin", "P@55w0rd!"
"""What the AWS double puts into the secret of every master."""
TENANT = """\
id: {id}
name: 시험 {id}
people: 3
sites:
  - {{ id: erp, name: 업무 시스템, blueprint: saas-tenant, tags: [pool], parameters: {{ deletion_protection: false }} }}
"""
ESTATE = ("landing-zone", "delta/erp", "epsilon/erp")


@dataclass(frozen=True)
class Estate:
    desk: Desk
    server: Server

    def password(self, customer: str) -> str:
        name = f"/dure/{self.desk.msp}/{customer}/erp/database-password"
        kept = self.desk.client("ssm").get_parameter(Name=name, WithDecryption=True)
        return str(kept["Parameter"]["Value"])

    def database(self, customer: str) -> str:
        return str(self.desk.json("outputs", f"{customer}/erp")["database_role"])

    def session(self, customer: str) -> "psycopg.Connection[Any]":
        name = self.database(customer)
        return self.server.connect(name, self.password(customer), name)


def shared_address(msp: str) -> str:
    """The double names a server after its identifier alone."""
    end = hashlib.sha256(f"{msp}/production".encode()).hexdigest()[:10]
    return f"{msp}-production-{end}.aaaaaaaaaa.{REGION}.rds.amazonaws.com"


def add(desk: Desk, *customers: str) -> None:
    for one in customers:
        (desk.root / "customers" / f"{one}.yaml").write_text(TENANT.format(id=one), encoding="utf-8")


@pytest.fixture(scope="module")
def account(own_account: moto.Account) -> moto.Account:
    return own_account


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory, account: moto.Account) -> Iterator[Estate]:
    """All stacks of the workspace, by one command."""
    with serving(MASTER, MASTER_PASSWORD) as server:
        desk = make_desk(tmp_path_factory.mktemp("estate"), account, "estate-msp")
        for file in (desk.root / "customers").iterdir():
            file.unlink()
        add(desk, "delta", "epsilon")
        desk.local(database_ways={shared_address(desk.msp): server.way})
        up = desk("up", "--all", "--yes", "--reason", "from nothing", "--json")
        assert up.code == 0, up.stdout + up.stderr
        results = {one["site"]: one for one in json.loads(up.stdout)["results"]}
        assert tuple(results) == ESTATE
        for site in ESTATE[1:]:
            made = [one["op"] for one in results[site]["changes"] if one["type"] == "postgresql:database"]
            assert (made, results[site]["note"]) == (["create"], "")
        made_up = Estate(desk, server)
        for customer in ("delta", "epsilon"):
            with made_up.session(customer) as session:
                session.execute("CREATE TABLE orders (what text)")
        yield made_up


def test_each_tenant_works_in_its_own_database_and_nothing_is_left_to_do(estate: Estate) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        estate.server.connect(estate.database("delta"), estate.password("delta"), estate.database("epsilon"))
    assert estate.desk("up", "--all", "--changed").stdout == "nothing would change\n"
    again = estate.desk.json("up", "tag=pool", "--yes")
    assert again["summary"] == "2 stacks: 2 unchanged"
    assert estate.desk("drift", "tag=pool").stdout == "delta/erp: no drift\nepsilon/erp: no drift\n"
    assert estate.desk("drift", "landing-zone").stdout == "landing-zone: no drift\n"


def test_the_password_is_in_the_sealed_parameter_alone(estate: Estate) -> None:
    password = estate.password("delta").encode()
    kept = [file for file in estate.desk.root.rglob("*") if file.is_file()]
    assert not [file for file in [*kept, estate.server.log] if password in file.read_bytes()]
    assert "database-password" not in estate.desk.state("delta.erp").read_text()
    assert not [process for process in Path("/proc").glob("[0-9]*/environ") if password in content(process)]


def content(process: Path) -> bytes:
    try:
        return process.read_bytes() + process.with_name("cmdline").read_bytes()
    except OSError:
        return b""


@contextmanager
def held(server: Server) -> Iterator[None]:
    """Whoever wants to make a database waits."""
    with server.connect(MASTER, MASTER_PASSWORD) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
        yield


def waits(server: Server) -> bool:
    asked = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    with server.connect(MASTER, MASTER_PASSWORD) as other:
        return other.execute(asked).fetchone() == (1,)


def test_killed_before_the_database_is_made_the_next_up_makes_it(estate: Estate) -> None:
    desk = estate.desk
    add(desk, "zeta")
    command = [sys.executable, "-m", "dure.cli.main", "stacks", "up", "zeta", "--yes", "-w", str(desk.root)]
    with held(estate.server):
        running = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        try:
            until(lambda: waits(estate.server), 240)
            assert workers(running.pid) == [], "the engine was done"
        finally:
            running.kill()
            running.wait()
    unfinished = desk("up", "zeta")
    assert (unfinished.code, "nobody can be asked" in unfinished.stderr) == (4, True), "there is something to do"
    shown = desk("preview", "zeta")
    assert (shown.code, "zeta/erp: its database would be looked at" in shown.stdout) == (3, True)
    assert "+ postgresql:database: role, database and schema" in shown.stdout
    again = desk.json("up", "zeta", "--yes")
    assert [one["type"] for one in again["results"][0]["changes"]] == ["postgresql:database"]
    with estate.session("zeta"):
        pass
    assert desk("up", "zeta").stdout == "nothing would change\n"


def test_a_tenant_that_leaves_loses_its_login_and_not_its_data(estate: Estate) -> None:
    desk, name, password = estate.desk, estate.database("epsilon"), estate.password("epsilon")
    shown = desk("destroy", "epsilon/erp", "--check").stdout
    assert f"epsilon/erp: database {name} is kept and its login taken away" in shown
    gone = desk("destroy", "epsilon/erp", "--yes", "--reason", "the contract has ended")
    assert (gone.code, gone.stdout) == (0, "1 stack: 1 changed\n")
    assert f"; database {name} is kept, without a login" in gone.stderr
    with pytest.raises(psycopg.OperationalError, match=r"authentication failed|not permitted to log in"):
        estate.server.connect(name, password, name)
    with estate.server.connect("rdsadmin", estate.server.superuser_password, name) as superuser:
        assert superuser.execute("SELECT count(*) FROM pg_tables WHERE tablename = 'orders'").fetchone() == (1,)
    assert desk("up", "epsilon/erp", "--yes").code == 0
    with estate.session("epsilon") as back:
        assert back.execute("SELECT count(*) FROM orders").fetchone() == (0,)


def test_its_data_goes_only_when_it_is_named_with_a_reason_and_the_site_once_more(estate: Estate) -> None:
    desk, name = estate.desk, estate.database("delta")
    named = ("destroy", "delta/erp", "--yes", "--unprotect", f"dure:database::{name}")
    assert desk(*named).code == 2, "without a reason"
    unconfirmed = desk(*named, "--reason", "the customer asked for it")
    assert (unconfirmed.code, "give --confirm delta/erp" in unconfirmed.stderr) == (4, True)
    with estate.session("delta"):
        pass
    assert desk(*named, "--reason", "the customer asked for it", "--confirm", "delta/erp").code == 0
    with estate.server.connect(MASTER, MASTER_PASSWORD) as master:
        left = (
            "SELECT datname FROM pg_database WHERE datname = %s UNION SELECT rolname FROM pg_roles WHERE rolname = %s"
        )
        assert master.execute(left, [name, name]).fetchall() == []


def test_a_server_out_of_reach_is_one_line_and_the_next_up_goes_on(estate: Estate) -> None:
    desk = estate.desk
    add(desk, "eta")
    ways = {shared_address(desk.msp): "127.0.0.1:1"}
    desk.local(database_ways=ways)
    away = desk("up", "eta", "--yes")
    desk.local(database_ways={shared_address(desk.msp): estate.server.way})
    assert away.code == 1
    assert "could not be made, because" in away.stderr
    assert "database_ways" in away.stderr
    assert "Traceback" not in away.stderr
    assert desk("up", "eta", "--yes").stdout == "1 stack: 1 changed\n"
