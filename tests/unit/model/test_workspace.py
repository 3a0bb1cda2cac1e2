"""Finding a workspace and loading one site: what is read, and what is refused."""

import shutil
from pathlib import Path
from unittest import mock

import pytest
from dure.errors import UsageError
from dure.model import WorkspaceInvalid, find_workspace, load_operator, load_site, load_workspace, validate

ROOT = Path(__file__).parents[3]
GOOD = ROOT / "tests" / "contract" / "workspace"
EXAMPLE = ROOT / "examples" / "hanbit-it"


def test_the_example_is_valid() -> None:
    assert validate(EXAMPLE) == []


def test_the_example_has_three_customers_two_of_them_on_one_subnet() -> None:
    workspace = load_workspace(EXAMPLE)
    assert workspace.site_ids() == ["hansol-plastics/ansan", "mirae-bakery/orders", "saehan-accounting/seocho"]
    lans = [site.lan.cidr for customer in workspace.customers for site in customer.sites if site.lan is not None]
    assert lans == ["192.168.0.0/24"] * 2, "the bakery is in the cloud alone"
    assert [one.id for one in workspace.customers] == ["hansol-plastics", "mirae-bakery", "saehan-accounting"]


def test_a_workspace_is_found_from_below() -> None:
    assert find_workspace(EXAMPLE / "customers") == EXAMPLE


def test_one_site_s_command_opens_that_site_s_files_only(tmp_path: Path) -> None:
    root = tmp_path / "w"
    shutil.copytree(GOOD, root)
    (root / "customers" / "broken.yaml").write_text("][")
    opened: list[str] = []
    read = Path.read_bytes

    def note(file: Path) -> bytes:
        opened.append(file.relative_to(root).as_posix())
        return read(file)

    with mock.patch.object(Path, "read_bytes", note):
        load_site(root, "beta/seoul")
    assert sorted(opened) == ["allocations.yaml", "customers/beta.yaml", "operator.yaml"]


def test_the_hub_needs_no_customer(tmp_path: Path) -> None:
    shutil.copy(GOOD / "operator.yaml", tmp_path)
    files = load_site(tmp_path, "hub")
    assert (files.site_id, files.customer, files.site) == ("hub", None, None)


@pytest.mark.parametrize(
    ("site", "words"),
    [
        ("alfa/main", 'no customer "alfa".*write "alpha"'),
        ("alpha/mian", 'no site "alpha/mian".*write "alpha/main"'),
        ("alpha", '"alpha" is not a site.*customer/site'),
        ("alpha/", '"alpha/" is not a site'),
        ("../alpha/main", "is not a site"),
        ("a/b/c", "is not a site"),
        ("한솔/안산", '"한솔/안산" is not a site.*a-z, 0-9 and -'),
    ],
)
def test_a_site_that_is_not_there_is_told_with_the_nearest(site: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        load_site(GOOD, site)


def test_all_problems_of_operator_yaml_are_raised_at_once(tmp_path: Path) -> None:
    text = (GOOD / "operator.yaml").read_text().replace("02-555-0100", "call").replace("51820, 443", "0")
    (tmp_path / "operator.yaml").write_text(text)
    with pytest.raises(WorkspaceInvalid) as caught:
        load_operator(tmp_path)
    assert len(caught.value.problems) == 2
    assert caught.value.exit_code == 2
    assert caught.value.line().startswith("the workspace has 2 problems\noperator.yaml:4:10: ")
