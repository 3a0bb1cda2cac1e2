"""operator vault rewind, as a person gives it."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyrage
import pytest
import yaml
from dure import toolkit_path
from dure.cloud import vault
from dure.cloud.stack import Stack
from dure.model import load_site
from dure.model.local import LocalSettings
from dure.plan import resolve
from dure.secrets import SecretStore

from tests.contract.cloud.conftest import REGION
from tests.poll import until

ROOT = Path(__file__).parents[3]
SITE = "hansol-plastics/ansan"
PASSPHRASE = "operator/pulumi_passphrase"


@dataclass(frozen=True)
class Desk:
    """An engineer's workstation: a workspace whose site has a vault."""

    workspace: Path
    bucket: str
    s3: Any

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, standard output and standard error of `operator vault …`; no terminal."""
        done = subprocess.run(
            [str(Path(sys.executable).parent / "operator"), "vault", *arguments],
            cwd=self.workspace,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=120,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    def content(self, key: str) -> bytes:
        return bytes(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())


def make_workspace(place: Path, settings: LocalSettings) -> Path:
    """The example with an engineer's key and an age identity of its own."""
    shutil.copytree(ROOT / "examples/hanbit-it", place, ignore=shutil.ignore_patterns(".dure", "secrets"))
    state = place / ".dure"
    state.mkdir(mode=0o700)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(state / "key")], check=True)
    identity = pyrage.x25519.Identity.generate()
    (state / "identity.txt").write_text(f"{identity}\n")
    operator = yaml.safe_load((place / "operator.yaml").read_text())
    operator["engineers"][0]["ssh_keys"] = [(state / "key.pub").read_text().strip()]
    operator["secrets"]["recipients"] = [str(identity.to_public())]
    (place / "operator.yaml").write_text(yaml.safe_dump(operator, allow_unicode=True))
    local = {
        "engineer": "kim-minsu",
        "ssh_key": str(state / "key"),
        "age_identity": str(state / "identity.txt"),
        "aws_endpoint": settings.aws_endpoint,
        "aws_credentials": str(settings.aws_credentials),
        "proxy_command": "false",
    }
    (state / "local.yaml").write_text(yaml.safe_dump(local))
    SecretStore(place, operator["secrets"]["recipients"], state / "identity.txt").set(PASSPHRASE, "geheim")
    return place


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, settings: LocalSettings) -> Desk:
    workspace = make_workspace(tmp_path_factory.mktemp("desk") / "hanbit-it", settings)
    plan = resolve(load_site(workspace, SITE), toolkit_path()).cloud
    assert plan is not None
    made = Stack(plan, workspace, settings, "geheim").up()
    return Desk(workspace, str(made.outputs["bucket"]), vault.platform_client(settings, REGION))


def test_a_vault_is_looked_at_then_wound_back_and_that_is_kept(desk: Desk) -> None:
    desk.s3.put_object(Bucket=desk.bucket, Key="data/aa/good", Body=b"good")
    safe = datetime.now(UTC)
    until(lambda: datetime.now(UTC) - safe > timedelta(seconds=1), 3)  # S3 tells times in seconds
    desk.s3.put_object(Bucket=desk.bucket, Key="data/aa/good", Body=b"junk")
    desk.s3.put_object(Bucket=desk.bucket, Key="snapshots/later", Body=b"junk")
    before = ("rewind", SITE, "--before", safe.isoformat())

    code, said, _ = desk(*before, "--check")
    assert (code, said) == (3, f"{SITE}: of 2 files 1 would be brought back and 1 hidden\n")
    code, _, said = desk(*before)
    assert (code, "nobody can be asked" in said, desk.content("data/aa/good")) == (4, True, b"junk")

    code, said, _ = desk(*before, "--yes", "--reason", "box was taken over", "--json")
    result = json.loads(said)
    assert (code, result["restored"], result["hidden"], result["failed"]) == (0, 1, 1, [])
    assert desk.content("data/aa/good") == b"good"
    assert [one["Key"] for one in desk.s3.list_objects_v2(Bucket=desk.bucket)["Contents"]] == ["data/aa/good"]
    assert desk(*before, "--check")[:2] == (0, f"{SITE}: 2 files, all as they were then\n")

    shown = subprocess.run(
        [str(Path(sys.executable).parent / "operator"), "audit", "show", "--json"],
        cwd=desk.workspace,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "vault rewind" in shown.stdout
    assert "box was taken over" in shown.stdout


@pytest.mark.parametrize("moment", ["2999-01-01", "yesterday", "2026-13-01", ""])
def test_a_moment_that_is_none_is_refused(desk: Desk, moment: str) -> None:
    code, _, said = desk("rewind", SITE, "--before", moment)
    assert (code, said.startswith("error: "), said.count("\n")) == (2, True, 1)
    assert "--before" in said


def test_a_site_without_a_vault_is_told_what_to_do(desk: Desk) -> None:
    code, _, said = desk("rewind", "saehan-accounting/seocho", "--before", "2026-11-01")
    assert code == 2
    assert "has no vault that is known here" in said
    assert "operator provision saehan-accounting/seocho" in said
