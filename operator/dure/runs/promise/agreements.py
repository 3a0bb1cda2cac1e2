"""All agreements of a workspace looked through: form, services, and every signature."""

from pathlib import Path

from dure.model.problem import Problem, WorkspaceInvalid
from dure.model.promise.agreement_files import DIRECTORIES
from dure.model.text import leads_out
from dure.model.workspace import load_workspace
from dure.runs.context import open_context
from dure.runs.promise.book import load_book
from dure.runs.promise.witness import unwitnessed


def agreement_problems(root: Path) -> tuple[list[Problem], list[Problem]]:
    """Problems of agreements in a workspace that is otherwise valid, and what this store alone cannot show, sorted."""
    context = open_context(root)
    customers = {one.id: one.contract is not None for one in load_workspace(root).customers}
    problems: list[Problem] = []
    notes: list[Problem] = []
    for directory in DIRECTORIES.values():
        place = root / directory
        outside = leads_out(directory, root, place)
        if outside is not None:
            return [outside], []
        for entry in sorted(place.iterdir()) if place.is_dir() else ():
            if not entry.name.startswith(".") and not customers.get(entry.name, False):
                problems.append(_of_nobody(f"{directory}/{entry.name}", entry.name in customers))
    for name, has_contract in customers.items():
        if not has_contract or not any((root / one / name).exists() for one in DIRECTORIES.values()):
            continue
        try:
            book = load_book(context, name)
            notes += unwitnessed(book.windows) if book else []
        except WorkspaceInvalid as error:
            problems += error.problems
    return sorted(problems), sorted(notes)


def _of_nobody(place: str, is_customer: bool) -> Problem:
    why = "the customer has no contract" if is_customer else "the workspace has no such customer"
    mend = (
        "add `contract:` to the customer's file"
        if is_customer
        else "rename the directory after a customer, or remove it"
    )
    return Problem(place, 1, 1, "these agreements are of nobody", why, mend)
