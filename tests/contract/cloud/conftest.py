"""An AWS double with IAM enforced, and stacks on it by the real engine."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from dure.cloud import moto
from dure.cloud.sandbox.process import running
from dure.cloud.stack import Stack
from dure.model.local import LocalSettings
from dure.plan.value import CloudPlan

from tests.contract.cloud.estate import Cloud

PASSPHRASE = "correct horse battery staple"
REGION = "ap-northeast-2"


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[moto.Account]:
    running = moto.start(tmp_path_factory.mktemp("aws"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def settings(account: moto.Account) -> LocalSettings:
    return LocalSettings(aws_endpoint=account.endpoint, aws_credentials=account.credentials)


def cloud_plan(site: str, lock_days: int = 30) -> CloudPlan:
    """The plan of one site's vault; every test has a site of its own in the one account."""
    tags = {
        "dure:msp": "hanbit-it",
        "dure:customer": "hansol-plastics",
        "dure:site": f"hansol-plastics/{site}",
        "dure:blueprint": "hybrid-server",
        "dure:tier": "standard",
        "dure:owner": "hanbit-it",
        "dure:cost-centre": "hansol-plastics",
    }
    inputs = {"msp": "hanbit-it", "customer": "hansol-plastics", "site": site, "lock_days": lock_days}
    return CloudPlan(
        program="hybrid_site", stack=f"hansol-plastics.{site}", region=REGION, inputs={**inputs}, tags=tags
    )


@pytest.fixture
def stack_of(tmp_path: Path, settings: LocalSettings) -> Callable[..., Stack]:
    """Stacks of one workspace: `stack_of("ansan", lock_days=31)`."""

    def make(site: str, lock_days: int = 30, **changed: object) -> Stack:
        return Stack(cloud_plan(site, lock_days), tmp_path, settings.model_copy(update=changed), PASSPHRASE)

    return make


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """An account and a landing zone for one module, which may take it down."""
    workspace = tmp_path_factory.mktemp("cloud")
    account = moto.start(workspace)
    settings = LocalSettings(aws_endpoint=account.endpoint, aws_credentials=account.credentials)
    lines = account.credentials.read_text().splitlines()[1:]
    credentials = {key.strip(): value.strip() for key, _, value in (line.partition("=") for line in lines)}
    try:
        with running(account.endpoint, account.credentials, workspace / "record") as port:
            bare = Cloud(settings, workspace, port, credentials, {})
            outputs = bare.land().up().outputs
            yield Cloud(settings, workspace, port, credentials, outputs)
    finally:
        account.stop()
