"""Keys of a site that speak of its machine: needed where the blueprint has one, given in vain where it has none."""

from dure.model.blueprint import Blueprint
from dure.model.customer import Site
from dure.model.document import Document, Path_
from dure.model.problem import Problem

MACHINE_KEYS = ("topology", "lan", "interfaces")


def machine_problems(site: Site, blueprint: Blueprint | None, document: Document, path: Path_) -> list[Problem]:
    """`path` leads to the site; of an unknown blueprint nothing is asked."""
    if blueprint is None:
        return []
    if blueprint.roles:
        missing = document.problem(path, 'key "lan" is missing', "it has no default", "add `lan:` here")
        return [missing] if site.lan is None else []
    why, mend = f"blueprint {blueprint.id} has no machine", "remove `{}`"
    return [
        document.problem((*path, key), f'"{key}" is given in vain', why, mend.format(key), key=True)
        for key in MACHINE_KEYS
        if key in site.model_fields_set
    ]
