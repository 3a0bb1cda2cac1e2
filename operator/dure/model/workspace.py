"""Loading a workspace: one site's files alone, or all of them."""

import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from dure.errors import UsageError
from dure.model.allocations import Allocations, conflicts, read_allocations
from dure.model.blueprints import toolkit_blueprint
from dure.model.check import BlueprintOf, customer_problems, operator_problems
from dure.model.customer import Customer, Site
from dure.model.document import Document, read_document
from dure.model.entry import Entry, entry_of, salvage
from dure.model.explain import nearest, parse
from dure.model.fields import ID_LENGTH, ID_PATTERN, SITE_ID_PATTERN
from dure.model.ground import Ground, ground_of
from dure.model.msp import Operator, today_in_seoul
from dure.model.places import CUSTOMERS, OPERATOR_FILE
from dure.model.problem import Problem, WorkspaceInvalid
from dure.model.references import own_reference_problems
from dure.model.secret_file import read_secret_file
from dure.model.text import absent, printable

HUB = "hub"
LANDING_ZONE = "landing-zone"
OWN_SITES = (HUB, LANDING_ZONE)
"""Ids of the MSP's own sites, which stand in operator.yaml."""


@dataclass(frozen=True, slots=True)
class SiteFiles:
    """What one site's command reads; `customer` and `site` are None for a site of the MSP's own."""

    operator: Operator
    customer: Customer | None
    site: Site | None
    allocations: Allocations
    document: Document | None = None
    """The customer's file, for the places of problems found later."""
    own: str = HUB
    """Which of the MSP's own sites, when it is one."""
    day: date = field(default_factory=today_in_seoul)
    """The day for which it is resolved: who has left by then gets no account."""

    @property
    def site_id(self) -> str:
        return f"{self.customer.id}/{self.site.id}" if self.customer and self.site else self.own


@dataclass(frozen=True, slots=True)
class Workspace:
    """Everything, in the order of ids."""

    root: Path
    operator: Operator
    customers: tuple[Customer, ...]
    allocations: Allocations

    def site_ids(self) -> list[str]:
        return [f"{customer.id}/{site.id}" for customer in self.customers for site in customer.sites]


def read_operator(root: Path) -> tuple[Operator | None, Document, Ground, list[Problem]]:
    """operator.yaml as far as it is right, and its problems."""
    document = read_document(root, root / OPERATOR_FILE)
    if document.data is None:
        return None, document, Ground(), document.problems
    operator, problems = parse(Operator, document)
    ground = ground_of(document.data)
    return operator, document, ground, document.problems + problems + operator_problems(ground, document)


def read_customer(
    root: Path, file: Path, ground: Ground, blueprint_of: BlueprintOf
) -> tuple[Customer | None, Entry | None, list[Problem]]:
    """A customer's file, its right parts when it is not all right, and its problems."""
    document = read_document(root, file)
    if document.data is None:
        return None, None, document.problems
    customer, found = parse(Customer, document)
    problems = document.problems + found
    entry = entry_of(customer, document) if customer is not None else salvage(document)
    if entry is not None:
        problems += customer_problems(entry, ground, blueprint_of)
    return customer, entry, problems


def load_operator(root: Path) -> Operator:
    """operator.yaml alone. Raises WorkspaceInvalid with every problem in it."""
    operator, _, _, problems = read_operator(root)
    if operator is None or problems:
        raise WorkspaceInvalid(problems)
    return operator


def load_site(root: Path, site_id: str) -> SiteFiles:
    """Only the files of one site (`customer/site`, or one of OWN_SITES): the cost does not grow with the fleet.

    Raises WorkspaceInvalid when one of them holds problems, UsageError when there is no such site.
    """
    operator, _, ground, problems = read_operator(root)
    allocations, found = read_allocations(root)
    problems += found
    if ground.pool is not None:
        problems += conflicts(allocations, ground.pool, only=site_id)
    if site_id in OWN_SITES:
        if operator is None or problems:
            raise WorkspaceInvalid(problems)
        return SiteFiles(operator, None, None, allocations, own=site_id)
    customer_id, short = _split(site_id)
    customer, entry, found = _own_files(root, customer_id, ground)
    problems += found
    if operator is None or customer is None or entry is None or problems:
        raise WorkspaceInvalid(problems)
    site = customer.site(short)
    if site is None:
        raise _no_site(site_id, entry.site_ids(), entry.document.file)
    return SiteFiles(operator, customer, site, allocations, entry.document)


def load_customer(root: Path, customer_id: str) -> list[SiteFiles]:
    """All sites of one customer, in the order of its file. Raises as `load_site` does."""
    operator, _, ground, problems = read_operator(root)
    allocations, found = read_allocations(root)
    problems += found
    customer, entry, found = _own_files(root, customer_id, ground)
    problems += found
    if operator is None or customer is None or entry is None or problems:
        raise WorkspaceInvalid(problems)
    return [SiteFiles(operator, customer, site, allocations, entry.document) for site in customer.sites]


def _own_files(root: Path, customer_id: str, ground: Ground) -> tuple[Customer | None, Entry | None, list[Problem]]:
    """A customer's file and secrets, held to the rules that these alone can answer."""
    file = customer_file(root, customer_id)
    customer, entry, problems = read_customer(root, file, ground, toolkit_blueprint)
    if entry is not None:
        secrets, sealed = read_secret_file(root, customer_id)
        problems += sealed.problems if sealed else []
        problems += own_reference_problems(entry, {customer_id: set(secrets)})
    return customer, entry, problems


def _split(site_id: str) -> tuple[str, str]:
    customer_id, _, short = site_id.partition("/")
    if re.fullmatch(SITE_ID_PATTERN, site_id) and max(len(customer_id), len(short)) <= ID_LENGTH:
        return customer_id, short
    meant = site_id.lower()
    near = meant if re.fullmatch(SITE_ID_PATTERN, meant) and len(meant) <= ID_LENGTH else ""
    raise UsageError(
        f'"{printable(site_id)}" is not a site',
        why=f"a site is written customer/site, each an id of at most {ID_LENGTH} characters a-z, 0-9 and -",
        mend=f'write "{near}"' if near else "write it as in hansol-plastics/ansan; sites stand in customers/*.yaml",
    )


def customer_file(root: Path, customer_id: str) -> Path:
    """The customer's file. Raises UsageError, with the nearest id, when there is none."""
    file = root / CUSTOMERS / f"{customer_id}.yaml"
    if re.fullmatch(ID_PATTERN, customer_id) and not absent(file):
        return file
    near = nearest(customer_id, [path.stem for path in (root / CUSTOMERS).glob("*.yaml")])
    mend = f'write "{near}"' if near else "look at customers/, or add the customer there"
    shown = printable(customer_id)
    raise UsageError(f'no customer "{shown}"', why=f"customers/{shown}.yaml does not exist", mend=mend)


def in_workspace(root: Path, site_id: str) -> bool:
    """The site stands in its customer's file. Raises WorkspaceInvalid when that file cannot be read."""
    return site_id in sites_in_file(root, site_id.partition("/")[0])


def sites_in_file(root: Path, customer_id: str) -> list[str]:
    """Ids of the sites as the customer's file names them, right or not; none when there is no such file."""
    file = root / CUSTOMERS / f"{customer_id}.yaml"
    if not re.fullmatch(ID_PATTERN, customer_id) or absent(file):
        return []
    document = read_document(root, file)
    if document.data is None:
        raise WorkspaceInvalid(document.problems)
    sites = document.data.get("sites") if isinstance(document.data, dict) else None
    listed = sites if isinstance(sites, list) else []
    return [f"{customer_id}/{one['id']}" for one in listed if isinstance(one, dict) and "id" in one]


def _no_site(site_id: str, known: list[str], file: str) -> UsageError:
    near = nearest(site_id, known)
    mend = f'write "{near}"' if near else f"add it to `sites:` in {file}"
    why = f"{file} has " + (", ".join(known) if known else "no sites")
    return UsageError(f'no site "{site_id}"', why=why, mend=mend)


def load_workspace(root: Path) -> Workspace:
    """All files. Raises WorkspaceInvalid with every problem of every file."""
    from dure.model.validation import examine

    workspace, problems = examine(root)
    if workspace is None or problems:
        raise WorkspaceInvalid(problems)
    return workspace


def validate(root: Path) -> list[Problem]:
    """Every problem of the workspace, sorted by file and line; empty when it is valid."""
    from dure.model.validation import examine

    return sorted(examine(root)[1])
