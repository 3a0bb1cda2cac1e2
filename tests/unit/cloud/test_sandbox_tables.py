"""The tables by which the sandbox serves most types, and the page that lists them."""

from pathlib import Path

import boto3
import pytest
from botocore.client import BaseClient
from dure.cloud.cloud_page import page
from dure.cloud.sandbox.expression import search
from dure.cloud.sandbox.failure import explain
from dure.cloud.sandbox.handler import Calls
from dure.cloud.sandbox.plain import Plain
from dure.cloud.sandbox.properties import Properties
from dure.cloud.sandbox.template import fill
from dure.cloud.sandbox.types import HANDLERS

ROOT = Path(__file__).parents[3]
PLAIN = [one for one in HANDLERS.values() if isinstance(one, Plain)]

VALUES = {"id": "vpc-1", "tags": {"b": "2", "a": "1"}, "check": {"path": "/up"}, "off": False, "text": '{"A": 1}'}


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ({"VpcIds": ["{id}"]}, {"VpcIds": ["vpc-1"]}),
        ({"Tags": "{tags|pairs}"}, {"Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]}),
        ({"Path": "{check.path}", "Other": "{check.other}"}, {"Path": "/up"}),
        ({"Off": "{off}", "Word": "{off|lower}"}, {"Off": False, "Word": "false"}),
        ({"Ranges": [{"Cidr": "{absent!}", "Id": "{id}"}], "Id": "{id}"}, {"Id": "vpc-1"}),
        ({"Arn": "arn:{id}/{check.path}"}, {"Arn": "arn:vpc-1//up"}),
        ({"Set": {"Value": "{absent}"}, "Empty": []}, {"Empty": []}),
        ({"Document": "{text|json}"}, {"Document": {"A": 1}}),
    ],
)
def test_a_template_is_filled(template: dict[str, object], filled: dict[str, object]) -> None:
    assert fill(template, VALUES) == filled  # type: ignore[arg-type]


def test_arns_are_cut_at_a_mark() -> None:
    arn = {"arn": "arn:aws:logs:r:1:log-group:/x:*"}
    assert search("before(arn, ':*')", arn) == "arn:aws:logs:r:1:log-group:/x"
    assert search("after(arn, 'log-group:')", arn) == "/x:*"
    assert search("after(absent, 'x')", arn) is None


@pytest.mark.parametrize("table", PLAIN, ids=lambda one: one.type)
def test_a_table_calls_only_what_its_service_has(table: Plain) -> None:
    client = boto3.client(table.service, region_name="ap-northeast-2", aws_access_key_id="x", aws_secret_access_key="x")
    calls = [table.make, table.look, *table.drop, *(step.call for step in table.steps), *(one for one, _ in table.also)]
    calls += [step.taken_off for step in table.steps if step.taken_off]
    assert [one.operation for one in calls if not hasattr(client, one.operation)] == []


@pytest.mark.parametrize("table", PLAIN, ids=lambda one: one.type)
def test_what_can_be_changed_is_not_also_made_anew(table: Plain) -> None:
    changed = {key for step in table.steps if not step.at_making for key in step.inputs}
    assert changed & table.replace_on == set()


@pytest.mark.parametrize(
    ("olds", "news", "said"),
    [
        ({"multiAz": True, "dbSubnetGroupName": "a"}, {"multiAz": True, "dbSubnetGroupName": "b"}, "in two zones"),
        ({"allocatedStorage": 80}, {"allocatedStorage": 20}, "storage of 80 GB does not shrink to 20 GB"),
        ({}, {"allocatedStorage": 120, "maxAllocatedStorage": 50}, "120 GB is not below its maximum, 50 GB"),
        ({"port": 5432}, {"port": 5433}, "does not know how to change port"),
    ],
)
def test_a_change_that_aws_refuses_is_refused_before_any_call(
    tmp_path: Path, olds: Properties, news: Properties, said: str
) -> None:
    def no_client(service: str) -> BaseClient:
        raise AssertionError(service)

    calls = Calls("ap-northeast-2", no_client, tmp_path, {})
    with pytest.raises(Exception, match=said) as refused:
        HANDLERS["aws:rds/instance:Instance"].update(calls, "db", olds, news)
    line = explain("aws:rds/instance:Instance", "db", "update", refused.value, "http://127.0.0.1:1")
    assert said in line
    assert "\n" not in line


def test_every_handler_says_what_it_leaves_out() -> None:
    assert [one.type for one in HANDLERS.values() if not (one.checked or one.note or one.replace_on)] == []


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_page_of_the_cloud_layer_is_current() -> None:
    committed = (ROOT / "docs" / "cloud.md").read_text(encoding="utf-8")
    assert page(ROOT / "stacks") == committed, "run `make docs`"
