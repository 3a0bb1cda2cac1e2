"""Which sites have backups at all."""

from dure.errors import UsageError
from dure.plan.value import Plan

ROLE = "backup"


def require_backup(plan: Plan) -> None:
    """Raises UsageError for a site whose blueprint backs up nothing to a vault: provisioning would not change that."""
    if plan.machine is not None and any(role.name == ROLE for role in plan.machine.roles):
        return
    box = "no box" if plan.machine is None else "no box with backups"
    raise UsageError(
        f"{plan.site} has no vault",
        why=f"its blueprint {plan.blueprint} has {box}, and only a box's backups lie in a vault",
        mend="name a site whose blueprint has one, such as hybrid-server",
    )
