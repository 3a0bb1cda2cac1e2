"""Settings of this workstation, kept beside the workspace and never committed: `.dure/local.yaml`.

The lab writes this file so that the same commands reach machines inside its namespaces; on a real
workstation it is usually absent.
"""

from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from dure.model.document import read_document
from dure.model.explain import parse
from dure.model.fields import refuse
from dure.model.problem import WorkspaceInvalid
from dure.model.text import absent
from dure.model.writing import cannot_write

DEMONSTRATION = Path(".dure") / "demonstration.json"
"""Stands in a workspace that `make demo` has made, and in no other."""


def _way(text: str) -> str:
    """An IPv4 address and a port."""
    address, _, port = text.rpartition(":")
    try:
        IPv4Address(address)
        right = 0 < int(port) < 65536
    except ValueError:
        right = False
    if not right:
        refuse(f'"{text}" is no way to a database', "it is an IPv4 address and a port", "write it as 127.0.0.1:15432")
    return text


Way = Annotated[str, AfterValidator(_way)]


class LocalSettings(BaseModel):
    """Every field has a default that suits a real workstation."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    engineer: str = ""
    """Id of the engineer in operator.yaml who sits here; empty: the only one, or the one whose key is found."""
    ssh_key: Path | None = None
    """Private key for boxes and hub; None: the agent and OpenSSH's default files."""
    age_identity: Path | None = None
    """File with the age or SSH identity that opens secrets; None: ~/.config/dure/identity.txt."""
    proxy_command: str = ""
    """OpenSSH ProxyCommand (%h, %p) for addresses that this workstation cannot reach itself."""
    outside_command: list[str] = []
    """argv prefix that runs a program at the internet vantage; empty: verification scans from the hub."""
    outside_commands: dict[str, list[str]] = {}
    """The same for single sites: for a box beside a router, a stranger on its LAN."""
    lan_commands: dict[str, list[str]] = {}
    """Site -> argv prefix that runs a program on a machine of its LAN; absent: the box itself is asked."""
    aws_endpoint: str = ""
    """URL of an AWS double as this workstation sees it; empty: AWS itself and its real plugin."""
    vault_endpoint: str = ""
    """The same as a box sees it; empty: AWS's own."""
    aws_credentials: Path | None = None
    """Shared credentials file for the platform's own calls; None: AWS's usual places."""
    store_url: str = ""
    """SQLAlchemy URL of the store; empty: SQLite in .dure/."""
    runs_url: str = ""
    """Database URL of durable runs; empty: SQLite in .dure/."""
    database_ways: dict[str, Way] = {}
    """Address of a database as AWS names it -> `IP:port` at which this workstation reaches it, such as an SSH forward
    through the hub; absent: the address itself."""
    database_ca: Path | None = None
    """Certificates by which databases are told (AWS: "global-bundle.pem"); None: TLS bound to the password's proof."""
    parallel_runs: Annotated[int, Field(ge=0)] = 0
    """How many provision runs of this workspace work at once here, the others wait; 0: two for each processor."""
    pulumi_backend: str = ""
    """Pulumi state backend, such as s3://bucket; empty: files in .dure/pulumi."""


def state_directory(workspace: Path) -> Path:
    """`.dure/` of the workspace, made (0700) when absent. Raises DureError when it cannot be."""
    directory = workspace / ".dure"
    try:
        directory.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise cannot_write(directory, error) from error
    return directory


def load_local_settings(workspace: Path) -> LocalSettings:
    """Read `.dure/local.yaml`; defaults when absent. Raises WorkspaceInvalid when it is not right."""
    file = workspace / ".dure" / "local.yaml"
    if absent(file):
        return LocalSettings()
    document = read_document(workspace, file)
    settings, problems = (None, []) if document.data is None else parse(LocalSettings, document)
    if settings is None or document.problems:
        raise WorkspaceInvalid([*document.problems, *problems])
    return settings
