"""All that the workspace says about one customer's promise: contract, and every agreement beside it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from dure import toolkit_path
from dure.errors import UsageError
from dure.model.blueprint import Blueprint
from dure.model.blueprints import known_blueprints, read_blueprint, toolkit_blueprint
from dure.model.customer import Customer
from dure.model.explain import nearest
from dure.model.ground import Ground
from dure.model.places import CUSTOMERS
from dure.model.problem import WorkspaceInvalid
from dure.model.promise.agreement import CreditWaiver, ExclusionAgreement, IndicatorReview, Restatement, Window
from dure.model.promise.agreement_files import read_agreements
from dure.model.promise.contract import Contract, ContractCheck, Service
from dure.model.promise.contract_rules import contract_problems
from dure.model.promise.site_checks import site_checks
from dure.model.text import printable
from dure.model.workspace import customer_file, read_customer, read_operator
from dure.runs.context import Context
from dure.runs.promise.approval import Any_, require_signed
from dure.runs.promise.departed import require_shown
from dure.runs.promise.witness import witnessed

BACKUP_KIND = "backup_age"
"""Kind of a blueprint's check that is DOWN while the newest backup is too old."""


@dataclass(frozen=True, slots=True)
class Book:
    """A customer with a contract. `checks` are the rules of all checks that its services may name."""

    customer: Customer
    contract: Contract
    checks: Mapping[str, ContractCheck]
    windows: tuple[Window, ...]
    exclusions: tuple[ExclusionAgreement, ...]
    restatements: tuple[Restatement, ...]
    waivers: tuple[CreditWaiver, ...] = ()
    reviews: tuple[IndicatorReview, ...] = ()

    def waived(self, service: str, month: str, credit: int) -> str:
        """Why the service's credit of that month, in won, was waived; empty when no agreement covers so much."""
        mine = (one for one in self.waivers if (one.service, one.month) == (service, month) and one.agreed)
        covering = [one for one in mine if credit <= one.amount]
        found = min(covering, key=lambda one: one.amount, default=None)
        return f"{found.reason} ({found.evidence})" if found else ""

    def looking_at(self, what: str) -> tuple[str, ...]:
        """Checks that measure the line, or the backup."""
        return tuple(sorted(name for name, one in self.checks.items() if one.looks_at == what))

    def service(self, name: str) -> Service:
        """Raises UsageError when the contract has no such service."""
        found = self.contract.service(name)
        if found is None:
            known = [one.id for one in self.contract.services]
            near = nearest(name, known)
            raise UsageError(
                f'{self.customer.id} has no service "{printable(name)}"',
                why=f"its contract has {', '.join(known)}",
                mend=f'write "{near}"' if near else "write one of them",
            )
        return found


@lru_cache(maxsize=1)
def _blueprints(toolkit: Path) -> dict[str, Blueprint]:
    found = {name: read_blueprint(toolkit, name)[0] for name in known_blueprints(toolkit)}
    return {name: one for name, one in found.items() if one is not None}


def load_book(context: Context, customer_id: str, ground: Ground | None = None) -> Book | None:
    """One customer's book; None when it has no contract. Raises UsageError, or WorkspaceInvalid with every problem.

    `ground` is operator.yaml's, for those who load many.
    """
    root = context.workspace
    ground = ground or read_operator(root)[2]
    customer, entry, problems = read_customer(root, customer_file(root, customer_id), ground, toolkit_blueprint)
    if customer is None or entry is None or problems:
        raise WorkspaceInvalid(problems)
    contract = customer.contract
    if contract is None:
        return None
    blueprints = _blueprints(toolkit_path())
    intervals = site_checks(customer.sites, blueprints)
    problems = contract_problems(contract, entry.document, intervals)
    services = [one.id for one in contract.services]
    windows, found = read_agreements(root, Window, customer_id, services)
    problems += found
    exclusions, found = read_agreements(root, ExclusionAgreement, customer_id, services)
    problems += found
    restatements, found = read_agreements(root, Restatement, customer_id, services)
    problems += found
    waivers, found = read_agreements(root, CreditWaiver, customer_id, services)
    problems += found
    reviews, found = read_agreements(root, IndicatorReview, customer_id, services)
    problems += found
    if problems:
        raise WorkspaceInvalid(problems)
    signed: list[Any_] = [*windows, *exclusions, *restatements, *waivers, *reviews]
    require_signed(context.operator, signed)
    require_shown(context, customer_id, signed)
    windows = witnessed(context, customer_id, windows)
    checks = _rules_of_sites(customer, blueprints)
    checks.update({one.id: one for one in contract.checks})
    return Book(
        customer,
        contract,
        checks,
        tuple(windows),
        tuple(exclusions),
        tuple(restatements),
        tuple(waivers),
        tuple(reviews),
    )


def _rules_of_sites(customer: Customer, blueprints: Mapping[str, Blueprint]) -> dict[str, ContractCheck]:
    found = {}
    for site in customer.sites:
        for check in blueprints[site.blueprint].checks if site.blueprint in blueprints else ():
            found[f"{site.id}/{check.name}"] = ContractCheck(
                id=check.name,
                interval_seconds=check.interval_seconds,
                # A box that reports by itself and falls silent is down; one that we ask is unknown.
                mode="push" if check.kind == "heartbeat" else "pull",
                looks_at="backup" if check.kind == BACKUP_KIND else "service",
            )
    return found


def books_of(context: Context, customers: Iterable[str]) -> Iterator[Book]:
    """The books of those that have a contract, one after the other."""
    ground = read_operator(context.workspace)[2]
    for name in customers:
        book = load_book(context, name, ground)
        if book is not None:
            yield book


def require_book(context: Context, customer_id: str) -> Book:
    """The book of a customer that must have a contract. Raises UsageError when it has none."""
    book = load_book(context, customer_id)
    if book is None:
        raise UsageError(
            f"{customer_id} has no contract",
            where=f"{CUSTOMERS}/{customer_id}.yaml",
            why="its file has no `contract`, so that nothing was promised",
            mend="add `contract:`; docs/sla.md has an example",
        )
    return book
