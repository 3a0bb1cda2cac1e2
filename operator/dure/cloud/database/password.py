"""The password of a tenant's role: drawn once, kept sealed where only the tenant's own identity reads it."""

import secrets

from botocore.exceptions import BotoCoreError, ClientError

from dure.cloud.database.connection import Client, client_of
from dure.cloud.database.place import Place
from dure.errors import DureError
from dure.model.local import LocalSettings

BYTES = 32


def password_of(place: Place, settings: LocalSettings) -> str:
    """The one that is kept, else a new one that is kept from now on. Raises DureError."""
    client = client_of(place, settings, "ssm")
    try:
        return _kept(client, place.parameter) or _keep(client, place)
    except (BotoCoreError, ClientError) as error:
        raise _unable(place, "the password of the tenant's database cannot be kept", error) from error


def forget(place: Place, settings: LocalSettings) -> None:
    """It opens nothing any more. Raises DureError."""
    client = client_of(place, settings, "ssm")
    try:
        client.delete_parameter(Name=place.parameter)
    except client.exceptions.ParameterNotFound:
        return
    except (BotoCoreError, ClientError) as error:
        raise _unable(place, "the password of the tenant's database cannot be removed", error) from error


def _kept(client: Client, name: str) -> str:
    try:
        return str(client.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"])
    except client.exceptions.ParameterNotFound:
        return ""


def _keep(client: Client, place: Place) -> str:
    """Whoever comes first; the other one takes what that one kept."""
    drawn = secrets.token_urlsafe(BYTES)
    tags = [{"Key": key, "Value": value} for key, value in sorted(place.tags.items())]
    try:
        client.put_parameter(Name=place.parameter, Value=drawn, Type="SecureString", KeyId=place.key, Tags=tags)
    except client.exceptions.ParameterAlreadyExists:
        return _kept(client, place.parameter)
    return drawn


def _unable(place: Place, what: str, error: Exception) -> DureError:
    mend = "check the platform's AWS credentials and their rights to ssm and kms, then give the same command again"
    return DureError(what, where=place.parameter, why=str(error), mend=mend)
