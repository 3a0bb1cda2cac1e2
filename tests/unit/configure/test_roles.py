"""Every role says what it takes, down to the leaves, and its README says the same."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml
from dure import toolkit_path
from dure.configure.role_readme import roles, stale

ROLES = toolkit_path() / "playbooks" / "roles"


def specification(role: Path) -> dict[str, dict[str, object]]:
    return yaml.safe_load((role / "meta" / "argument_specs.yml").read_text())["argument_specs"]


def leaves(options: Mapping[str, Mapping[str, object]], at: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    for name, option in options.items():
        yield f"{at}{name}", option
        yield from leaves(option.get("options") or {}, f"{at}{name}.")  # type: ignore[arg-type]  # read from YAML


def test_readmes_are_as_the_specifications_say() -> None:
    assert stale(ROLES) == [], "run: python -m dure.configure.role_readme playbooks/roles"


@pytest.mark.parametrize("role", sorted(ROLES.glob("[a-z]*")), ids=lambda role: role.name)
def test_a_role_has_a_specification(role: Path) -> None:
    assert role in roles(ROLES)


@pytest.mark.parametrize("role", roles(ROLES), ids=lambda role: role.name)
def test_a_role_takes_only_its_own_variables_typed_to_the_leaves(role: Path) -> None:
    for entry in specification(role).values():
        options = entry.get("options") or {}
        for name, option in leaves(options, ""):  # type: ignore[arg-type]  # read from YAML
            assert name.startswith(f"{role.name}_") or "." in name, name
            assert option.get("type"), f"{name} has no type"
            assert option.get("description"), f"{name} has no description"
            assert option["type"] != "list" or option.get("elements"), f"{name} does not say what it lists"


@pytest.mark.parametrize("role", roles(ROLES), ids=lambda role: role.name)
def test_defaults_are_those_of_the_specification(role: Path) -> None:
    file = role / "defaults" / "main.yml"
    defaults = yaml.safe_load(file.read_text()) or {} if file.exists() else {}
    options = specification(role)["main"].get("options") or {}
    assert isinstance(options, dict)
    for name, value in defaults.items():
        assert name in options, f"{name} has a default and is not in the specification"
        computed = isinstance(value, str) and "{{" in value
        assert computed or options[name].get("default") == value, name


@pytest.mark.parametrize("role", roles(ROLES), ids=lambda role: role.name)
def test_only_modules_of_ansible_itself_are_used(role: Path) -> None:
    keywords = {"name", "when", "loop", "loop_control", "register", "notify", "no_log", "check_mode", "changed_when"}
    keywords |= {"failed_when", "vars", "block", "rescue", "always", "ignore_errors", "diff", "environment", "become"}
    keywords |= {"until", "retries", "delay", "become_user", "listen", "delegate_to", "run_once", "args", "tags"}
    for file in [*role.glob("tasks/*.yml"), *role.glob("handlers/*.yml")]:
        for task in yaml.safe_load(file.read_text()) or []:
            others = set(task) - keywords
            assert all(key.startswith("ansible.builtin.") for key in others), (file, others)


INSTALLING = re.compile(r"^\s*(src|dest|loop):|base_machine\.files\[|!= lookup")


def texts_but(file: Path) -> Iterator[str]:
    """Lines of everything that could call a role's program, without those that only put it in place."""
    for root in (toolkit_path() / "playbooks", toolkit_path() / "operator" / "dure"):
        for other in sorted(root.rglob("*")):
            if other.is_file() and other != file and other.suffix not in (".pyc", ".md"):
                lines = other.read_text(errors="replace").splitlines()
                yield from (line for line in lines if not INSTALLING.search(line))


@pytest.mark.parametrize("file", sorted(ROLES.glob("*/files/*")), ids=lambda file: f"{file.parts[-3]}/{file.name}")
def test_what_a_role_installs_is_called_by_something(file: Path) -> None:
    name = re.escape(file.name)
    called = rf"(?:dure(?:/\w+)?|files)/{name}(?![\w.-])|/ \"{name}\""
    if file.suffix == ".py":
        called += rf"|\b(?:import|from) {file.stem}\b"
    if file.is_file():
        assert any(re.search(called, line) for line in texts_but(file)), f"nothing calls {file.name}"
