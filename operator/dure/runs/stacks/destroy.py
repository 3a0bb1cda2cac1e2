"""Named stacks taken down, dependents first; what holds data only when it is named and its site is repeated."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from dure.cloud.database.place import Place
from dure.cloud.preview import StackResource
from dure.errors import Cancelled, Refused, UsageError
from dure.plan.stacks import StackPlan, dependents, order
from dure.runs.context import Context
from dure.runs.stacks.applied import all_applied, forget, plan_of, put_identity
from dure.runs.stacks.change import Change, Listener, Options, Work, approve, left_alone, result_of
from dure.runs.stacks.fleet import Fleet, open_fleet
from dure.runs.stacks.result import Report, StackResult
from dure.runs.stacks.selection import every_plan, plan_of_site
from dure.runs.stacks.tenant_database import database_at_rest, end, ending_lines, urn_of


@dataclass(frozen=True, slots=True)
class Consent:
    """What the engineer has said beforehand."""

    unprotect: Sequence[str] = ()
    """URNs of protected resources that may go."""
    confirmed: Collection[str] = ()
    """Sites whose names were repeated because they hold data."""
    ask_name: Callable[[str], bool] | None = None
    """Asks at a terminal for the site's name; None where nobody can be asked."""


def plans_of(context: Context, sites: Sequence[str]) -> list[StackPlan]:
    """The named stacks; of a site that has left the workspace as it was last applied. Raises UsageError."""
    applied = all_applied(context.store)
    plans = {}
    for site in sites:
        try:
            plans[site] = plan_of_site(context, site)
        except UsageError:
            known = plan_of(applied[site]) if site in applied else None
            if known is None:
                raise
            plans[site] = known
    return order(plans.values())


def destroy(
    context: Context,
    plans: list[StackPlan],
    options: Options,
    listener: Listener,
    consent: Consent,
) -> Report | None:
    """None when none of them stands. Raises Refused, with nothing touched, while a dependent stands or data is held."""
    if consent.unprotect and not options.reason:
        raise UsageError("--unprotect needs a reason", mend='give --reason "…"; it is kept in the audit log')
    with open_fleet(context, changing=True) as fleet:
        contents = _contents(fleet, plans)
        if not contents:
            return None
        _refuse_dependents(context, fleet, plans)
        databases = _databases(fleet, plans, contents)
        dropped = {site for site, place in databases.items() if urn_of(place.name) in consent.unprotect}
        _refuse_protected(contents, consent, {urn_of(place.name) for place in databases.values()})
        _confirm_data(contents, consent, dropped)
        shown = [*_lines(contents), *ending_lines(databases, consent.unprotect)]
        approve(listener, "\n".join(["to be destroyed:", *shown]))

        def act(work: Work) -> StackResult:
            site = work.plan.site
            if site not in contents:
                return left_alone(work.plan, "does not stand")
            if work.cancelled():
                raise Cancelled(f"{site} was not begun")
            put_identity(context.store, site, "")
            own = [one.urn for one in contents[site] if one.protect]
            place = databases.get(site)  # first: afterwards nobody knows it any more
            ended = end(place, context.settings, dropped=site in dropped) if place else ()
            done = result_of(work.plan, fleet.stack(work.plan).destroy(work.tell, work.cancelled, unprotect=own))
            forget(context.store, site)
            note = f"database {place.name} is kept, without a login" if place and ended and site not in dropped else ""
            return done.model_copy(update={"changes": (*done.changes, *ended), "note": note})

        needs = {plan.site: [one.site for one in plans if plan.site in one.after] for plan in reversed(plans)}
        return Change(context, "destroy", plans, options, listener).carry_out(act, needs)


def would_destroy(context: Context, plans: list[StackPlan]) -> list[str]:
    """What would go, as lines; empty when nothing stands. Raises Refused while a dependent stands."""
    with open_fleet(context, changing=False) as fleet:
        contents = _contents(fleet, plans)
        if not contents:
            return []
        _refuse_dependents(context, fleet, plans)
        return [*_lines(contents), *ending_lines(_databases(fleet, plans, contents), ())]


def _contents(fleet: Fleet, plans: list[StackPlan]) -> dict[str, list[StackResource]]:
    """Of the stacks that stand, dependents first."""
    return {plan.site: fleet.at_rest(plan).resources() for plan in reversed(plans) if fleet.stands(plan.site)}


def _databases(fleet: Fleet, plans: list[StackPlan], sites: Collection[str]) -> dict[str, Place]:
    """By site, of those that stand in the server that all share."""
    found = {plan.site: database_at_rest(fleet, plan) for plan in plans if plan.site in sites}
    return {site: place for site, place in found.items() if place is not None}


def _refuse_dependents(context: Context, fleet: Fleet, plans: list[StackPlan]) -> None:
    """Of the workspace, and of sites that have left it while their stacks stand."""
    known = {one.site: one for row in all_applied(context.store).values() if (one := plan_of(row)) is not None}
    known |= {one.site: one for one in every_plan(context)}
    own = {plan.site for plan in plans}
    left = [one.site for one in dependents(known.values(), own) if fleet.stands(one.site)]
    if left:
        named = ", ".join(left[:5]) + (f" and {len(left) - 5} more" if len(left) > 5 else "")
        raise Refused(
            f"{', '.join(sorted(own))} cannot be destroyed yet",
            why=f"{named} still stand{'s' if len(left) == 1 else ''} on it",
            mend=f"operator stacks destroy {' '.join(left[:5])}",
        )


def _refuse_protected(contents: dict[str, list[StackResource]], consent: Consent, databases: Collection[str]) -> None:
    """`databases` may be named and need not be: they are kept."""
    held = {one.urn: site for site, listed in contents.items() for one in listed if one.protect}
    strange = [urn for urn in consent.unprotect if urn not in held and urn not in databases]
    if strange:
        why, mend = "no stack named here protects such a resource", "operator stacks destroy SITE --check lists them"
        raise UsageError(f"{strange[0]} is not protected", why=why, mend=mend)
    kept = {urn: site for urn, site in held.items() if urn not in consent.unprotect}
    if kept:
        urn, site = next(iter(kept.items()))
        more = f" and {len(kept) - 1} more" if len(kept) > 1 else ""
        raise Refused(
            f"{urn.rpartition('::')[2]} of {site}{more} is protected: it holds data",
            why="a protected resource is never destroyed unless it is named",
            mend="once nobody needs the data: " + " ".join(f"--unprotect '{one}'" for one in kept) + ' --reason "…"',
        )


def _confirm_data(contents: dict[str, list[StackResource]], consent: Consent, dropped: Collection[str]) -> None:
    for site, listed in contents.items():
        holds = site in dropped or any(one.protect for one in listed)
        if not holds or site in consent.confirmed:
            continue
        if consent.ask_name is None:
            why, mend = "there is no terminal to ask at", f"give --confirm {site}"
            raise Refused(f"{site} holds data, and its name was not repeated", why=why, mend=mend)
        if not consent.ask_name(site):
            raise Cancelled(f"the name given is not {site}; nothing was touched")


def _lines(contents: dict[str, list[StackResource]]) -> list[str]:
    lines = []
    for site, listed in contents.items():
        lines.append(f"{site}: {len(listed)} resources")
        lines += [f"  protected: {one.type} {one.name}  {one.urn}" for one in listed if one.protect]
    return lines
