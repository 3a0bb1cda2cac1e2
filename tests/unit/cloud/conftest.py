"""The stacks' own modules, which are no package of ours."""

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

STACKS = Path(__file__).parents[3] / "stacks"


@pytest.fixture(scope="session")
def stacks_module() -> Iterator[Callable[[str], Any]]:
    """`stacks_module("iaas.addressing")`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(STACKS))
        yield importlib.import_module
