"""What winding back does to one key, for every history a key can have."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from dure.cloud.vault import Change, Entry, by_key, change_for
from hypothesis import given
from hypothesis import strategies as st

SAFE = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def version(hours: float, content: str = "", key: str = "data/ab") -> Entry:
    """A version written so many hours after the safe moment (before it when negative)."""
    return Entry(key, f"v{hours}", SAFE + timedelta(hours=hours), False, content, len(content))


def marker(hours: float, key: str = "data/ab") -> Entry:
    return Entry(key, f"m{hours}", SAFE + timedelta(hours=hours), True)


GOOD = version(-5, "good")
HISTORIES: dict[str, tuple[list[Entry], tuple[str, str] | None]] = {
    "untouched": ([GOOD], None),
    "written at the very moment": ([version(0, "good")], None),
    "overwritten": ([version(1, "junk"), GOOD], ("restore", "v-5")),
    "overwritten twice": ([version(2, "more junk"), version(1, "junk"), GOOD], ("restore", "v-5")),
    "hidden": ([marker(1), GOOD], ("restore", "v-5")),
    "overwritten before, too": ([version(1, "junk"), GOOD, version(-9, "older")], ("restore", "v-5")),
    "written later": ([version(1, "future snapshot")], ("hide", "v1")),
    "written and hidden later": ([marker(2), version(1, "x")], None),
    "hidden before, written again": ([version(1, "x"), marker(-1), GOOD], ("hide", "v1")),
    "hidden before": ([marker(-1), GOOD], None),
    "brought back already": ([version(2, "good"), version(1, "junk"), GOOD], None),
    "a lock of the past, gone": ([marker(1, "locks/a"), version(-1, "lock", "locks/a")], None),
    "a lock, rewritten": ([version(1, "x", "locks/a"), version(-1, "lock", "locks/a")], ("hide", "v1")),
}


@pytest.mark.parametrize("name", HISTORIES)
def test_a_key_that_was(name: str) -> None:
    entries, expected = HISTORIES[name]
    change = change_for(entries, SAFE)
    assert (change and (change.kind, change.entry.version)) == expected


def applied(entries: list[Entry], change: Change | None) -> list[Entry]:
    """The history after the change was made, long after everything else."""
    if change is None:
        return entries
    if change.kind == "hide":
        return [marker(1000, entries[0].key), *entries]
    return [version(1000, change.entry.etag, entries[0].key), *entries]


histories = st.lists(
    st.tuples(st.integers(-50, 50), st.booleans(), st.sampled_from(["a", "b", "c"])), min_size=1, max_size=8
).map(
    lambda made: [
        marker(hours) if gone else version(hours, content) for hours, gone, content in sorted(made, reverse=True)
    ]
)


@given(histories)
def test_after_a_rewind_the_key_is_as_it_was_and_a_second_finds_nothing(entries: list[Entry]) -> None:
    was = next((one for one in entries if one.modified <= SAFE), None)
    after = applied(entries, change_for(entries, SAFE))
    if was is None or was.marker:
        assert after[0].marker
    else:
        assert (after[0].marker, after[0].etag) == (False, was.etag)
    assert change_for(after, SAFE) is None


def test_a_key_may_go_over_pages_and_only_one_is_held() -> None:
    def pages() -> Iterator[list[Entry]]:
        yield [version(1, key="a"), version(0, key="a")]
        yield [version(-1, key="a"), version(1, key="b")]
        yield []
        yield [version(1, key="c")]

    groups = [(group[0].key, len(group)) for group in by_key(pages())]
    assert groups == [("a", 3), ("b", 1), ("c", 1)]


def test_a_million_keys_stream() -> None:
    """Pages are made as they are asked for: the first group is there before the second page."""
    asked: list[int] = []

    def pages() -> Iterator[list[Entry]]:
        for page in range(1000):
            asked.append(page)
            yield [version(-1, key=f"{page:04}-{number:04}") for number in range(1000)]

    groups = by_key(pages())
    next(groups)
    assert asked == [0]
