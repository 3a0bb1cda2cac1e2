"""The whole workspace looked through at once: every problem of every file, and the models when there is none."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dure import toolkit_path
from dure.model.allocations import FILE, Allocations, conflicts, read_allocations
from dure.model.blueprint import Blueprint
from dure.model.blueprints import (
    HUB_BLUEPRINT,
    OWN_BLUEPRINTS,
    Wanted,
    known_blueprints,
    parameter_problems,
    port_conflicts,
    read_blueprint,
    unknown_blueprint,
)
from dure.model.cloud_keys import host_problems, network_problems
from dure.model.customer import Customer
from dure.model.document import Document
from dure.model.entry import Entry
from dure.model.explain import nearest
from dure.model.ground import Ground
from dure.model.listing import yaml_files
from dure.model.places import CUSTOMERS
from dure.model.problem import Problem
from dure.model.promise.contract_rules import contract_problems
from dure.model.promise.site_checks import site_checks
from dure.model.references import reference_problems
from dure.model.secret_file import DIRECTORY, read_secret_file
from dure.model.waivers import read_waivers
from dure.model.workspace import Workspace, read_customer, read_operator


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Documents hold no cycles, yet the collector walks all of them again and again: 8 of 14 s at 10,000 files."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@_collector_at_rest()
def examine(root: Path, toolkit: Path | None = None) -> tuple[Workspace | None, list[Problem]]:
    """The workspace (None when a file cannot be taken for what it is) and all problems, unsorted."""
    blueprints, problems = _blueprints(toolkit or toolkit_path())
    operator, document, ground, found = read_operator(root)
    problems += found + _hub_ports(document, ground, blueprints.get(HUB_BLUEPRINT))
    usable = {name: one for name, one in blueprints.items() if name not in OWN_BLUEPRINTS}
    entries: list[Entry] = []
    customers: list[Customer] = []
    unread: set[str] = set()
    files, found = yaml_files(root, CUSTOMERS)
    problems += found
    readable = not found
    for file in files:
        customer, entry, found = read_customer(root, file, ground, usable.get)
        problems += found
        if entry is None:
            unread.add(file.stem)
        else:
            entries.append(entry)
            problems += _sites(entry, usable) + _contract(entry, usable)
        if customer is not None:
            customers.append(customer)
    secrets, found = _secrets(root)
    problems += found
    problems += reference_problems(entries, secrets, unread)
    problems += network_problems(entries, ground)
    problems += host_problems(entries, usable.get)
    complete = readable and len(customers) == len(files)
    allocations, found = _allocations(root, ground.pool, entries if complete else None)
    problems += found
    _, found = read_waivers(
        root, ground.logins(), {site for one in entries for site in one.site_ids()} if complete else None
    )
    problems += found
    if operator is None or not complete:
        return None, problems
    return Workspace(root, operator, tuple(customers), allocations), problems


def _blueprints(toolkit: Path) -> tuple[dict[str, Blueprint], list[Problem]]:
    blueprints: dict[str, Blueprint] = {}
    problems: list[Problem] = []
    for name in known_blueprints(toolkit):
        blueprint, found = read_blueprint(toolkit, name)
        problems += found
        if blueprint is not None:
            blueprints[name] = blueprint
    return blueprints, problems


def _hub_ports(document: Document, ground: Ground, hub: Blueprint | None) -> list[Problem]:
    """UDP ports that boxes dial and that another role of the hub listens on."""
    wanted = [Wanted(role.name, port.protocol, port.port) for role in (hub.roles if hub else []) for port in role.ports]
    problems = []
    for index, port in ground.hub_ports:
        for _, holder in port_conflicts([*wanted, Wanted("hub", "udp", port)]):
            what, why = f"port {port}/udp is taken", f"role {holder} of the hub asks for it"
            problems.append(document.problem(("hub", "ports", index), what, why, "write another port"))
    return problems


def _sites(entry: Entry, blueprints: dict[str, Blueprint]) -> list[Problem]:
    problems = []
    for index, site in entry.sites:
        blueprint = blueprints.get(site.blueprint)
        if blueprint is None:
            problems.append(unknown_blueprint(site, entry.document, ("sites", index), blueprints))
        else:
            problems += parameter_problems(blueprint, site, entry.document, ("sites", index, "parameters"))
    return problems


def _contract(entry: Entry, blueprints: dict[str, Blueprint]) -> list[Problem]:
    if entry.contract is None:
        return []
    return contract_problems(entry.contract, entry.document, site_checks((one for _, one in entry.sites), blueprints))


def _secrets(root: Path) -> tuple[dict[str, set[str]], list[Problem]]:
    """Owner -> names of all stored secrets."""
    names: dict[str, set[str]] = {}
    files, problems = yaml_files(root, DIRECTORY)
    for file in files:
        values, document = read_secret_file(root, file.stem)
        names[file.stem] = set(values)
        problems += document.problems if document else []
    return names, problems


def _allocations(root: Path, pool: str | None, entries: list[Entry] | None) -> tuple[Allocations, list[Problem]]:
    """Without `entries` (some customer's file cannot be read) nobody can say that an allocation has no site."""
    allocations, problems = read_allocations(root)
    if pool is not None:
        problems = problems + conflicts(allocations, pool)
    if entries is None:
        return allocations, problems
    known = {site for entry in entries for site in entry.site_ids()}
    for one in allocations.lines:
        if one.site in known or one.released:
            continue
        near = nearest(one.site, known)
        mend = f'write "{near}", or ' if near else ""
        mend += f"release it with `operator allocate --release {one.site}`"
        problems.append(Problem(FILE, one.line, 1, f"{one.site} is allocated", "the workspace has no such site", mend))
    return allocations, problems
