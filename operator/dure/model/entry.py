"""A customer's file as far as it is right: rules between keys are looked at even when another part is faulty."""

from dataclasses import dataclass

from dure.model.customer import Customer, Site, User
from dure.model.document import Document
from dure.model.explain import parse
from dure.model.promise.contract import Contract


@dataclass(frozen=True, slots=True)
class Entry:
    """Users and sites with their index in the file, by which a problem finds its place."""

    customer_id: str
    document: Document
    users: tuple[tuple[int, User], ...]
    sites: tuple[tuple[int, Site], ...]
    contract: Contract | None = None
    whole: bool = True
    """False when a part was left out, so that what is missing here may yet stand in the file."""

    def site_ids(self) -> list[str]:
        return [f"{self.customer_id}/{site.id}" for _, site in self.sites]


def entry_of(customer: Customer, document: Document) -> Entry:
    users, sites = tuple(enumerate(customer.users)), tuple(enumerate(customer.sites))
    return Entry(customer.id, document, users, sites, customer.contract)


def salvage(document: Document) -> Entry | None:
    """The right parts of a faulty file; None when not even its id can be read."""
    data = document.data
    if not isinstance(data, dict) or not isinstance(data.get("id"), str):
        return None
    users: list[tuple[int, User]] = []
    sites: list[tuple[int, Site]] = []
    for index in range(_length(data.get("users"))):
        user, _ = parse(User, document, ("users", index))
        if user is not None:
            users.append((index, user))
    for index in range(_length(data.get("sites"))):
        site, _ = parse(Site, document, ("sites", index))
        if site is not None:
            sites.append((index, site))
    contract = parse(Contract, document, ("contract",))[0] if isinstance(data.get("contract"), dict) else None
    return Entry(str(data["id"]), document, tuple(users), tuple(sites), contract, whole=False)


def _length(value: object) -> int:
    return len(value) if isinstance(value, list) else 0
