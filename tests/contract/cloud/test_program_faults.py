"""Configuration that cannot be: refused by a preview in one line, with what to do, and nothing made."""

import re
from pathlib import Path

import pytest
from dure.cloud.stack import Stack
from dure.errors import DureError
from dure.model.local import LocalSettings
from pydantic import JsonValue

from tests.contract.cloud import programs
from tests.contract.cloud.conftest import PASSPHRASE

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pulumi_aws itself, at import
Inputs = dict[str, JsonValue]
TENANT: Inputs = {**programs.TENANT, "upstream": programs.UPSTREAM}


def without(inputs: Inputs, *keys: str) -> Inputs:
    return {key: value for key, value in inputs.items() if key not in keys}


def refusal(tmp_path: Path, settings: LocalSettings, program: str, inputs: Inputs, **tags: str) -> str:
    plan = programs.plan(program, "faulty", inputs)
    stack = Stack(plan.model_copy(update={"tags": {**plan.tags, **tags}}), tmp_path, settings, PASSPHRASE)
    with pytest.raises(DureError) as refused:
        stack.preview()
    line = refused.value.line()
    assert "\n" not in line
    assert "Traceback" not in line
    assert not [file for file in tmp_path.rglob("*.json") if '"urn:' in file.read_text() and "aws:" in file.read_text()]
    return line


def test_configuration_that_is_missing_mistyped_or_unknown_is_named_key_by_key(
    tmp_path: Path, settings: LocalSettings
) -> None:
    inputs = {**without(TENANT, "people"), "budget_usd": "thirty", "colour": "red"}
    line = refusal(tmp_path, settings, "saas_tenant", inputs)
    assert "people is missing" in line
    assert "budget_usd is 'thirty': input should be a valid integer" in line
    assert "colour is no key of this program" in line
    assert "docs/cloud.md lists the keys" in line


def test_a_network_that_is_too_small_names_the_size_that_would_do(tmp_path: Path, settings: LocalSettings) -> None:
    inputs = {**TENANT, "isolation": "silo", "network_pool": "10.200.0.0/24"}
    line = refusal(tmp_path, settings, "saas_tenant", inputs)
    assert "pool 10.200.0.0/24 is too small: it holds no /20; give one of /20 or larger" in line


def test_a_tenant_without_a_tag_is_refused(tmp_path: Path, settings: LocalSettings) -> None:
    line = refusal(tmp_path, settings, "saas_tenant", TENANT, **{"dure:cost-centre": "", "dure:owner": ""})
    assert "tag dure:owner is missing; tag dure:cost-centre is missing" in line


@pytest.mark.long
def test_an_unknown_program_names_those_that_are(tmp_path: Path, settings: LocalSettings) -> None:
    line = refusal(tmp_path, settings, "landing", {})
    assert "the programs are hybrid_site, landing_zone, paas_sandbox, saas_tenant" in line


@pytest.mark.parametrize(
    ("program", "inputs", "makes"),
    [
        ("paas_sandbox", {**programs.SANDBOX, "upstream": programs.UPSTREAM}, "aws:budgets/budgetAction:BudgetAction"),
        ("saas_tenant", {**TENANT, "isolation": "silo"}, "aws:rds/instance:Instance"),
    ],
    ids=["sandbox", "silo"],
)
def test_a_program_is_previewed_alone_with_a_landing_zone_that_nobody_made(
    tmp_path: Path, settings: LocalSettings, program: str, inputs: Inputs, makes: str
) -> None:
    preview = Stack(programs.plan(program, "alone", inputs), tmp_path, settings, PASSPHRASE).preview()
    assert {one.op for one in preview.changes} == {"create"}
    assert makes in {one.type for one in preview.changes}


CASES: list[tuple[str, Inputs, str]] = [
    ("saas_tenant", {**TENANT, "customer": "c" * 41}, r"customer cccccccccccc… has 41 characters.*at most 40"),
    ("saas_tenant", {**TENANT, "site": "크롬"}, r"site '크롬' is not lower case letters"),
    ("saas_tenant", {**TENANT, "people": 0}, r"people 0 is not 1 or more"),
    ("saas_tenant", {**TENANT, "isolation": "bridge", "image": ""}, r"image is empty; name the container image"),
    ("saas_tenant", {**TENANT, "isolation": "silo", "network_index": -1}, r"network_index -1 is outside"),
    ("paas_sandbox", {**programs.SANDBOX, "upstream": programs.UPSTREAM, "expires": "soon"}, r"expires is 'soon'"),
    ("landing_zone", {**programs.LANDING_ZONE, "hub_ssh_keys": []}, r"ssh_keys is empty; nobody could reach"),
    ("landing_zone", {**programs.LANDING_ZONE, "hub_ssh_from": ["0.0.0.0/0"]}, r"may not be the whole world"),
    ("landing_zone", {**programs.LANDING_ZONE, "avoid": ["10.128.0.0/16"]}, r"the next index that meets nothing is 16"),
    ("landing_zone", {**programs.LANDING_ZONE, "nat": "yes"}, r"nat is 'yes': input should be a valid boolean"),
]


@pytest.mark.parametrize(("program", "inputs", "said"), CASES, ids=lambda one: one if isinstance(one, str) else "")
@pytest.mark.long
def test_what_a_program_refuses(
    tmp_path: Path, settings: LocalSettings, program: str, inputs: Inputs, said: str
) -> None:
    line = refusal(tmp_path, settings, program, inputs)
    assert re.search(said, line), line
