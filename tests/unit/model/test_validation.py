"""Any value at any place of a file is told, never thrown."""

import copy
import gc
import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import yaml
from dure import toolkit_path
from dure.errors import UsageError
from dure.model import load_site
from dure.model.validation import examine
from dure.model.workspace import read_customer
from dure.plan import resolve
from hypothesis import given, settings
from hypothesis import strategies as st

GOOD = Path(__file__).parents[2] / "contract" / "workspace"
ODD = st.sampled_from(
    ["", "x", "-", "0", "10.64.0.0/10", "192.168.0.0/24", "192.168.0.1", "alpha/main", "한글", "a" * 300, "\u00e9"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.floats(allow_nan=False, allow_infinity=False) | ODD,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(ODD | st.just("id"), below, max_size=3),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] + [place for key, one in below for place in places(one, (*path, key))]


def with_value(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    changed = copy.deepcopy(data)
    here = changed
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = value
    return changed


@pytest.mark.parametrize("name", ["operator.yaml", "customers/alpha.yaml"])
def test_any_value_at_any_place_is_told_not_thrown(name: str) -> None:
    good = yaml.safe_load((GOOD / name).read_text(encoding="utf-8"))

    @settings(max_examples=60)  # each loads a whole workspace
    @given(st.sampled_from(places(good)), VALUES)
    def holds(path: tuple[Any, ...], value: Any) -> None:
        with tempfile.TemporaryDirectory() as place:
            root = Path(place)
            (root / "customers").mkdir()
            for file in ("operator.yaml", "customers/alpha.yaml", "customers/beta.yaml"):
                (root / file).write_bytes((GOOD / file).read_bytes())
            (root / name).write_text(yaml.safe_dump(with_value(good, path, value), allow_unicode=True), "utf-8")
            _, problems = examine(root)
            assert all(problem.text() for problem in problems)
            refusal = ""
            try:
                resolve(load_site(root, "alpha/main"), toolkit_path())
            except UsageError as error:
                refusal = error.line()
            assert problems or not refusal or "no site" in refusal or "nobody could reach" in refusal, refusal

    holds()


def test_the_collector_does_not_walk_all_files_read_so_far_for_each_new_one() -> None:
    enabled: list[bool] = []

    def read(*arguments: Any) -> Any:
        enabled.append(gc.isenabled())
        return read_customer(*arguments)

    with mock.patch("dure.model.validation.read_customer", read):
        examine(GOOD)
    assert enabled == [False, False]
    assert gc.isenabled()
