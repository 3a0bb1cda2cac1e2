"""Joins a workspace with the lab, so that the same commands reach the lab's machines."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml

from dure import toolkit_path
from dure.errors import UsageError
from dure.lab.instance import Lab
from dure.lab.processes import run
from dure.lab.topology import MOTO_PORT, SERVICES_ADDRESS
from dure.model.local import LocalSettings, state_directory

FIRST_ENGINEER = "kim-minsu"
SECOND_ENGINEER = "lee-jiwon"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A workspace that is ready to provision in the lab."""

    root: Path
    keys: dict[str, Path]
    """Engineer's id -> private SSH key."""
    identity: Path
    """The age identity that opens all its secrets."""


def prepare(source: Path, target: Path, lab: Lab, more: Mapping[str, str] | None = None) -> Prepared:
    """Copy the example to `target` (which must not exist) and make it usable in the lab, as a Git repository.

    The first engineer gets the lab's key, the second a fresh one, the secrets a fresh age identity and values.
    `more`: files to add or replace, path in the workspace -> text.
    """
    if target.exists():
        raise UsageError(f"{target} exists already", mend=f"remove it, or name another directory than {target}")
    # The example's own secrets are encrypted to keys that nobody holds: the lab's workspace makes its own.
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(".dure", ".git", "secrets"))
    state = state_directory(target)
    for name, text in (more or {}).items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_text(text, encoding="utf-8")
    second_key = state / SECOND_ENGINEER
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", SECOND_ENGINEER, "-f", str(second_key)])
    keys = {FIRST_ENGINEER: lab.key, SECOND_ENGINEER: second_key}
    recipient = _make_identity(state / "identity.txt")
    public = {who: " ".join(key.with_suffix(".pub").read_text().split()[:2]) for who, key in keys.items()}
    _write_operator(target / "operator.yaml", public, recipient)
    prepared = Prepared(target, keys, state / "identity.txt")
    _generate_secrets(prepared, recipient)
    write_local_settings(target, lab)
    _commit(target)
    return prepared


def fleet_customer(count: int) -> dict[str, str]:
    """For `prepare(more=…)`: the customer whose sites are those of `fleet_topology(name, count)`."""
    sites = "".join(
        f"  - id: box{number}\n    name: 지점 {number}\n    blueprint: hybrid-server\n    topology: beside\n"
        "    lan: { cidr: 192.168.0.0/24, address: 192.168.0.10, router: 192.168.0.1 }\n"
        "    interfaces: { uplink: eth0 }\n"
        "    parameters:\n      shares: [{ id: office, name: 사무, groups: [office] }]\n"
        for number in range(1, count + 1)
    )
    text = (
        "id: fleet\nname: 두레유통\nname_en: Dure Retail\nindustry: retail\npeople: 20\n"
        "contacts:\n  - { name: 한가람, role: 총무, phone: 02-555-0140, email: han@fleet.example }\n"
        "users:\n  - { id: han-garam, name: 한가람, groups: [office] }\n"
        f"sites:\n{sites}"
    )
    return {"customers/fleet.yaml": text}


def local_settings(lab: Lab, engineer: str, key: Path, identity: Path | None) -> LocalSettings:
    """The settings of a workstation that sits beside the lab; the lab must be up."""
    return LocalSettings(
        engineer=engineer,
        ssh_key=key,
        age_identity=identity,
        proxy_command=lab.proxy_command,
        outside_command=lab.outside_command,
        outside_commands=_commands_at(lab, "outside"),
        lan_commands=_commands_at(lab, "lan"),
        aws_endpoint=f"http://127.0.0.1:{lab.moto.port}",
        vault_endpoint=f"http://{SERVICES_ADDRESS}:{MOTO_PORT}",
        aws_credentials=lab.moto.credentials,
    )


def _commands_at(lab: Lab, vantage: Literal["lan", "outside"]) -> dict[str, list[str]]:
    """Site -> argv prefix that runs a program at that vantage of it."""
    return {node.site: lab.inside(node.name) for node in lab.topology.nodes if vantage in node.vantages}


def write_local_settings(
    workspace: Path, lab: Lab, engineer: str = FIRST_ENGINEER, key: Path | None = None, identity: Path | None = None
) -> Path:
    """Write `.dure/local.yaml`; without `identity` the one in .dure/identity.txt, if any. Returns the file."""
    directory = state_directory(workspace)
    own = directory / "identity.txt"
    settings = local_settings(lab, engineer, key or lab.key, identity or (own if own.exists() else None))
    file = directory / "local.yaml"
    values = settings.model_dump(mode="json", exclude_defaults=True)
    file.write_text(yaml.safe_dump(values, allow_unicode=True), encoding="utf-8")
    return file


def _make_identity(file: Path) -> str:
    """Write a fresh age identity (0600); return its public part."""
    import pyrage

    identity = pyrage.x25519.Identity.generate()
    file.touch(mode=0o600)
    file.write_text(f"{identity}\n")
    return str(identity.to_public())


def _write_operator(file: Path, public_keys: dict[str, str], recipient: str) -> None:
    """Set keys and recipients in operator.yaml; comments stay."""
    from ruamel.yaml import YAML

    rewriting = YAML()
    rewriting.width = 1 << 20
    rewriting.preserve_quotes = True
    rewriting.indent(mapping=2, sequence=4, offset=2)
    content = rewriting.load(file.read_text(encoding="utf-8"))
    for engineer in content["engineers"]:
        if engineer["id"] in public_keys:
            # In place: the comment that follows the list hangs on its first item.
            engineer["ssh_keys"][0] = f"{public_keys[engineer['id']]} {engineer['id']}@lab"
            del engineer["ssh_keys"][1:]
    content["secrets"]["recipients"] = [recipient]
    with file.open("w", encoding="utf-8") as stream:
        rewriting.dump(content, stream)


def _generate_secrets(prepared: Prepared, recipient: str) -> None:
    from dure.model import load_site, load_workspace
    from dure.plan import resolve, secrets_needed
    from dure.secrets import SecretStore

    references = {"operator/pulumi_passphrase"}
    customers = load_workspace(prepared.root).customers
    sites = [f"{customer.id}/{site.id}" for customer in customers for site in customer.sites]
    for site in ("hub", *sites):
        references.update(secrets_needed(resolve(load_site(prepared.root, site), toolkit_path())))
    SecretStore(prepared.root, [recipient], prepared.identity).generate_missing(references)


def _commit(root: Path) -> None:
    ignore = root / ".gitignore"
    if not ignore.exists():
        ignore.write_text(".dure/\n")
    git = ["git", "-C", str(root)]
    run([*git, "init", "--quiet", "--initial-branch=main"])
    run([*git, "config", "user.name", "김민수"])
    run([*git, "config", "user.email", "minsu@hanbit-it.example"])
    run([*git, "add", "--all"])
    run([*git, "commit", "--quiet", "--message", "예시 작업 공간"])
