"""The long profile tries 10,000 examples a property, which takes minutes each on a slow machine."""

import pytest

from tests.unit.sla.examples import IS_LONG

LONG_SECONDS = 3600


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if IS_LONG and "unit/sla" in item.path.as_posix():
            item.add_marker(pytest.mark.timeout(LONG_SECONDS))
