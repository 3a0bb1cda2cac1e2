"""All of reports/ looked through: the style, every month's notes, and what lies there without being either."""

import re
from collections.abc import Collection
from pathlib import Path

from dure.errors import UsageError
from dure.model.explain import nearest
from dure.model.listing import yaml_files
from dure.model.places import CUSTOMERS
from dure.model.problem import Problem, WorkspaceInvalid
from dure.model.report_notes import checked_month, load_report_notes
from dure.model.report_style import DIRECTORY, FILE, LOGO_TYPES, load_report_style
from dure.model.text import leads_out

MONTHLY = re.compile(r"([0-9]{4}-[0-9]{2})\.yaml")


def report_problems(root: Path) -> list[Problem]:
    """Problems of reports/, unsorted."""
    place = root / DIRECTORY
    if not place.is_dir():
        return []
    outside = leads_out(DIRECTORY, root, place)
    if outside is not None:
        return [outside]
    problems: list[Problem] = []
    try:
        load_report_style(root)
    except WorkspaceInvalid as error:
        problems += error.problems
    known = {file.stem for file in yaml_files(root, CUSTOMERS)[0]}
    for entry in sorted(place.iterdir()):
        shown = f"{DIRECTORY}/{entry.name}"
        if entry.name.startswith(".") or shown == FILE or entry.suffix in LOGO_TYPES:
            continue
        if not entry.is_dir():
            problems.append(_stray(shown, "style.yaml"))
        elif entry.name not in known:
            problems.append(_of_nobody(shown, entry.name, known))
        else:
            problems += _notes(root, entry)
    return problems


def _notes(root: Path, directory: Path) -> list[Problem]:
    problems: list[Problem] = []
    for file in sorted(directory.iterdir()):
        shown = f"{DIRECTORY}/{directory.name}/{file.name}"
        found = MONTHLY.fullmatch(file.name)
        if file.name.startswith("."):
            continue
        if found is None or not _is_month(found.group(1)):
            problems.append(_stray(shown, "2026-10.yaml"))
            continue
        try:
            load_report_notes(root, directory.name, found.group(1))
        except WorkspaceInvalid as error:
            problems += error.problems
    return problems


def _is_month(text: str) -> bool:
    try:
        checked_month(text)
    except UsageError:
        return False
    return True


def _stray(shown: str, example: str) -> Problem:
    why = f"there are {FILE}, its logo, and {DIRECTORY}/CUSTOMER/MONTH.yaml"
    return Problem(shown, 1, 1, "no report reads this file", why, f"rename it as in {example}, or remove it")


def _of_nobody(shown: str, name: str, known: Collection[str]) -> Problem:
    near = nearest(name, known)
    mend = f"rename the directory to {near}" if near else "rename it after a customer, or remove it"
    return Problem(shown, 1, 1, "these notes are of nobody", "the workspace has no such customer", mend)
