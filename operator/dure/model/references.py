"""References between files: sites that sites depend on, groups that shares admit, secrets that users name."""

from collections.abc import Iterator, Mapping

from dure.model.customer import Customer, Site
from dure.model.document import Document, Path_
from dure.model.explain import nearest
from dure.model.problem import Problem

Loaded = list[tuple[Customer, Document]]


def reference_problems(customers: Loaded, secrets: Mapping[str, set[str]]) -> list[Problem]:
    """Everything that is named and does not exist, and every cycle."""
    problems = [*_unknown_sites(customers), *cycles(customers)]
    for customer, document in customers:
        problems += _unknown_groups(customer, document)
        problems += _unknown_secrets(customer, document, secrets)
    return problems


def _unknown_sites(customers: Loaded) -> Iterator[Problem]:
    known = {f"{customer.id}/{site.id}" for customer, _ in customers for site in customer.sites}
    for customer, document in customers:
        for index, site in enumerate(customer.sites):
            for place, other in enumerate(site.depends_on):
                if other not in known:
                    near = nearest(other, known)
                    mend = f'write "{near}"' if near else "remove it, or add the site"
                    path: Path_ = ("sites", index, "depends_on", place)
                    yield document.problem(path, f'unknown site "{other}"', "the workspace has no such site", mend)


def cycles(customers: Loaded) -> list[Problem]:
    """One problem a cycle of `depends_on`, at the site of the cycle that comes first."""
    graph: dict[str, list[str]] = {}
    places: dict[str, tuple[Document, Path_]] = {}
    for customer, document in customers:
        for index, site in enumerate(customer.sites):
            graph[f"{customer.id}/{site.id}"] = list(site.depends_on)
            places[f"{customer.id}/{site.id}"] = (document, ("sites", index, "depends_on"))
    problems = []
    for cycle in find_cycles(graph):
        document, path = places[cycle[0]]
        way = " -> ".join([*cycle, cycle[0]])
        problems.append(
            document.problem(path, "sites depend on each other in a circle", way, "remove one of the steps")
        )
    return problems


def find_cycles(graph: Mapping[str, list[str]]) -> list[list[str]]:
    """Cycles met in a depth-first walk, each from its smallest node; without recursion, for long chains."""
    done: set[str] = set()
    found: dict[tuple[str, ...], None] = {}
    for start in sorted(graph):
        if start in done:
            continue
        way: list[str] = []
        on_way: dict[str, int] = {}
        stack: list[tuple[str, Iterator[str]]] = [(start, iter(graph[start]))]
        way.append(start)
        on_way[start] = 0
        while stack:
            node, below = stack[-1]
            step = next((one for one in below if one in graph and (one in on_way or one not in done)), None)
            if step is None:
                stack.pop()
                way.pop()
                del on_way[node]
                done.add(node)
            elif step in on_way:
                cycle = way[on_way[step] :]
                least = cycle.index(min(cycle))
                found[tuple(cycle[least:] + cycle[:least])] = None
            else:
                on_way[step] = len(way)
                way.append(step)
                stack.append((step, iter(graph[step])))
    return [list(cycle) for cycle in found]


def _share_groups(site: Site) -> Iterator[tuple[Path_, str]]:
    """Groups of the parameter `shares`, whose form the blueprint's schema has looked at."""
    shares = site.parameters.get("shares")
    for index, share in enumerate(shares if isinstance(shares, list) else []):
        groups = share.get("groups") if isinstance(share, dict) else None
        for place, group in enumerate(groups if isinstance(groups, list) else []):
            if isinstance(group, str):
                yield ("parameters", "shares", index, "groups", place), group


def _unknown_groups(customer: Customer, document: Document) -> Iterator[Problem]:
    known = {group for user in customer.users for group in user.groups}
    for index, site in enumerate(customer.sites):
        for path, group in _share_groups(site):
            if group not in known:
                near = nearest(group, known)
                mend = f'write "{near}"' if near else "give a user that group, or remove it"
                yield document.problem(("sites", index, *path), f'unknown group "{group}"', "no user is in it", mend)


def _unknown_secrets(customer: Customer, document: Document, secrets: Mapping[str, set[str]]) -> Iterator[Problem]:
    for index, user in enumerate(customer.users):
        reference = user.password_secret
        if reference is None:
            continue
        owner, _, name = reference.partition("/")
        path: Path_ = ("users", index, "password_secret")
        if owner != customer.id:
            why = "customers are islands: a secret of another owner is not read"
            mend = f"write a reference that starts with {customer.id}/"
            yield document.problem(path, f'secret "{reference}" is not {customer.id}\'s', why, mend)
        elif name not in secrets.get(owner, set()):
            near = nearest(name, secrets.get(owner, set()))
            mend = f'write "{owner}/{near}"' if near else f"operator secrets set {reference}"
            yield document.problem(
                path, f'undefined secret "{reference}"', f"secrets/{owner}.yaml has none of that name", mend
            )
