"""Tenants' databases on a real PostgreSQL: made once, reached by their tenant alone, closed without losing data."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from dure.cloud import moto
from dure.cloud.database import step
from dure.cloud.database.password import password_of
from dure.cloud.database.place import Place
from dure.cloud.vault import platform_session
from dure.errors import DureError
from dure.model.local import LocalSettings

from tests.contract.cloud.conftest import REGION
from tests.postgresql import Server, serving

MASTER, MASTER_PASSWORD = "platform", "turned by AWS each week"
ATTACKS = yaml.safe_load((Path(__file__).parent / "database_attacks.yaml").read_text())
ALPHA, BETA = "t_alpha", "t_beta"


@dataclass(frozen=True)
class Tenancy:
    """Two tenants of the pool on one server, and a server of its own that a bridge tenant has."""

    server: Server
    own: Server
    settings: LocalSettings
    key: str

    def client(self, service: str) -> Any:
        session: Any = platform_session(self.settings, REGION)
        return session.client(service, endpoint_url=self.settings.aws_endpoint)

    def place(self, name: str, address: str = "shared.example") -> Place:
        return Place(
            name=name,
            address=address,
            master_secret=f"master-of-{address}",
            parameter=f"/dure/msp/{name}/erp/database-password",
            key=self.key,
            region=REGION,
            tags={"dure:msp": "msp"},
        )

    def make(self, name: str, address: str = "shared.example") -> list[str]:
        return step.make(self.place(name, address), self.settings)

    def session(self, name: str, database: str = "", server: Server | None = None) -> "psycopg.Connection[Any]":
        """As the tenant's own software: with the password that is kept for it."""
        password = password_of(self.place(name), self.settings)
        return (server or self.server).connect(name, password, database or name)


@pytest.fixture(scope="module")
def tenancy(account: moto.Account) -> Iterator[Tenancy]:
    with serving(MASTER, MASTER_PASSWORD) as server, serving(MASTER, MASTER_PASSWORD) as own:
        ways = {"shared.example": server.way, "own.example": own.way}
        settings = LocalSettings(aws_endpoint=account.endpoint, aws_credentials=account.credentials, database_ways=ways)
        bare = Tenancy(server, own, settings, "")
        for address in ways:
            secret = json.dumps({"username": MASTER, "password": MASTER_PASSWORD})
            bare.client("secretsmanager").create_secret(Name=f"master-of-{address}", SecretString=secret)
        key = bare.client("kms").create_key()["KeyMetadata"]["Arn"]
        tenancy = Tenancy(server, own, settings, key)
        tenancy.make(ALPHA)
        tenancy.make(BETA)
        tenancy.make("t_bridge", "own.example")
        with tenancy.session(BETA) as beta:
            beta.execute("CREATE TABLE orders (what text)")
            beta.execute("INSERT INTO orders VALUES ('bread')")
        yield tenancy


@pytest.fixture(scope="module")
def beta_at_work(tenancy: Tenancy) -> "Iterator[psycopg.Connection[Any]]":
    """A session whose last statement others might see."""
    with tenancy.session(BETA) as beta:
        beta.execute("SELECT what FROM orders")
        yield beta


@pytest.fixture(scope="module")
def alpha_at_work(tenancy: Tenancy) -> "Iterator[psycopg.Connection[Any]]":
    with tenancy.session(ALPHA) as alpha:
        yield alpha


def test_its_own_software_connects_by_its_name_alone_and_finds_its_schema(tenancy: Tenancy) -> None:
    with tenancy.session(ALPHA) as alpha:
        alpha.execute("CREATE TABLE invoices (what text)")
        assert alpha.execute("SELECT schemaname::text FROM pg_tables WHERE tablename = 'invoices'").fetchone() == (
            ALPHA,
        )
        alpha.execute("DROP TABLE invoices")


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack["tries"])
def test_a_tenant_reaches_nothing_of_another(
    beta_at_work: "psycopg.Connection[Any]", alpha_at_work: "psycopg.Connection[Any]", attack: dict[str, Any]
) -> None:
    alpha_at_work.execute("RESET ALL")
    if "finds" in attack:
        assert alpha_at_work.execute(attack["tries"]).fetchone() == (attack["finds"],)
        return
    with pytest.raises(psycopg.Error) as refused:
        alpha_at_work.execute(attack["tries"])
    assert refused.value.sqlstate == attack["refused"], refused.value


@pytest.mark.parametrize("database", [BETA, "postgres"])
def test_a_tenant_connects_to_no_database_but_its_own(tenancy: Tenancy, database: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        tenancy.session(ALPHA, database)


def test_a_tenant_of_the_pool_is_nobody_on_another_tenants_server_and_back(tenancy: Tenancy) -> None:
    for name, server, database in ((ALPHA, tenancy.own, "t_bridge"), ("t_bridge", tenancy.server, ALPHA)):
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            tenancy.session(name, database, server)


def test_what_was_planted_in_a_template_does_not_come_with_a_new_database(tenancy: Tenancy) -> None:
    tenancy.server.as_superuser("CREATE TABLE planted (x int)", database="template1")
    assert "make the database" in tenancy.make("t_later")
    with tenancy.session("t_later") as later:
        assert later.execute("SELECT count(*) FROM pg_class WHERE relname = 'planted'").fetchone() == (0,)


BREACHES = {
    "GRANT t_beta TO t_alpha": ("SET ROLE t_beta", ALPHA),
    "GRANT CONNECT ON DATABASE t_beta TO t_alpha": ("", BETA),
    "GRANT CONNECT ON DATABASE t_beta TO PUBLIC": ("", BETA),
    "ALTER ROLE t_alpha CREATEROLE": ("CREATE ROLE t_more", ALPHA),
    "ALTER ROLE t_alpha CREATEDB": ("CREATE DATABASE t_more", ALPHA),
    "GRANT CONNECT ON DATABASE postgres TO PUBLIC": ("", "postgres"),
}


@pytest.mark.parametrize("breach", BREACHES)
def test_what_somebody_opened_by_hand_is_closed_by_the_next_up(tenancy: Tenancy, breach: str) -> None:
    statement, database = BREACHES[breach]
    tenancy.server.as_superuser(breach)
    assert tenancy.make(ALPHA)
    tenancy.make(BETA)
    with pytest.raises(psycopg.Error, match="permission denied"), tenancy.session(ALPHA, database) as alpha:
        alpha.execute(statement)
    assert (tenancy.make(ALPHA), tenancy.make(BETA)) == ([], [])


def test_a_superuser_among_tenants_is_refused_with_the_statement_that_mends_it(tenancy: Tenancy) -> None:
    tenancy.server.as_superuser("ALTER ROLE t_alpha BYPASSRLS")
    try:
        with pytest.raises(DureError) as refused:
            tenancy.make(ALPHA)
        assert "ALTER ROLE t_alpha NOBYPASSRLS" in refused.value.mend
    finally:
        tenancy.server.as_superuser("ALTER ROLE t_alpha NOBYPASSRLS")


def test_the_password_is_drawn_once_and_neither_server_nor_log_ever_sees_it(tenancy: Tenancy) -> None:
    ssm = tenancy.client("ssm")
    kept = ssm.get_parameter(Name=tenancy.place(ALPHA).parameter, WithDecryption=True)["Parameter"]
    assert kept["Type"] == "SecureString"
    assert len(kept["Value"]) >= 40
    assert tenancy.make(ALPHA) == []
    again = ssm.get_parameter(Name=tenancy.place(ALPHA).parameter, WithDecryption=True)["Parameter"]
    assert (again["Value"], again["Version"]) == (kept["Value"], 1)
    log = tenancy.server.log.read_text()
    assert "ALTER ROLE" in log, "statements are logged"
    assert kept["Value"] not in log


def test_a_password_that_was_changed_by_hand_is_again_the_one_that_is_kept(tenancy: Tenancy) -> None:
    tenancy.server.as_superuser("ALTER ROLE t_alpha PASSWORD 'of somebody'")
    assert tenancy.make(ALPHA) == ["let the role log in"]
    with tenancy.session(ALPHA):
        pass


def test_a_closed_database_lets_nobody_in_and_keeps_its_data_for_a_return(tenancy: Tenancy) -> None:
    place = tenancy.place("t_leaving")
    step.make(place, tenancy.settings)
    password = password_of(place, tenancy.settings)
    with tenancy.session("t_leaving") as at_work:
        at_work.execute("CREATE TABLE kept (what text)")
        assert step.close(place, tenancy.settings) == ["take the login away"]
        with pytest.raises(psycopg.OperationalError):
            at_work.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError, match=r"password authentication failed|not permitted to log in"):
        tenancy.server.connect("t_leaving", password, "t_leaving")
    ssm = tenancy.client("ssm")
    with pytest.raises(ssm.exceptions.ParameterNotFound):
        ssm.get_parameter(Name=place.parameter)
    assert step.close(place, tenancy.settings) == [], "a second time there is nothing to do"

    assert step.make(place, tenancy.settings) == ["let the role log in"]
    with tenancy.session("t_leaving") as back:
        assert back.execute("SELECT count(*) FROM kept").fetchone() == (0,)
        assert password_of(place, tenancy.settings) != password


def test_a_dropped_database_is_gone_with_its_role(tenancy: Tenancy) -> None:
    place = tenancy.place("t_dropped")
    step.make(place, tenancy.settings)
    assert step.drop(place, tenancy.settings) == ["take the login away", "drop the database", "drop the role"]
    assert step.drop(place, tenancy.settings) == []
    with tenancy.server.connect(MASTER, MASTER_PASSWORD) as master:
        assert master.execute("SELECT count(*) FROM pg_roles WHERE rolname = 't_dropped'").fetchone() == (0,)


def test_a_server_that_cannot_be_reached_is_told_with_the_way_to_open(tenancy: Tenancy) -> None:
    nowhere = tenancy.settings.model_copy(update={"database_ways": {"shared.example": "127.0.0.1:1"}})
    with pytest.raises(DureError) as told:
        step.make(tenancy.place(ALPHA), nowhere)
    assert "shared.example: database t_alpha of the tenant could not be made" in told.value.line()
    assert "database_ways" in told.value.mend
    assert "\n" not in told.value.line()
