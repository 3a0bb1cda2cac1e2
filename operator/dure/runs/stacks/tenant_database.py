"""The step of `up` and `destroy` that AWS has no resource for: a tenant's role, database and schema."""

from collections.abc import Collection, Mapping

from dure.cloud.database.place import PARAMETER, PROGRAMS, Place, place_of
from dure.cloud.preview import ResourceChange
from dure.model.local import LocalSettings
from dure.plan.stacks import StackPlan
from dure.runs.stacks.fleet import Fleet

SERVER = ("database_address", "database_master_secret")
TYPE = "postgresql:database"
AFTERWARDS = f"{TYPE}: role, database and schema are looked at, and made where they are missing"
"""What a preview tells of a tenant that was not applied as it is planned."""
NO_SERVER = "its database is not made, since this AWS double runs no PostgreSQL"
OWN_SERVER = (
    "its database is not made, since its server lies in a network of its own: name a way to {} in .dure/local.yaml"
    " (`database_ways`), then give the same command again with --yes"
)


def has_database(plan: StackPlan) -> bool:
    """Whether such a step belongs to the stack."""
    return plan.cloud.program in PROGRAMS


def made_beside(plan: StackPlan) -> frozenset[str]:
    """How the ARNs end of what the step makes at AWS, which no state records."""
    path = "/".join(str(plan.cloud.inputs.get(key, "")) for key in ("msp", "customer", "site"))
    return frozenset({f"parameter/dure/{path}/{PARAMETER}"}) if has_database(plan) else frozenset()


def urn_of(name: str) -> str:
    """How `destroy --unprotect` names it."""
    return f"dure:database::{name}"


def make(
    plan: StackPlan, outputs: Mapping[str, str], upstream: Mapping[str, str], settings: LocalSettings
) -> tuple[tuple[ResourceChange, ...], str]:
    """What was done, and a note where nothing could be; `outputs` are the stack's own. Raises DureError."""
    place = place_of(outputs, plan.cloud.region, plan.cloud.tags)
    if place is None:
        return (), ""
    from dure.cloud.database import step

    if not step.has_way(place, settings):
        if settings.aws_endpoint:
            return (), NO_SERVER
        if place.address != upstream.get("database_address"):
            return (), OWN_SERVER.format(place.address)
    done = step.make(place, settings)
    made = any(words == "make the database" for words in done)
    return _told(place, "create" if made else "update", done), ""


def database_at_rest(fleet: Fleet, plan: StackPlan) -> Place | None:
    """The tenant's database in the server that all share, which does not go with the stack. None: it has none there.

    A tenant that moved to a server of its own may have left its first one in the shared server.
    """
    if not has_database(plan):
        return None
    own, shared = fleet.at_rest(plan).outputs(reveal=False), fleet.outputs_for(plan)
    kept = {name: shared[name] for name in SERVER if name in shared}
    return place_of(own | kept, plan.cloud.region, plan.cloud.tags)


def end(place: Place, settings: LocalSettings, *, dropped: bool) -> tuple[ResourceChange, ...]:
    """Drop it with its data, or take only the login away. Raises DureError."""
    from dure.cloud.database import step

    if settings.aws_endpoint and not step.has_way(place, settings):
        return ()
    done = step.drop(place, settings) if dropped else step.close(place, settings)
    return _told(place, "delete" if dropped else "update", done)


def ending_lines(places: Mapping[str, Place], unprotect: Collection[str]) -> list[str]:
    """What becomes of the databases of the sites, for a person before a destroy."""
    lines = []
    for site, place in places.items():
        urn = urn_of(place.name)
        lines.append(
            f"{site}: database {place.name} is dropped with all its data"
            if urn in unprotect
            else f"{site}: database {place.name} is kept and its login taken away; to drop it: --unprotect '{urn}'"
        )
    return lines


def _told(place: Place, op: str, done: list[str]) -> tuple[ResourceChange, ...]:
    if not done:
        return ()
    properties = [{"path": words} for words in done]
    told = {"urn": urn_of(place.name), "type": TYPE, "name": place.name, "op": op, "properties": properties}
    return (ResourceChange.model_validate(told),)
