"""One tenant's policy reaches another's data: refused before anything is touched, whichever stacks a command names."""

import shutil
from pathlib import Path

import pytest
from dure import toolkit_path

from tests.contract.stacks.desk import Desk

OWN = '"Resource": f"{arn(bucket)}/*",\n        },\n        {\n            "Sid": "Unlock"'
LOOSE = OWN.replace("arn(bucket)", "arn('-'.join(bucket.split('-')[:-2]))").replace("/*", "*/*")
"""As somebody may write it for all sites of a customer: `msp-alpha*` begins `msp-alpha-x-main-…` too."""


@pytest.fixture
def loose(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The two customers `alpha` and `alpha-x`, neither of which stands, and a program whose policy ends too soon."""
    place = tmp_path / "toolkit"
    shutil.copytree(toolkit_path() / "stacks", place / "stacks")
    program = place / "stacks/iaas/backup_vault.py"
    text = program.read_text(encoding="utf-8")
    assert OWN in text
    program.write_text(text.replace(OWN, LOOSE), encoding="utf-8")
    monkeypatch.setattr("dure.cloud.stack.toolkit_path", lambda: place)
    desk.edit("operator.yaml", "landing_zone:\n  domain: apps.test-msp.example\n  repository: test-msp/workspace\n", "")
    customers = desk.root / "customers"
    alpha = (customers / "alpha.yaml").read_text(encoding="utf-8")
    for file in customers.iterdir():
        file.unlink()
    (customers / "alpha.yaml").write_text(alpha, encoding="utf-8")
    (customers / "alpha-x.yaml").write_text(alpha.replace("alpha", "alpha-x"), encoding="utf-8")
    return desk


def finding(text: str) -> str:
    """What the rule says, alike in a preview's list and in a refusal."""
    (line,) = [one for one in text.splitlines() if "tenant-isolation" in one]
    return line[line.index("it may s3:") :].partition(" of another customer")[0]


def test_up_of_all_refuses_what_preview_of_all_refuses(loose: Desk) -> None:
    shown = loose("preview", "--all")
    refused = loose("up", "--all", "--yes")
    assert (shown.code, refused.code) == (4, 4), refused.stderr
    assert finding(shown.stdout) == finding(refused.stderr)
    assert f"{loose.msp}-alpha-x-main" in finding(shown.stdout)
    assert loose.buckets() == []


def test_one_alone_is_refused_for_whom_it_would_reach(loose: Desk) -> None:
    stands = loose("up", "alpha-x", "--yes")
    assert stands.code == 0, stands.stderr
    shown, refused = loose("preview", "--all"), loose("up", "alpha", "--yes")
    assert (shown.code, refused.code) == (4, 4), refused.stderr
    assert finding(shown.stdout) == finding(refused.stderr)
    assert "tenant-isolation: vault-box of alpha/main: it may s3:" in refused.stderr
    (bucket,) = loose.buckets()
    assert "-alpha-x-main-" in bucket


@pytest.mark.long
def test_one_alone_is_refused_for_who_would_reach_it(loose: Desk) -> None:
    assert loose("up", "alpha", "--yes").code == 0
    refused = loose("up", "alpha-x", "--yes")
    assert refused.code == 4, refused.stderr
    assert "of alpha/main: it may s3:" in refused.stderr, "whose policy it is"
    assert len(loose.buckets()) == 1
    assert loose("up", "alpha", "--yes").code == 0, "it is not held against the one that reaches nobody yet"
