"""An AWS double with IAM enforced, and stacks on it by the real engine."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from dure.cloud import moto
from dure.cloud.stack import Stack
from dure.model.local import LocalSettings
from dure.plan.value import CloudPlan

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
