"""An AWS double, and workstations on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from dure.cloud import moto

from tests.contract.cloud.proxy import Faults, faulty
from tests.contract.stacks.desk import Desk, make_desk


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[moto.Account]:
    running = moto.start(tmp_path_factory.mktemp("aws"))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def own_account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[moto.Account]:
    """For a module that makes a landing zone, of which an account has one: such a module calls this `account`."""
    running = moto.start(tmp_path_factory.mktemp("own-aws"))
    yield running
    running.stop()


@pytest.fixture
def desk(tmp_path: Path, request: pytest.FixtureRequest, account: moto.Account) -> Desk:
    """A workspace of its own in the one account: nothing stands yet. Its MSP is named after the test."""
    return make_desk(tmp_path, account, f"m{abs(hash(request.node.name)) % 10**8}")


@pytest.fixture
def faults(account: moto.Account) -> Iterator[Faults]:
    with faulty(account.endpoint) as proxy:
        yield proxy
