"""The vault's arguments and policy documents, before any engine sees them."""

import ast
import importlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pulumi_aws itself, at import

STACKS = Path(__file__).parents[3] / "stacks"
TAGS = {
    "dure:msp": "m",
    "dure:customer": "c",
    "dure:site": "c/s",
    "dure:tier": "standard",
    "dure:owner": "m",
    "dure:cost-centre": "c",
    "dure:blueprint": "hybrid-server",
}
ids = st.from_regex(r"[a-z][a-z0-9-]{0,40}[a-z0-9]", fullmatch=True)


@pytest.fixture(scope="module")
def vault() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(STACKS))
        return importlib.import_module("iaas.backup_vault")


def arguments(vault: Any, **changed: object) -> Any:
    given = {"msp": "m", "customer": "c", "site": "s", "account": "123456789012", "lock_days": 30, "tags": TAGS}
    return vault.BackupVaultArgs(**{**given, **changed})


@given(ids, ids, ids)
def test_every_name_is_one_that_s3_takes(vault: Any, msp: str, customer: str, site: str) -> None:
    name = arguments(vault, msp=msp, customer=customer, site=site).name
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", name)


def test_names_differ_by_site_and_account_and_not_by_run(vault: Any) -> None:
    long = "a" * 40
    names = {
        arguments(vault, customer=long, site=long).name,
        arguments(vault, customer=long, site=long + "b").name,
        arguments(vault, customer=long, site=long, account="210987654321").name,
    }
    assert len(names) == 3
    assert arguments(vault).name == arguments(vault).name


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"lock_days": 0}, "lock_days 0 is not from 1 to 365"),
        ({"lock_days": 366}, "lock_days 366"),
        ({"site": "안산"}, "site '안산'"),
        ({"tags": {**TAGS, "dure:site": ""}}, "tag dure:site is missing"),
        ({"tags": {**TAGS, "aws:x": "y"}}, "begins with aws:"),
    ],
)
def test_wrong_arguments_are_refused_before_any_resource(vault: Any, changed: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        arguments(vault, **changed)


def test_all_that_is_wrong_is_said_at_once(vault: Any) -> None:
    with pytest.raises(ValueError, match=r"msp 'M'.*lock_days 0.*tag dure:msp is missing"):
        arguments(vault, msp="M", lock_days=0, tags={})


def test_the_boxs_policy_allows_these_and_nothing_else(vault: Any) -> None:
    statements = json.loads(vault.add_only("b"))["Statement"]
    allowed = {
        (action, one["Resource"])
        for one in statements
        for action in ([one["Action"]] if isinstance(one["Action"], str) else one["Action"])
    }
    assert {one["Effect"] for one in statements} == {"Allow"}
    assert allowed == {
        ("s3:ListBucket", "arn:aws:s3:::b"),
        ("s3:GetBucketLocation", "arn:aws:s3:::b"),
        ("s3:GetObject", "arn:aws:s3:::b/*"),
        ("s3:PutObject", "arn:aws:s3:::b/*"),
        ("s3:AbortMultipartUpload", "arn:aws:s3:::b/*"),
        ("s3:ListMultipartUploadParts", "arn:aws:s3:::b/*"),
        ("s3:DeleteObject", "arn:aws:s3:::b/locks/*"),
    }


def test_the_stacks_import_nothing_of_ours() -> None:
    for file in STACKS.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.split(".")[0] == "dure"], file
