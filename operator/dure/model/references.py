"""References between files: sites that sites depend on, groups that shares admit, secrets that users name."""

from collections.abc import Collection, Iterator, Mapping

from dure.model.customer import Site
from dure.model.document import Document, Path_
from dure.model.entry import Entry
from dure.model.explain import nearest
from dure.model.problem import Problem


def reference_problems(entries: list[Entry], secrets: Mapping[str, set[str]], unread: Collection[str]) -> list[Problem]:
    """Everything that is named and does not exist, and every cycle; `unread` customers may have any site."""
    problems = [*_unknown_sites(entries, unread), *cycles(entries)]
    for entry in entries:
        problems += own_reference_problems(entry, secrets)
    return problems


def own_reference_problems(entry: Entry, secrets: Mapping[str, set[str]]) -> list[Problem]:
    """References that a customer's own files answer."""
    return [*_unknown_groups(entry), *_unknown_secrets(entry, secrets)]


def _unknown_sites(entries: list[Entry], unread: Collection[str]) -> Iterator[Problem]:
    known = {site for entry in entries for site in entry.site_ids()}
    faulty = {entry.customer_id for entry in entries if not entry.whole} | set(unread)
    for entry in entries:
        for index, site in entry.sites:
            for place, other in enumerate(site.depends_on):
                if other not in known and other.partition("/")[0] not in faulty:
                    near = nearest(other, known)
                    mend = f'write "{near}"' if near else "remove it, or add the site"
                    path: Path_ = ("sites", index, "depends_on", place)
                    yield entry.document.problem(
                        path, f'unknown site "{other}"', "the workspace has no such site", mend
                    )


def cycles(entries: list[Entry]) -> list[Problem]:
    """One problem a cycle of `depends_on`, at the site of the cycle that comes first."""
    graph: dict[str, list[str]] = {}
    places: dict[str, tuple[Document, Path_]] = {}
    for entry in entries:
        for index, site in entry.sites:
            graph[f"{entry.customer_id}/{site.id}"] = list(site.depends_on)
            places[f"{entry.customer_id}/{site.id}"] = (entry.document, ("sites", index, "depends_on"))
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


def _unknown_groups(entry: Entry) -> Iterator[Problem]:
    known = {group for _, user in entry.users for group in user.groups}
    if not entry.whole:
        return  # a user whose fault is told already may have the group
    for index, site in entry.sites:
        for path, group in _share_groups(site):
            if group not in known:
                near = nearest(group, known)
                mend = f'write "{near}"' if near else "give a user that group, or remove it"
                yield entry.document.problem(
                    ("sites", index, *path), f'unknown group "{group}"', "no user is in it", mend
                )


def _unknown_secrets(entry: Entry, secrets: Mapping[str, set[str]]) -> Iterator[Problem]:
    for index, user in entry.users:
        reference = user.password_secret
        if reference is None:
            continue
        owner, _, name = reference.partition("/")
        path: Path_ = ("users", index, "password_secret")
        if owner != entry.customer_id:
            what = f'secret "{reference}" is not {entry.customer_id}\'s'
            why = "customers are islands: a secret of another owner is not read"
            mend = f"write a reference that starts with {entry.customer_id}/"
            yield entry.document.problem(path, what, why, mend)
        elif name not in secrets.get(owner, set()):
            near = nearest(name, secrets.get(owner, set()))
            mend = f'write "{owner}/{near}"' if near else f"operator secrets set {reference}"
            why = f"secrets/{owner}.yaml has none of that name"
            yield entry.document.problem(path, f'undefined secret "{reference}"', why, mend)
