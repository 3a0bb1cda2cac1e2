"""From a SELECTOR, names or --all to stack plans; reads only the files that these need."""

from collections.abc import Iterable

from dure import toolkit_path
from dure.errors import UsageError
from dure.model import SiteFiles, load_customer, load_site, load_workspace
from dure.model.workspace import HUB, LANDING_ZONE
from dure.plan import resolve
from dure.plan.stacks import StackPlan, order, stack_plan
from dure.runs.context import Context
from dure.runs.selector import parse_selector

EXAMPLES = "operator stacks list; then a customer, customer/site, landing-zone, role=…, tag=…, or --all"


def plan_of_files(files: SiteFiles) -> StackPlan | None:
    """The site's stack; None where its blueprint has no cloud part."""
    return stack_plan(resolve(files, toolkit_path()), files.site.depends_on if files.site else ())


def plan_of_site(context: Context, site: str) -> StackPlan:
    """One site's stack. Raises UsageError when there is no such site, or it has none."""
    plan = plan_of_files(load_site(context.workspace, site)) if site != HUB else None
    if plan is None:
        raise UsageError(f"{site} has no stack", why="its blueprint has no cloud part", mend="operator stacks list")
    return plan


def every_plan(context: Context) -> list[StackPlan]:
    """All stacks of the workspace, upstream first. Raises WorkspaceInvalid for any problem of any file."""
    return order(plan for plan in map(plan_of_files, _all_files(context)) if plan is not None)


def selected(context: Context, selector: str, *, everything: bool) -> list[StackPlan]:
    """Upstream first. Raises UsageError when nothing was asked for, or when what was asked for has no stack."""
    if everything == bool(selector.strip()):
        what = "a selector and --all exclude each other" if everything else "it is not said which stacks"
        raise UsageError(what, mend=EXAMPLES)
    if everything:
        return every_plan(context)
    chosen = parse_selector(selector)
    plans = []
    for files in _files_for(context, chosen.names):
        roles = {"box"} if files.site and files.site.lan else set()
        tags = files.site.tags if files.site else []
        if chosen.matches(context.workspace, files.site_id, roles, tags):
            plans.append(plan_of_files(files))
    found = [plan for plan in plans if plan is not None]
    if not found:
        why = "its blueprint has no cloud part" if plans else "no site of the workspace fits"
        raise UsageError(f'"{selector}" selects no stack', why=why, mend=EXAMPLES)
    return order(found)


def named(context: Context, sites: Iterable[str]) -> list[StackPlan]:
    """Exactly these sites. Raises UsageError as `plan_of_site` does."""
    return order({site: plan_of_site(context, site) for site in sites}.values())


def _files_for(context: Context, names: tuple[str, ...]) -> Iterable[SiteFiles]:
    if not names:
        return _all_files(context)
    first = names[0]
    if first in (LANDING_ZONE, HUB) or "/" in first:
        return [load_site(context.workspace, first)]
    return load_customer(context.workspace, first)


def _all_files(context: Context) -> list[SiteFiles]:
    workspace = load_workspace(context.workspace)
    operator, allocations = workspace.operator, workspace.allocations
    shared = [SiteFiles(operator, None, None, allocations, own=LANDING_ZONE)] if operator.landing_zone else []
    return shared + [
        SiteFiles(operator, customer, site, allocations) for customer in workspace.customers for site in customer.sites
    ]


def place_of(files: SiteFiles) -> str:
    """Where the site stands: `customers/hansol-plastics.yaml:28`."""
    if files.customer is None or files.site is None or files.document is None:
        return "operator.yaml:1"
    line, _ = files.document.at(("sites", files.customer.sites.index(files.site)))
    return f"{files.document.file}:{line}"
