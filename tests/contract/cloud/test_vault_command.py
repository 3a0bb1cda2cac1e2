"""operator vault rewind, as a person gives it."""

import json
import os
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
PROGRAM = str(Path(sys.executable).parent / "operator")
PASSPHRASE = "operator/pulumi_passphrase"


@dataclass(frozen=True)
class Desk:
    """An engineer's workstation: a workspace whose site has a vault."""

    workspace: Path
    bucket: str
    s3: Any

    def __call__(self, *arguments: str, path: str = "") -> tuple[int, str, str]:
        """Exit code, standard output and standard error of `operator vault …`; no terminal."""
        done = subprocess.run(
            [PROGRAM, "vault", *arguments],
            cwd=self.workspace,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=120,
            check=False,
            env={**os.environ, "PATH": path or os.environ["PATH"]},
        )
        return done.returncode, done.stdout, done.stderr

    def log(self) -> list[str]:
        """Results of all links, oldest first."""
        argv = [PROGRAM, "audit", "show", "--json"]
        shown = subprocess.run(argv, cwd=self.workspace, capture_output=True, text=True, check=True)
        return [one["result"] for one in json.loads(shown.stdout)]

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

    shown = subprocess.run([PROGRAM, "audit", "show"], cwd=desk.workspace, capture_output=True, text=True, check=True)
    begun, done = shown.stdout.splitlines()
    assert f'vault rewind {SITE} "box was taken over": begun: to {safe.isoformat()}' in begun
    assert f'vault rewind {SITE} "box was taken over": to {safe.isoformat()}: 1 restored, 1 hidden, 0 failed' in done


@pytest.fixture
def damaged(desk: Desk) -> str:
    """A file was overwritten; the moment before that."""
    desk.s3.put_object(Bucket=desk.bucket, Key="data/bb/good", Body=b"good")
    safe = datetime.now(UTC)
    until(lambda: datetime.now(UTC) - safe > timedelta(seconds=1), 3)
    desk.s3.put_object(Bucket=desk.bucket, Key="data/bb/good", Body=b"junk")
    return safe.isoformat()


def test_what_cannot_be_signed_is_not_wound_back(desk: Desk, damaged: str, tmp_path: Path) -> None:
    for directory in os.environ["PATH"].split(":"):
        for file in Path(directory).iterdir() if Path(directory).is_dir() else []:
            if file.name != "ssh-keygen" and not (tmp_path / file.name).is_symlink():
                (tmp_path / file.name).symlink_to(file)
    before = desk.log()
    code, _, said = desk("rewind", SITE, "--before", damaged, "--yes", path=str(tmp_path))
    assert code == 1
    assert "the vault rewind was not begun and nothing is touched: there is no ssh-keygen on PATH" in said
    assert (desk.content("data/bb/good"), desk.log()) == (b"junk", before)


def test_a_rewind_that_is_killed_stands_in_the_log(desk: Desk, damaged: str) -> None:
    """The process dies at its first write to the bucket, and the next rewind tells what is known of it."""
    program = f"""
import os, sys
from dure.cli.main import main
from dure.cloud import vault
look = vault.rewind
def die(*given, check=False, **named):
    return look(*given, check=True, **named) if check else os.kill(os.getpid(), 9)
vault.rewind = die
sys.argv = ["operator", "vault", "rewind", {SITE!r}, "--before", {damaged!r}, "--yes"]
main()
"""
    killed = subprocess.run([sys.executable, "-c", program], cwd=desk.workspace, capture_output=True, timeout=120)
    assert killed.returncode == -9
    assert desk.log()[-1] == f"begun: to {damaged}"
    argv = [PROGRAM, "audit", "verify", "--offline"]
    verified = subprocess.run(argv, cwd=desk.workspace, capture_output=True, text=True)
    assert (verified.returncode, "; 1 act without an end" in verified.stdout) == (3, True)
    assert f"vault rewind {SITE} was begun by kim-minsu, and its end is not in the log: its process is dead" in (
        verified.stdout
    )
    assert desk("rewind", SITE, "--before", damaged, "--yes")[0] == 0
    assert desk.content("data/bb/good") == b"good"
    assert desk.log()[-3] == "closed: its process died, how far it came is not known"
    assert subprocess.run(argv, cwd=desk.workspace, capture_output=True).returncode == 0


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
