"""Reading blueprints, and holding a site's parameters to the JSON Schema that its blueprint gives them."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pydantic import JsonValue

from dure import toolkit_path
from dure.errors import UsageError
from dure.model.blueprint import Blueprint
from dure.model.check import duplicates
from dure.model.customer import Site
from dure.model.document import Document, Path_, read_document
from dure.model.explain import nearest, parse
from dure.model.problem import Problem, WorkspaceInvalid

HUB_BLUEPRINT = "msp-hub"
LANDING_ZONE_BLUEPRINT = "landing-zone"
OWN_BLUEPRINTS = frozenset({HUB_BLUEPRINT, LANDING_ZONE_BLUEPRINT})
"""Those of the MSP's own sites, which no customer's site follows."""


class Wanted(NamedTuple):
    """A port and the role that asks for it."""

    role: str
    protocol: str
    port: int


def known_blueprints(toolkit: Path) -> list[str]:
    """Ids of the toolkit's blueprints."""
    return sorted(file.parent.name for file in (toolkit / "blueprints").glob("*/blueprint.yaml"))


def read_blueprint(toolkit: Path, blueprint_id: str) -> tuple[Blueprint | None, list[Problem]]:
    """One blueprint, or what is wrong with it; (None, []) when there is none of that id."""
    file = toolkit / "blueprints" / blueprint_id / "blueprint.yaml"
    if "/" in blueprint_id or not file.is_file():
        return None, []
    document = read_document(toolkit, file)
    if document.problems:
        return None, document.problems
    blueprint, problems = parse(Blueprint, document)
    if blueprint is not None:
        problems = _blueprint_problems(blueprint, document, blueprint_id)
    return (None if problems else blueprint), problems


@cache
def load_blueprint(toolkit: Path, blueprint_id: str) -> Blueprint:
    """The blueprint, read once a process; UsageError when there is none, WorkspaceInvalid when it is not right."""
    blueprint, problems = read_blueprint(toolkit, blueprint_id)
    if problems:
        raise WorkspaceInvalid(problems)
    if blueprint is None:
        known = known_blueprints(toolkit)
        near = nearest(blueprint_id, known)
        mend = f'write "{near}"' if near else f"use one of: {', '.join(known)}"
        raise UsageError(f'unknown blueprint "{blueprint_id}"', why="the toolkit has none of that name", mend=mend)
    return blueprint


def toolkit_blueprint(blueprint_id: str) -> Blueprint | None:
    """`usable_blueprint` of the toolkit that this program brings."""
    return usable_blueprint(toolkit_path(), blueprint_id)


def usable_blueprint(toolkit: Path, blueprint_id: str) -> Blueprint | None:
    """The blueprint that a customer's site follows; None when there is none such, or it is not right."""
    if blueprint_id in OWN_BLUEPRINTS or blueprint_id not in known_blueprints(toolkit):
        return None
    try:
        return load_blueprint(toolkit, blueprint_id)
    except UsageError:
        return None


def unknown_blueprint(site: Site, document: Document, path: Path_, known: Iterable[str]) -> Problem:
    """The site follows none of the blueprints that a customer's site may follow."""
    usable = sorted(name for name in known if name not in OWN_BLUEPRINTS)
    near = nearest(site.blueprint, usable)
    mend = f'write "{near}"' if near else f"use one of: {', '.join(usable)}"
    why = "the toolkit has none of that name for a customer's site"
    return document.problem((*path, "blueprint"), f'unknown blueprint "{site.blueprint}"', why, mend)


def _blueprint_problems(blueprint: Blueprint, document: Document, expected: str) -> list[Problem]:
    problems = []
    if blueprint.id != expected:
        what = f'blueprint "{blueprint.id}" stands in the directory {expected}'
        problems.append(document.problem(("id",), what, "it is found by its directory", "make the two equal"))
    if not blueprint.roles and blueprint.cloud is None:
        why = "it has neither roles for a machine nor a cloud part"
        problems.append(document.problem((), "a site of it would be nothing", why, "add `roles:` or `cloud:`"))
    for key, names in (
        ("roles", [one.name for one in blueprint.roles]),
        ("verification", [one.name for one in blueprint.verification]),
        ("checks", [one.name for one in blueprint.checks]),
        ("objectives", [one.name for one in blueprint.objectives]),
    ):
        for index, earlier in duplicates(names):
            why = f"entry {earlier + 1} has it already"
            problems.append(
                document.problem(
                    (key, index, "name"), f'{key} name "{names[index]}" stands twice', why, "rename or remove one"
                )
            )
    checks = [one.name for one in blueprint.checks]
    for index, objective in enumerate(blueprint.objectives):
        for place, name in enumerate(objective.checks):
            if name not in checks:
                mend = f'write "{nearest(name, checks)}"' if nearest(name, checks) else "add the check"
                problems.append(
                    document.problem(
                        ("objectives", index, "checks", place),
                        f'unknown check "{name}"',
                        "no check has that name",
                        mend,
                    )
                )
    for (role, protocol, port), other in port_conflicts(
        [Wanted(one.name, want.protocol, want.port) for one in blueprint.roles for want in one.ports]
    ):
        index = next(index for index, one in enumerate(blueprint.roles) if one.name == role)
        problems.append(
            document.problem(
                ("roles", index, "ports"),
                f"port {port}/{protocol} is wanted twice",
                f"role {other} asks for it too",
                "give one of the two another port",
            )
        )
    return problems


def port_conflicts(wanted: list[Wanted]) -> list[tuple[Wanted, str]]:
    """Each port that a second role asks for, with the role that had it first."""
    first: dict[tuple[str, int], str] = {}
    found = []
    for want in wanted:
        holder = first.setdefault((want.protocol, want.port), want.role)
        if holder != want.role:
            found.append((want, holder))
    return found


def parameters_of(blueprint: Blueprint, site: Site) -> dict[str, JsonValue]:
    """The site's parameters with the blueprint's defaults beneath."""
    return blueprint.with_defaults(site.parameters)


def parameter_problems(blueprint: Blueprint, site: Site, document: Document, path: Path_) -> list[Problem]:
    """What the blueprint's schema refuses in the site's parameters; `path` leads to `parameters`."""
    problems = []
    for name, value in site.parameters.items():
        schema = blueprint.parameters.get(name)
        if schema is None:
            known = list(blueprint.parameters)
            near = nearest(name, known)
            mend = f'write "{near}"' if near else f"remove it; {blueprint.id} has: {', '.join(known) or 'none'}"
            what = f'unknown parameter "{name}"'
            problems.append(
                document.problem((*path, name), what, f"blueprint {blueprint.id} has no such parameter", mend, key=True)
            )
            continue
        problems += _schema_problems(schema, value, document, (*path, name))
    for name, schema in blueprint.parameters.items():
        if "default" not in schema and name not in site.parameters:
            what = f'parameter "{name}" is missing'
            problems.append(
                document.problem(
                    path, what, f"blueprint {blueprint.id} has no default for it", f"add `{name}:` under `parameters`"
                )
            )
    return problems


def _schema_problems(schema: dict[str, JsonValue], value: JsonValue, document: Document, path: Path_) -> list[Problem]:
    from jsonschema import Draft202012Validator  # 0.1 s to import: only when a site sets parameters

    problems = []
    for error in Draft202012Validator(schema).iter_errors(value):
        where = (*path, *error.absolute_path)
        name = ".".join(str(step) for step in where[where.index("parameters") + 1 :])
        schema_here = error.schema if isinstance(error.schema, dict) else {}
        if error.validator == "additionalProperties" and isinstance(error.instance, dict):
            known = list(schema_here.get("properties", {}))
            for key in [key for key in error.instance if key not in known]:
                near = nearest(key, known)
                mend = f'write "{near}"' if near else f"remove it; known here: {', '.join(known)}"
                problems.append(
                    document.problem(
                        (*where, key), f'unknown key "{key}"', "the blueprint does not read it", mend, key=True
                    )
                )
            continue
        described = str(schema_here.get("description") or schema.get("description") or "")
        mend = f"correct it: {described}" if described else "write a value that the blueprint takes"
        problems.append(document.problem(where, f"parameter {name} is not right", error.message, mend))
    return problems
