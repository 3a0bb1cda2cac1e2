"""Fleets of tenants made of a recorded one: the same stack for other customers."""

import hashlib
import re

from dure.plan.subject import Subject

DIGEST = re.compile(r"(?<![0-9a-f])[0-9a-f]{10}(?![0-9a-f])")


def for_customer(subject: Subject, customer: str) -> Subject:
    """As the program would make it: the customer's id in names, and digests of its own."""
    text = subject.model_dump_json()
    shared = set(DIGEST.findall(str(subject.parameters.get("upstream", {}))))
    text = text.replace(subject.customer, customer).replace(
        subject.customer.replace("-", "_"), customer.replace("-", "_")
    )

    def other(found: re.Match[str]) -> str:
        if found[0] in shared:
            return found[0]
        return hashlib.sha256(f"{customer} {found[0]}".encode()).hexdigest()[:10]

    return Subject.model_validate_json(DIGEST.sub(other, text))


def fleet(*subjects: Subject, size: int) -> list[Subject]:
    """So many tenants, of each of these stacks in turn."""
    return [for_customer(subjects[number % len(subjects)], f"customer-{number:04}") for number in range(size)]
