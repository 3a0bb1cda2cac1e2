"""An engineer's workstation: a workspace whose stacks stand on an AWS double, and the command given at it."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pyrage
import yaml
from dure.cloud import moto
from dure.cloud.vault import platform_session
from dure.model.local import LocalSettings
from dure.secrets import SecretStore
from pydantic import JsonValue

from tests.contract.command import Outcome, operator

WORKSPACE = Path(__file__).parent / "workspace"
REGION = "ap-northeast-2"
PASSPHRASE = "operator/pulumi_passphrase"


@dataclass(frozen=True)
class Desk:
    """`alpha/main` stands first; `beta/seoul` depends on it."""

    root: Path
    account: moto.Account
    msp: str

    def __call__(self, *arguments: str) -> Outcome:
        """`operator stacks ARGUMENTS` here; no terminal."""
        return operator("stacks", *arguments, "-w", self.root)

    def json(self, *arguments: str) -> Any:
        """What the command prints with --json."""
        return json.loads(self(*arguments, "--json").stdout)

    def client(self, service: str) -> Any:
        settings = LocalSettings(aws_endpoint=self.account.endpoint, aws_credentials=self.account.credentials)
        session: boto3.Session = platform_session(settings, REGION)
        return session.client(service, endpoint_url=self.account.endpoint)  # type: ignore[call-overload]

    def edit(self, name: str, old: str, new: str) -> None:
        file = self.root / name
        text = file.read_text(encoding="utf-8")
        assert old in text, f"{name} has no {old!r}"
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    def local(self, **settings: JsonValue) -> None:
        """Change `.dure/local.yaml`."""
        file = self.root / ".dure" / "local.yaml"
        file.write_text(yaml.safe_dump({**yaml.safe_load(file.read_text()), **settings}))

    def buckets(self) -> list[str]:
        names = [one["Name"] for one in self.client("s3").list_buckets()["Buckets"]]
        return [name for name in names if name.startswith(f"{self.msp}-")]

    def state(self, stack: str) -> Path:
        return self.root / ".dure/pulumi/.pulumi/stacks/dure" / f"{stack}.json"


def make_desk(place: Path, account: moto.Account, msp: str) -> Desk:
    """A copy of the workspace with an engineer's key, an age identity and this account in its settings."""
    root = place / "workspace"
    shutil.copytree(WORKSPACE, root)
    state = root / ".dure"
    state.mkdir(mode=0o700)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(state / "key")], check=True)
    identity = pyrage.x25519.Identity.generate()
    (state / "identity.txt").write_text(f"{identity}\n")
    text = (root / "operator.yaml").read_text(encoding="utf-8")
    text = text.replace("id: test-msp", f"id: {msp}").replace("@KEY@", (state / "key.pub").read_text().strip())
    (root / "operator.yaml").write_text(text.replace("@RECIPIENT@", str(identity.to_public())), encoding="utf-8")
    local = {
        "ssh_key": str(state / "key"),
        "age_identity": str(state / "identity.txt"),
        "aws_endpoint": account.endpoint,
        "aws_credentials": str(account.credentials),
    }
    (state / "local.yaml").write_text(yaml.safe_dump(local))
    SecretStore(root, [str(identity.to_public())], state / "identity.txt").set(PASSPHRASE, "geheim")
    return Desk(root, account, msp)
