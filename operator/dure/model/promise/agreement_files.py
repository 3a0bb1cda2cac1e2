"""Files of agreements: windows/<customer>/<id>.yaml, and so in exclusions/, restatements/, waived/ and reviews/.

A file each, so that two branches of the workspace meet without a conflict.
"""

from collections.abc import Collection
from pathlib import Path
from typing import TypeVar

import yaml

from dure.errors import UsageError
from dure.model.document import Document, Path_, read_document
from dure.model.explain import nearest, parse
from dure.model.listing import yaml_files
from dure.model.problem import Problem, WorkspaceInvalid
from dure.model.promise.agreement import (
    Agreement,
    CreditWaiver,
    ExclusionAgreement,
    IndicatorReview,
    PeriodAgreement,
    Restatement,
    Window,
)
from dure.model.text import absent, printable
from dure.model.writing import cannot_write, replace_file

AgreementT = TypeVar("AgreementT", Window, ExclusionAgreement, Restatement, CreditWaiver, IndicatorReview)
DIRECTORIES = {
    "window": "windows",
    "exclusion": "exclusions",
    "restatement": "restatements",
    "waiver": "waived",
    "review": "reviews",
}


def directory_of(kind: type[Agreement], customer: str) -> str:
    return f"{DIRECTORIES[kind.kind]}/{customer}"


def read_agreements(
    root: Path, kind: type[AgreementT], customer: str, services: Collection[str]
) -> tuple[list[AgreementT], list[Problem]]:
    """A customer's agreements of a kind by file name, and what is wrong with the files.

    `services` are those of the contract: an agreement about any other is a mistake.
    """
    files, problems = yaml_files(root, directory_of(kind, customer))
    found = []
    for file in files:
        one, faults = read_agreement(root, kind, customer, file, services)
        problems += faults
        if one is not None:
            found.append(one)
    return found, problems


def read_agreement(
    root: Path, kind: type[AgreementT], customer: str, file: Path, services: Collection[str] | None = None
) -> tuple[AgreementT | None, list[Problem]]:
    document = read_document(root, file)
    if document.problems or document.data is None:
        return None, document.problems
    one, problems = parse(kind, document)
    if one is None:
        return None, problems
    if one.customer != customer:
        what = f'it is of customer "{one.customer}"'
        mend = f"write `customer: {customer}`, or move the file"
        problems.append(document.problem(("customer",), what, f"the file lies in {document.file}", mend))
    if one.id != file.stem:
        why = "it is found by its file's name"
        at = (next(name for name in ("id", "month", "quarter") if name in type(one).model_fields),)
        mend = f"rename the file to {one.id}.yaml"
        problems.append(document.problem(at, f'"{one.id}" stands in {file.name}', why, mend))
    if services is not None and isinstance(one, PeriodAgreement):
        problems += _unknown_services(one, document, services)
    if services is not None and isinstance(one, CreditWaiver) and one.service not in services:
        problems.append(_unknown_service(one.customer, ("service",), one.service, document, services))
    return (None if problems else one), problems


def _unknown_services(one: PeriodAgreement, document: Document, services: Collection[str]) -> list[Problem]:
    return [
        _unknown_service(one.customer, ("services", index), name, document, services)
        for index, name in enumerate(one.services)
        if name not in services
    ]


def _unknown_service(customer: str, path: Path_, name: str, document: Document, services: Collection[str]) -> Problem:
    near = nearest(name, services)
    mend = f'write "{near}"' if near else f"use one of: {', '.join(services)}"
    why = f"the contract of {customer} has none of that id"
    return document.problem(path, f'unknown service "{name}"', why, mend)


def load_agreement(root: Path, kind: type[AgreementT], customer: str, name: str) -> AgreementT:
    """One agreement. Raises UsageError when there is none of that id, WorkspaceInvalid when its file is not right."""
    place = directory_of(kind, customer)
    file = root / place / f"{name}.yaml"
    if "/" in name or name.startswith(".") or absent(file):
        known = [one.stem for one in (root / place).glob("*.yaml")]
        near = nearest(name, known)
        mend = f'write "{near}"' if near else f"look at {place}/"
        shown = printable(name)
        raise UsageError(
            f'{customer} has no {kind.kind} "{shown}"', why=f"{place}/{shown}.yaml does not exist", mend=mend
        )
    one, problems = read_agreement(root, kind, customer, file)
    if one is None:
        raise WorkspaceInvalid(problems)
    return one


def write_agreement(root: Path, one: Window | ExclusionAgreement | Restatement | CreditWaiver | IndicatorReview) -> str:
    """Write the file whole, and return its path in the workspace."""
    name = f"{directory_of(type(one), one.customer)}/{one.id}.yaml"
    file = root / name
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(file.parent, error) from error
    replace_file(file, as_yaml(one).encode())
    return name


class _Dumper(yaml.SafeDumper):
    pass


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def as_yaml(one: Agreement) -> str:
    """The file's text; signatures as blocks of lines."""
    plain = one.model_dump(mode="json", exclude_none=True)
    return yaml.dump(plain, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)
