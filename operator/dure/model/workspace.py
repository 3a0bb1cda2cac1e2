"""Finding and loading a workspace: one site's files alone, or all of them."""

from dataclasses import dataclass
from pathlib import Path

from dure.errors import UsageError
from dure.model.allocations import Allocations, conflicts, read_allocations
from dure.model.check import customer_problems, operator_problems
from dure.model.customer import Customer, Site
from dure.model.document import Document, read_document
from dure.model.entry import entry_of
from dure.model.explain import nearest, parse
from dure.model.ground import ground_of
from dure.model.msp import Operator
from dure.model.problem import Problem, WorkspaceInvalid

HUB = "hub"
OPERATOR_FILE = "operator.yaml"
CUSTOMERS = "customers"


@dataclass(frozen=True, slots=True)
class SiteFiles:
    """What one site's command reads; `customer` and `site` are None for the hub."""

    operator: Operator
    customer: Customer | None
    site: Site | None
    allocations: Allocations
    document: Document | None = None
    """The customer's file, for the places of problems found later."""

    @property
    def site_id(self) -> str:
        return f"{self.customer.id}/{self.site.id}" if self.customer and self.site else HUB


@dataclass(frozen=True, slots=True)
class Workspace:
    """Everything, in the order of ids."""

    root: Path
    operator: Operator
    customers: tuple[Customer, ...]
    allocations: Allocations

    def site_ids(self) -> list[str]:
        return [f"{customer.id}/{site.id}" for customer in self.customers for site in customer.sites]


def find_workspace(start: Path) -> Path:
    """The nearest directory from start upwards that holds operator.yaml; UsageError when there is none."""
    start = start.resolve()
    for directory in (start, *start.parents):
        if (directory / OPERATOR_FILE).is_file():
            return directory
    raise UsageError(
        f"no workspace at {start}",
        why=f"neither it nor a directory above holds {OPERATOR_FILE}",
        mend="go into a workspace, give `--workspace DIR`, or make one with `operator init DIR`",
    )


def load_operator(root: Path) -> Operator:
    """operator.yaml alone. Raises WorkspaceInvalid with every problem in it."""

    document = read_document(root, root / OPERATOR_FILE)
    problems = list(document.problems)
    operator: Operator | None = None
    if not problems:
        operator, problems = parse(Operator, document)
    if operator is not None:
        problems = operator_problems(ground_of(document.data), document)
    if operator is None or problems:
        raise WorkspaceInvalid(problems)
    return operator


def load_site(root: Path, site_id: str) -> SiteFiles:
    """Only the files of one site (`customer/site`, or `hub`): the cost does not grow with the fleet.

    Raises WorkspaceInvalid when one of them holds problems, UsageError when there is no such site.
    """
    operator = load_operator(root)
    allocations, problems = read_allocations(root)
    if not problems:
        problems = conflicts(allocations, operator.overlay_pool, only=site_id)
    if site_id == HUB:
        if problems:
            raise WorkspaceInvalid(problems)
        return SiteFiles(operator, None, None, allocations)
    customer_id, slash, short = site_id.partition("/")
    if not slash or not short or "/" in short:
        raise UsageError(
            f'"{site_id}" is not a site',
            why="a site is written customer/site",
            mend="operator validate lists mistakes; sites stand in customers/*.yaml",
        )
    customer, document = _customer(root, customer_id)
    problems += document.problems
    if customer is None:
        raise WorkspaceInvalid(problems)

    problems += customer_problems(entry_of(customer, document), ground_of(operator.model_dump(mode="json")))
    if problems:
        raise WorkspaceInvalid(problems)
    site = customer.site(short)
    if site is None:
        raise _no_site(site_id, [f"{customer_id}/{one.id}" for one in customer.sites], document.file)
    return SiteFiles(operator, customer, site, allocations, document)


def _customer(root: Path, customer_id: str) -> tuple[Customer | None, Document]:
    """The customer of that id; a document with problems when its file is not right."""
    file = root / CUSTOMERS / f"{customer_id}.yaml"
    if "/" in customer_id or not file.is_file():
        known = [path.stem for path in sorted((root / CUSTOMERS).glob("*.yaml"))]
        near = nearest(customer_id, known)
        mend = f'write "{near}"' if near else f"create customers/{customer_id}.yaml, or look at customers/"
        raise UsageError(f'no customer "{customer_id}"', why=f"customers/{customer_id}.yaml does not exist", mend=mend)
    document = read_document(root, file)
    if document.problems:
        return None, document
    customer, problems = parse(Customer, document)
    return customer, Document(document.file, document.data, document.root, problems)


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
