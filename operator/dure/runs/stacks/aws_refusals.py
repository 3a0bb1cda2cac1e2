"""What AWS would refuse in the middle of an apply, told before anything is touched. Pure.

By then half a network would stand, and its load balancer would be kept by its own deletion protection.

Sources: Amazon RDS User Guide, "Updating the VPC for a DB instance" (a Multi-AZ instance is not moved); Elastic Load
Balancing, "Deletion protection".
"""

from collections.abc import Iterable

from dure.cloud.aws_errors import KEPT_BALANCER, MOVED_IN_TWO_ZONES
from dure.errors import Refused
from dure.plan.subject import Resource

DATABASE = "aws:rds/instance:Instance"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"


def refuse_what_aws_will(site: str, resources: Iterable[Resource]) -> None:
    """`resources` are those of a preview. Raises Refused for the first that AWS would not change or delete."""
    for one in resources:
        before = one.before or {}
        if one.type == DATABASE and one.op == "update" and _moves(one) and before.get("multiAz"):
            why = "AWS moves no database that stands in two zones"
            raise Refused(f"{one.name} of {site} cannot move to another network", why=why, mend=MOVED_IN_TWO_ZONES)
        if one.type == BALANCER and one.op in ("delete", "replace") and before.get("enableDeletionProtection"):
            why = "AWS deletes no load balancer whose deletion protection is on"
            raise Refused(f"{one.name} of {site} cannot be deleted", why=why, mend=KEPT_BALANCER)


def _moves(database: Resource) -> bool:
    return (database.before or {}).get("dbSubnetGroupName") != database.inputs.get("dbSubnetGroupName")
