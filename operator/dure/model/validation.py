"""The whole workspace looked through at once: every problem of every file, and the models when there is none."""

from pathlib import Path

from dure import toolkit_path
from dure.model.allocations import FILE, Allocations, conflicts, read_allocations
from dure.model.blueprint import Blueprint
from dure.model.blueprints import Wanted, known_blueprints, parameter_problems, port_conflicts, read_blueprint
from dure.model.check import customer_problems, operator_problems
from dure.model.customer import Customer, Site, User
from dure.model.document import Document, read_document
from dure.model.explain import nearest, parse
from dure.model.msp import Operator
from dure.model.problem import Problem
from dure.model.references import reference_problems
from dure.model.secret_file import DIRECTORY, read_secret_file
from dure.model.workspace import CUSTOMERS, OPERATOR_FILE, Workspace

HUB_BLUEPRINT = "msp-hub"


def examine(root: Path, toolkit: Path | None = None) -> tuple[Workspace | None, list[Problem]]:
    """The workspace (None when operator.yaml cannot be read) and all problems, unsorted."""
    blueprints, problems = _blueprints(toolkit or toolkit_path())
    operator, found = _operator(root, blueprints.get(HUB_BLUEPRINT))
    problems += found
    customers: list[tuple[Customer, Document]] = []
    for file in sorted((root / CUSTOMERS).glob("*.y*ml")):
        customer, document, found = _customer(root, file, operator)
        problems += found
        if customer is not None:
            customers.append((customer, document))
    secrets, found = _secrets(root)
    problems += found
    problems += _ids(customers)
    for customer, document in customers:
        problems += _sites(customer, document, blueprints)
    problems += reference_problems(customers, secrets)
    allocations, found = _allocations(root, operator, customers)
    problems += found
    if operator is None:
        return None, problems
    return Workspace(root, operator, tuple(one for one, _ in customers), allocations), problems


def _blueprints(toolkit: Path) -> tuple[dict[str, Blueprint], list[Problem]]:
    blueprints: dict[str, Blueprint] = {}
    problems: list[Problem] = []
    for name in known_blueprints(toolkit):
        blueprint, found = read_blueprint(toolkit, name)
        problems += found
        if blueprint is not None:
            blueprints[name] = blueprint
    return blueprints, problems


def _operator(root: Path, hub: Blueprint | None) -> tuple[Operator | None, list[Problem]]:
    document = read_document(root, root / OPERATOR_FILE)
    if document.data is None:
        return None, document.problems
    operator, found = parse(Operator, document)
    problems = document.problems + found
    if operator is None:
        return None, problems
    problems += operator_problems(operator, document)
    wanted = [Wanted(role.name, port.protocol, port.port) for role in (hub.roles if hub else []) for port in role.ports]
    for index, port in enumerate(operator.hub.ports):
        for _, holder in port_conflicts([*wanted, Wanted("hub", "udp", port)]):
            why = f"role {holder} of the hub asks for it"
            problems.append(
                document.problem(("hub", "ports", index), f"port {port}/udp is taken", why, "write another port")
            )
    return operator, problems


def _customer(root: Path, file: Path, operator: Operator | None) -> tuple[Customer | None, Document, list[Problem]]:
    document = read_document(root, file)
    if document.data is None:
        return None, document, document.problems
    customer, found = parse(Customer, document)
    problems = document.problems + found
    if file.suffix != ".yaml":
        why = "customers are looked for by the name customers/ID.yaml"
        problems.append(
            document.problem(
                (), "the file's name ends in .yml", why, f"git mv {document.file} {document.file[:-4]}.yaml"
            )
        )
    if customer is None:
        customer = salvage(document)
    if customer is not None:
        problems += customer_problems(customer, document, operator)
    return customer, document, problems


def salvage(document: Document) -> Customer | None:
    """The parts of a faulty customer that are right, so that their rules are looked at in the same go.

    None when a left-out part would shift the indexes by which problems find their place.
    """
    data = document.data
    if not isinstance(data, dict) or not isinstance(data.get("id"), str):
        return None
    parts: dict[str, list[object]] = {"users": [], "sites": []}
    for key, model in (("users", User), ("sites", Site)):
        items = data.get(key)
        for index, _ in enumerate(items if isinstance(items, list) else []):
            part, found = parse(model, document, (key, index))
            if found:
                return None
            parts[key].append(part)
    return Customer.model_construct(id=data["id"], name="", **parts)


def _ids(customers: list[tuple[Customer, Document]]) -> list[Problem]:
    first: dict[str, str] = {}
    problems = []
    for customer, document in customers:
        other = first.setdefault(customer.id, document.file)
        if other != document.file:
            what = f'customer id "{customer.id}" stands twice'
            problems.append(
                document.problem(("id",), what, f"{other} has it already", "give one of the two another id")
            )
    return problems


def _sites(customer: Customer, document: Document, blueprints: dict[str, Blueprint]) -> list[Problem]:
    problems = []
    for index, site in enumerate(customer.sites):
        path = ("sites", index)
        blueprint = blueprints.get(site.blueprint)
        if blueprint is None or site.blueprint == HUB_BLUEPRINT:
            known = [name for name in blueprints if name != HUB_BLUEPRINT]
            near = nearest(site.blueprint, known)
            mend = f'write "{near}"' if near else f"use one of: {', '.join(known)}"
            why = "the toolkit has none of that name for a customer's site"
            problems.append(document.problem((*path, "blueprint"), f'unknown blueprint "{site.blueprint}"', why, mend))
            continue
        problems += parameter_problems(blueprint, site, document, (*path, "parameters"))
    return problems


def _secrets(root: Path) -> tuple[dict[str, set[str]], list[Problem]]:
    """Owner -> names of all stored secrets."""
    names: dict[str, set[str]] = {}
    problems: list[Problem] = []
    for file in sorted((root / DIRECTORY).glob("*.yaml")):
        values, document = read_secret_file(root, file.stem)
        names[file.stem] = set(values)
        problems += document.problems if document else []
    return names, problems


def _allocations(
    root: Path, operator: Operator | None, customers: list[tuple[Customer, Document]]
) -> tuple[Allocations, list[Problem]]:
    allocations, problems = read_allocations(root)
    if operator is not None:
        problems = problems + conflicts(allocations, operator.overlay_pool)
    known = {f"{customer.id}/{site.id}" for customer, _ in customers for site in customer.sites}
    unread = {document.file for _, document in customers}
    complete = len(unread) == len(list((root / CUSTOMERS).glob("*.y*ml")))
    for one in allocations.lines if complete else ():
        if one.site not in known and not one.released:
            near = nearest(one.site, known)
            mend = f'write "{near}", or ' if near else ""
            mend += f"release it with `operator allocate --release {one.site}`"
            problems.append(
                Problem(FILE, one.line, 1, f"{one.site} is allocated", "the workspace has no such site", mend)
            )
    return allocations, problems
