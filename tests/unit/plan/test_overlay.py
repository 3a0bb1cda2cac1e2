"""Overlay networks: stable, unique while in use, and written so that git merges them."""

import ipaddress
import shutil
import subprocess
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from dure.errors import UsageError
from dure.model import WorkspaceInvalid, load_site, validate
from dure.model.allocations import Allocation, Allocations, conflicts, parse_allocations, read_allocations
from dure.plan import overlay
from dure.plan.overlay import allocate, hub_address, mapped, mend, next_free, release, render
from hypothesis import given
from hypothesis import strategies as st

GOOD = Path(__file__).parents[2] / "contract" / "workspace"
POOL = "10.64.0.0/20"  # sixteen /24s, the first the hub's
NUMBERS = st.integers(1, 15)


def cidr(number: int) -> str:
    return f"10.64.{number}.0/24"


def held(numbers: set[int], released: set[int]) -> Allocations:
    used = [Allocation(f"c/s{n}", cidr(n), released=False, line=n) for n in sorted(numbers)]
    return Allocations((*used, *(Allocation(f"c/r{n}", cidr(n), released=True, line=n) for n in sorted(released))))


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    root = tmp_path / "w"
    shutil.copytree(GOOD, root)
    (root / "allocations.yaml").unlink()
    return root


@given(st.sets(NUMBERS), st.sets(NUMBERS))
def test_a_free_network_is_never_one_in_use_nor_the_hub_s(used: set[int], released: set[int]) -> None:
    allocations = held(used, released)
    if len(used) == 15:
        with pytest.raises(UsageError, match="is used up"):
            next_free(POOL, allocations)
        return
    free = next_free(POOL, allocations)
    assert free not in allocations.in_use()
    assert free != cidr(0)
    assert ipaddress.IPv4Network(free).subnet_of(ipaddress.IPv4Network(POOL))
    if len(used | released) < 15:
        assert free not in allocations.released()


@given(st.lists(st.sampled_from([f"c/s{n}" for n in range(12)]), max_size=30))
def test_allocating_in_any_order_gives_each_site_one_network_for_ever(order: list[str]) -> None:
    allocations, given_out = Allocations(), {}
    for site in order:
        if allocations.of(site) is None:
            allocations = overlay.with_line(allocations, site, next_free(POOL, allocations))
        assert given_out.setdefault(site, allocations.of(site)) == allocations.of(site)
    assert conflicts(allocations, POOL) == []
    again, problems = parse_allocations(render(allocations).encode())
    assert problems == []
    assert {one.site: one.cidr for one in again.lines} == given_out


@given(st.integers(24, 30), st.data())
def test_an_address_keeps_its_place_in_the_overlay(length: int, data: st.DataObject) -> None:
    lan = ipaddress.IPv4Network(f"192.168.7.0/{length}")
    place = data.draw(st.integers(0, lan.num_addresses - 1))
    assert mapped(str(lan[place]), str(lan), "10.64.9.0/24") == f"10.64.9.{place}"


def test_the_hub_has_the_first_network_of_the_pool() -> None:
    assert hub_address("10.64.0.0/10") == "10.64.0.1"
    assert next_free("10.64.0.0/10", Allocations()) == "10.64.1.0/24"


def test_an_allocation_is_written_once_and_stays(workspace: Path) -> None:
    first = allocate(workspace, "alpha/main")
    assert (first.cidr, first.address, first.allocated) == ("10.64.1.0/24", "10.64.1.1", True)
    assert allocate(workspace, "beta/seoul").cidr == "10.64.2.0/24"
    text = (workspace / "allocations.yaml").read_text(encoding="utf-8")
    assert text.splitlines()[-2:] == ["alpha/main: 10.64.1.0/24", "beta/seoul: 10.64.2.0/24"]
    assert allocate(workspace, "alpha/main") == first
    assert (workspace / "allocations.yaml").read_text(encoding="utf-8") == text


def test_comments_stay_when_a_line_is_added(workspace: Path) -> None:
    (workspace / "allocations.yaml").write_text("# 우리 메모\nbeta/seoul: 10.64.7.0/24\n", encoding="utf-8")
    allocate(workspace, "alpha/main")
    text = (workspace / "allocations.yaml").read_text(encoding="utf-8")
    assert text == "# 우리 메모\nalpha/main: 10.64.1.0/24\nbeta/seoul: 10.64.7.0/24\n"


def test_a_released_network_is_given_out_last(workspace: Path) -> None:
    allocate(workspace, "alpha/main")
    customer = workspace / "customers" / "alpha.yaml"
    text = customer.read_text(encoding="utf-8")
    customer.write_text(text.replace("id: main", "id: moved"), encoding="utf-8")
    assert release(workspace, "alpha/main") == "10.64.1.0/24"
    customer.write_text(text, encoding="utf-8")
    assert allocate(workspace, "beta/seoul").cidr == "10.64.2.0/24"
    assert "alpha/main: 10.64.1.0/24  # released" in (workspace / "allocations.yaml").read_text(encoding="utf-8")
    (workspace / "operator.yaml").write_text(
        (workspace / "operator.yaml").read_text(encoding="utf-8").replace("10.64.0.0/10", "10.64.0.0/22"),
        encoding="utf-8",
    )
    assert allocate(workspace, "alpha/main").cidr == "10.64.3.0/24"


def test_many_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    shutil.copy(GOOD / "operator.yaml", tmp_path)
    (tmp_path / "customers").mkdir()
    text = (GOOD / "customers" / "beta.yaml").read_text(encoding="utf-8").replace("    depends_on: [alpha/main]\n", "")
    sites = [f"c{n}/seoul" for n in range(12)]
    for n in range(12):
        (tmp_path / "customers" / f"c{n}.yaml").write_text(text.replace("id: beta", f"id: c{n}"), encoding="utf-8")
    with ProcessPoolExecutor(4) as pool:
        found = list(pool.map(allocate, [tmp_path] * 12, sites))
    assert len({one.cidr for one in found}) == 12
    assert validate(tmp_path) == []


def git(root: Path, *arguments: str) -> None:
    setup = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(root), *setup, *arguments], check=True, capture_output=True)


def test_two_branches_that_allocate_the_same_network_are_told_with_the_mending_command(workspace: Path) -> None:
    (workspace / ".gitattributes").write_text("allocations.yaml merge=union\n")
    (workspace / "allocations.yaml").write_text("# allocations\n")
    git(workspace, "init", "-q", "-b", "main")
    git(workspace, "add", "-A")
    git(workspace, "commit", "-qm", "start")
    git(workspace, "checkout", "-qb", "other")
    assert allocate(workspace, "beta/seoul").cidr == "10.64.1.0/24"
    git(workspace, "commit", "-qam", "beta")
    git(workspace, "checkout", "-q", "main")
    assert allocate(workspace, "alpha/main").cidr == "10.64.1.0/24"
    git(workspace, "commit", "-qam", "alpha")
    git(workspace, "merge", "-q", "other")
    (problem,) = validate(workspace)
    assert "10.64.1.0/24 too" in problem.what
    assert problem.mend in ("operator allocate --mend alpha/main", "operator allocate --mend beta/seoul")
    for site in ("alpha/main", "beta/seoul"):
        with pytest.raises(WorkspaceInvalid, match=r"(?s)1 problem"):
            load_site(workspace, site)
    assert mend(workspace, problem.mend.split()[-1]) == "10.64.2.0/24"
    assert validate(workspace) == []


def test_branches_that_allocate_different_networks_merge_without_a_conflict(workspace: Path) -> None:
    (workspace / ".gitattributes").write_text("allocations.yaml merge=union\n")
    (workspace / "allocations.yaml").write_text("# allocations\n")
    git(workspace, "init", "-q", "-b", "main")
    git(workspace, "add", "-A")
    git(workspace, "commit", "-qm", "start")
    git(workspace, "checkout", "-qb", "other")
    (workspace / "allocations.yaml").write_text("# allocations\nbeta/seoul: 10.64.2.0/24\n")
    git(workspace, "commit", "-qam", "beta")
    git(workspace, "checkout", "-q", "main")
    (workspace / "allocations.yaml").write_text("# allocations\nalpha/main: 10.64.1.0/24\n")
    git(workspace, "commit", "-qam", "alpha")
    git(workspace, "merge", "-q", "other")
    assert validate(workspace) == []
    assert read_allocations(workspace)[0].of("beta/seoul") == "10.64.2.0/24"


def test_mending_a_site_allocated_twice_keeps_one_of_its_networks(workspace: Path) -> None:
    (workspace / "allocations.yaml").write_text("alpha/main: 10.64.5.0/24\nalpha/main: 10.64.7.0/24\n")
    assert mend(workspace, "alpha/main") == "10.64.5.0/24"
    assert validate(workspace) == []


def test_mending_what_is_right_changes_nothing(workspace: Path) -> None:
    cidr_before = allocate(workspace, "alpha/main").cidr
    assert mend(workspace, "alpha/main") == cidr_before


def test_ten_thousand_lines_are_read() -> None:
    rows = "".join(f"c{n}/s: 10.{64 + n // 256}.{n % 256}.0/24\n" for n in range(1, 10_000))
    allocations, problems = parse_allocations(rows.encode())
    assert problems == []
    assert len(allocations.lines) == 9_999
    assert conflicts(allocations, "10.64.0.0/10") == []
