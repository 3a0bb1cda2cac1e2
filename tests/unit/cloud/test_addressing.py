"""Which network each stack gets: no two overlap, none meets the overlay or a customer's LAN."""

from collections.abc import Callable
from ipaddress import IPv4Network
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

OVERLAY = IPv4Network("10.64.0.0/10")
indexes = st.integers(0, 2047)
lans = st.lists(
    st.builds(
        lambda address, prefix: str(IPv4Network((address, prefix), strict=False)),
        st.integers(int(IPv4Network("10.0.0.0/8")[0]), int(IPv4Network("10.0.0.0/8")[-1])),
        st.integers(16, 29),
    ),
    max_size=5,
)


@pytest.fixture(scope="module")
def addressing(stacks_module: Callable[[str], Any]) -> Any:
    return stacks_module("iaas.addressing")


@given(indexes, indexes)
def test_two_indexes_never_overlap(addressing: Any, one: int, other: int) -> None:
    assume(one != other)
    assert not IPv4Network(addressing.block(one)).overlaps(IPv4Network(addressing.block(other)))


@given(indexes)
def test_a_block_is_the_same_for_ever_and_clear_of_the_overlay(addressing: Any, index: int) -> None:
    cidr = addressing.block(index)
    assert cidr == addressing.block(index)
    assert not IPv4Network(cidr).overlaps(OVERLAY)
    assert IPv4Network(cidr).prefixlen == 20


@given(indexes, lans)
def test_a_block_meets_no_lan_or_says_which_index_does_not(addressing: Any, index: int, avoid: list[str]) -> None:
    try:
        cidr = addressing.block(index, avoid=avoid)
    except ValueError as refused:
        mend = str(refused).rpartition("is ")[2]
        if "give another network_pool" not in str(refused):
            cidr = addressing.block(int(mend), avoid=avoid)
            assert not any(IPv4Network(cidr).overlaps(IPv4Network(one)) for one in avoid)
    else:
        assert not any(IPv4Network(cidr).overlaps(IPv4Network(one)) for one in avoid)


@given(indexes)
def test_a_networks_subnets_fill_it_without_overlap(addressing: Any, index: int) -> None:
    whole = IPv4Network(addressing.block(index))
    four = addressing.subnets(str(whole))
    parts = [IPv4Network(one) for one in (four.public_a, four.public_c, four.private_a, four.private_c)]
    assert sum(one.num_addresses for one in parts) == whole.num_addresses
    assert all(one.subnet_of(whole) for one in parts)
    assert len(set(parts)) == 4


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((2048,), "network_index 2048 is outside pool 10.128.0.0/9; take one from 0 to 2047"),
        ((-1,), "network_index -1 is outside"),
        ((0, "10.128.0.0/24"), "is too small: it holds no /20"),
        ((0, "10.128.0.1/9"), "has host bits set"),
        ((0, "ten"), "'ten' is no CIDR"),
        ((0, "10.64.0.0/10"), "which meets 10.64.0.0/10; no block of this pool is free"),
        ((0, "10.128.0.0/9", ["10.128.3.0/24"]), "which meets 10.128.3.0/24; the next index that meets nothing is 1"),
    ],
)
def test_a_wrong_block_is_told_with_its_mend(addressing: Any, arguments: tuple[Any, ...], said: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        addressing.block(*arguments)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("cidr", "said"), [("10.0.0.0/27", "give one of /26 or larger"), ("10.0.0.0/15", "larger than /16")]
)
def test_a_network_that_aws_or_four_subnets_would_not_take_is_refused(addressing: Any, cidr: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        addressing.subnets(cidr)
