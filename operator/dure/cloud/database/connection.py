"""Sessions with a PostgreSQL of ours: always by TLS, with a server that proves to know the password itself."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import psycopg
from botocore.exceptions import BotoCoreError, ClientError
from psycopg import Connection

from dure.cloud.database.place import Place
from dure.cloud.vault import platform_session
from dure.errors import DureError
from dure.model.local import LocalSettings

Client: TypeAlias = Any  # boto3 makes clients at run time
PORT = 5432
PATIENCE = 15
"""Seconds in which a server must answer."""
LONGEST = 60
"""Seconds of one statement, waiting for others' locks included."""
FIRST = "postgres"
"""The database that every server has."""


@contextmanager
def session(
    place: Place, settings: LocalSettings, user: str, password: str, database: str = FIRST
) -> Iterator[Connection]:
    """Each statement is a transaction. Raises psycopg.Error.

    SCRAM bound to the TLS channel: whoever stands between cannot pass the proof on, whatever certificate it shows. With
    `database_ca` the certificate is looked at besides.
    """
    host, _, port = settings.database_ways.get(place.address, "").rpartition(":")
    authority = settings.database_ca
    with psycopg.connect(
        host=place.address if not host or authority else host,
        hostaddr=host or None,
        port=int(port or PORT),
        user=user,
        password=password,
        dbname=database,
        sslmode="verify-full" if authority else "require",
        sslrootcert=str(authority) if authority else None,
        channel_binding="require",
        connect_timeout=PATIENCE,
        options=f"-c statement_timeout={LONGEST}s",
        autocommit=True,
        application_name="dure",
    ) as connection:
        yield connection


def master_of(place: Place, settings: LocalSettings) -> tuple[str, str]:
    """User and password, as AWS keeps them. Raises DureError where AWS does not tell them."""
    try:
        client = client_of(place, settings, "secretsmanager")
        told = json.loads(client.get_secret_value(SecretId=place.master_secret)["SecretString"])
        return str(told["username"]), str(told["password"])
    except (BotoCoreError, ClientError, ValueError, KeyError, TypeError) as error:
        raise DureError(
            "the master password of the database cannot be read",
            where=place.address,
            why=str(error),
            mend="check the platform's AWS credentials and their right to secretsmanager:GetSecretValue",
        ) from error


def client_of(place: Place, settings: LocalSettings, service: str) -> Client:
    """A service of AWS with the platform's own credentials."""
    session = platform_session(settings, place.region)
    return session.client(service, endpoint_url=settings.aws_endpoint or None)  # type: ignore[call-overload]


def failed(place: Place, what: str, error: psycopg.Error) -> DureError:
    """PostgreSQL's own words without what it quotes of a statement, and what mends it."""
    said = (error.diag.message_primary or str(error).strip().splitlines()[-1] if str(error).strip() else "").strip()
    if isinstance(error, psycopg.OperationalError) and error.sqlstate is None:
        mend = (
            "open a way through the hub (ssh -N -L 15432:"
            f"{place.address}:{PORT} HUB) and name it in .dure/local.yaml as `database_ways: {{{place.address}: "
            "127.0.0.1:15432}`; then give the same command again"
        )
    else:
        mend = "correct the cause, then give the same command again: it goes on"
    return DureError(what, where=place.address, why=said or type(error).__name__, mend=mend)
