"""Whom a selector means, among customers. The models are loaded only for a selector that needs them."""

import re

from dure.model.listing import yaml_files
from dure.model.places import CUSTOMERS
from dure.model.problem import WorkspaceInvalid
from dure.runs.context import Context


def selected_customers(context: Context, selector: str) -> list[str]:
    """Ids of the customers that the selector picks, in order. Raises UsageError when it picks none."""
    files, problems = yaml_files(context.workspace, CUSTOMERS)
    if problems:
        raise WorkspaceInvalid(problems)
    every = [file.stem for file in files]
    if not selector.strip():
        return every
    from dure.model.workspace import customer_file
    from dure.runs.selector import parse_selector

    wanted = parse_selector(selector)
    if re.fullmatch(r"[a-z][a-z0-9-]*", selector.strip()) and selector.strip() not in every:
        customer_file(context.workspace, selector.strip())
    return [one for one in every if _picked(context, one, wanted.terms)]


def _picked(context: Context, customer: str, terms: tuple[str, ...]) -> bool:
    """A customer is meant by its id, by one of its sites, or by a tag of one of them."""
    from dure.model.blueprints import toolkit_blueprint
    from dure.model.workspace import customer_file, read_customer, read_operator

    for term in terms:
        key, equals, value = term.partition("=")
        if not equals:
            if term.partition("/")[0] != customer:
                return False
        elif key == "tag":
            _, _, ground, _ = read_operator(context.workspace)
            file = customer_file(context.workspace, customer)
            known = read_customer(context.workspace, file, ground, toolkit_blueprint)[0]
            if known is None or not any(value in site.tags for site in known.sites):
                return False
    return True
