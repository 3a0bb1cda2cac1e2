"""Write docs/cloud.md from the code: `python -m dure.cloud.cloud_page stacks > docs/cloud.md`.

The programs' inputs and outputs come from their own descriptions, the table of types from the sandbox's handlers.
"""

import importlib
import sys
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType

from pydantic import JsonValue

from dure.cloud.sandbox.properties import mapping, text
from dure.cloud.sandbox.types import FUNCTIONS, HANDLERS

PROGRAMS = {
    "landing_zone": "LandingZoneInputs",
    "saas_tenant": "SaasTenantInputs",
    "paas_sandbox": "PaasSandboxInputs",
    "hybrid_site": "HybridSiteInputs",
}
"""In the order in which they are made."""
LANDING_ZONE = (
    (
        "organization",
        "units for security, shared parts and customers; log archive and security accounts",
    ),
    ("account guard", "no public bucket in the account, disks encrypted by default, GuardDuty"),
    (
        "audit trail",
        "CloudTrail in all regions and AWS Config, into a closed, versioned bucket, kept 400 days",
    ),
    ("access roles", "engineer and auditor with a second factor, CI by OIDC for one branch; no key that lives long"),
    ("boundaries", "the ceilings of all that stacks make: CI makes nothing without one, and cannot write them"),
    ("budget, notices, backup plan", "mail at 80 % and at a forecast of 100 %; alarms' topic; AWS Backup by tag"),
    ("encryption key", "the environment's own, turned yearly"),
    ("network", "two zones, public and private subnets, at most one NAT, S3 by a gateway endpoint"),
    ("DNS zone", "with a certificate for every name right below it"),
    ("load balancer", "TLS 1.2 and later, behind WAF; unknown hosts get 404"),
    (
        "cluster, tenant pool, database",
        "ECS on Fargate; the pool's bucket, user pool and target; PostgreSQL, TLS only",
    ),
    ("VPN gateway", "with `vpn_gateway`: AWS's end of the VPNs of sites with `vpn: aws`"),
    ("WireGuard hub", "a Debian machine with an address that stays, IMDSv2 only, encrypted disk"),
)
SAAS_TENANT = (
    (
        "pool",
        "host rule, DNS record, Cognito group and client, role for its prefix and parameters, alarms, budget",
    ),
    ("bridge", "besides: service, database, key, secret and bucket of its own"),
    ("silo", "besides: network and load balancer of its own; the database moves there with its data"),
)
PAAS_SANDBOX = (
    ("images", "a repository, scanned at each push, the newest ten kept"),
    ("build", "CodeBuild from the Git repository, with an identity that can push there and nothing else"),
    ("service", "one spot task behind the shared load balancer"),
    ("database", "way to the shared PostgreSQL; its database there is made by `operator stacks up`"),
    (
        "quota",
        "narrower boundary; a budget that denies its roles everything once spent (tasks run on); tag `dure:expires`",
    ),
)
HYBRID_SITE = (
    (
        "backup vault",
        "bucket with object lock, and a key that can add but not take away, within the boundary of a landing zone",
    ),
    ("VPN", "with `vpn: aws`: two tunnels to the landing zone's VPN gateway, and a route to the site's overlay"),
)
MAKES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "landing_zone": LANDING_ZONE,
    "saas_tenant": SAAS_TENANT,
    "paas_sandbox": PAAS_SANDBOX,
    "hybrid_site": HYBRID_SITE,
}
HEAD = """\
# The cloud layer

Written from the code by `make docs`; do not edit it here.

`stacks/` is one Pulumi project. `dure:program` names a program of `stacks/tiers/`; each is made of components of
`stacks/iaas/`, a noun a file, whose arguments are checked before anything is made: all that is wrong comes in one line.
`operator` runs the programs through Pulumi's Automation API. How an empty account gets its state bucket, key, CI role,
landing zone and first tenant, step by step: [bootstrap.md](bootstrap.md).

| configuration | holds |
|---|---|
| `aws:region` | the region |
| `dure:program` | `landing_zone`, `saas_tenant`, `paas_sandbox` or `hybrid_site` |
| `dure:inputs` | the program's inputs, below; a key that is unknown or of another type is refused |
| `dure:tags` | tags of every resource, at least `dure:` msp, customer, site, tier, owner, cost-centre, blueprint |

A tenant, a sandbox or a site with `vpn: aws` takes the landing zone's outputs as `upstream`, under the same names; what
it does not need may be there. Any other site with a box takes its `boundary_arn` alone, once the landing zone stands.

## Boundaries

Each role and user that a tenant's, sandbox's or box's stack makes has a permissions boundary, set in one place
(`bound_everything` of `stacks/iaas/boundary.py`): what its policies allow counts only within it. The landing zone makes
two, for workloads and a narrower one for sandboxes, at the path `/dure-boundaries/MSP/`, where CI writes no policy: a
list of what the programs' identities use, on what has the MSP's names, and no right to make identities, to watch or
leave the account, or to become anybody but a tenant. Roles of AWS Backup and AWS Config have AWS's own policy for that
service as their boundary. Those of people and CI have none: only an administrator can write them.

CI's role makes roles and users, and writes and attaches their policies, only where they have one of the two. It may
set no other, take none off, and write neither the boundaries nor its own role ([attacks that were
tried](../tests/unit/policy/data/boundary-attacks.yaml)). Rule `bounded-identities` refuses a tenant's identity without
one. So a change of the boundaries, or of the roles of CI and people, is applied by an administrator from a workstation
(`operator stacks up landing-zone`); CI is refused it by AWS.

## Networks

A stack with a network of its own takes one /20 of `network_pool` (10.128.0.0/9: 2,048 of them) by its `network_index`.
The index is allocated once and never changed: another one would replace the network and everything in it. A block that
meets a CIDR of `avoid`, the overlay pool, is refused with the next index that does not.

## Data

What holds data is protected by Pulumi, and by AWS's own deletion protection where there is one. To take such a stack
down: waive rule `deletion-protection` for its site, apply it with `deletion_protection: false`, then destroy it with
the protection lifted expressly ([step by step](stacks.md#taking-down)). A database leaves a last snapshot; keys and
secrets wait 30 days for their end. A tenant that moves up (more people, bridge, silo) keeps database, bucket, key and
secret; its pool prefix and schema stay until their data is copied
([how](stacks.md#from-the-pool-to-parts-of-its-own)). The size may go down again: a database's disk never does, since
AWS makes none smaller. The size says what a new one begins with; from then on AWS makes it larger by itself.

| people | size | task: CPU, MiB | tasks | database | backups, days |
|---|---|---|---|---|---|
"""
SANDBOX = """\
## What the sandbox checks

In the lab and in tests the programs run on moto, an AWS double, behind a provider process of ours
(`dure.cloud.sandbox`). It is test equipment: production uses the real plugin. moto enforces IAM; of conditions it
knows `StringEquals` alone, and it evaluates no permissions boundary. *Noticed* are inputs of which a change by somebody
else shows as drift. *Made anew on* are inputs whose change replaces the resource, as on AWS; `*` is all but the tags.
*As written* are inputs that the double ignores.

| type | noticed | made anew on | as written | besides |
|---|---|---|---|---|
"""


def page(stacks: Path) -> str:
    """The whole page; imports the programs, which takes seconds."""
    parts = [HEAD + "".join(_sizes(_module(stacks, "iaas.size")))]
    for program, inputs in PROGRAMS.items():
        module = _module(stacks, f"tiers.{program}")
        schema = mapping(getattr(module, inputs).model_json_schema())
        parts.append(f"## Program `{program}`\n\n{module.__doc__ or ''}")
        parts.append("| part | makes |\n|---|---|\n" + "".join(f"| {a} | {b} |\n" for a, b in MAKES[program]))
        parts.append("| input | type | default | meaning |\n|---|---|---|---|\n" + "".join(_inputs(schema)))
        outputs: Mapping[str, str] = module.OUTPUTS
        parts.append(
            "| output | meaning |\n|---|---|\n" + "".join(f"| `{key}` | {outputs[key]} |\n" for key in outputs)
        )
    upstream = _module(stacks, "iaas.upstream")
    rows = "".join(
        f"| `{key}` | {_meaning(mapping(one))} |\n"
        for kind in (upstream.Upstream, upstream.NetworkUpstream)
        for key, one in kind.model_json_schema()["properties"].items()
    )
    parts.append(f"## `upstream`\n\n| key | meaning |\n|---|---|\n{rows}")
    parts.append(SANDBOX + "".join(_types()))
    functions = ", ".join(f"`{one}`" for one in sorted(FUNCTIONS))
    parts.append(
        f"Functions: {functions}. For `getAmi` any image of the double stands in where it knows none of the owner's."
    )
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def _module(stacks: Path, name: str) -> ModuleType:
    if str(stacks) not in sys.path:
        sys.path.insert(0, str(stacks))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of pulumi_aws itself
        return importlib.import_module(name)


def _sizes(module: ModuleType) -> Iterator[str]:
    least = 1
    for one in module.SIZES:
        people = f"{least}-{one.most}" if one.most else f"{least} and more"
        zones = ", two zones" if one.multi_az else ""
        yield (
            f"| {people} | {one.tier} | {one.cpu}, {one.memory} | {one.tasks} |"
            f" {one.database_class}, from {one.storage} GB{zones} | {one.backup_days} |\n"
        )
        least = (one.most or 0) + 1


def _inputs(schema: Mapping[str, JsonValue]) -> Iterator[str]:
    for name, one in mapping(schema.get("properties")).items():
        field = mapping(one)
        default = "required"
        if "default" in field:
            default = f"`{str(field['default']).lower()}`" if field["default"] not in ("", []) else "empty"
        yield f"| `{name}` | {_type(field)} | {default} | {_meaning(field)} |\n"


def _type(field: Mapping[str, JsonValue]) -> str:
    choices = field.get("enum")
    if isinstance(choices, list):
        return ", ".join(f"`{one}`" for one in choices)
    if "$ref" in field or "anyOf" in field:
        return "map"
    if field.get("type") == "array":
        return f"list of {text(mapping(field.get('items')), 'type')}"
    return text(field, "format") or text(field, "type")


def _meaning(field: Mapping[str, JsonValue]) -> str:
    return text(field, "description") or text(field, "title").replace("Id", "id")


def _types() -> Iterator[str]:
    for kind in sorted(HANDLERS):
        one = HANDLERS[kind]
        columns = (sorted(one.checked), sorted(one.replace_on), sorted(one.unseen))
        yield f"| `{kind}` | " + " | ".join(", ".join(names) for names in columns) + f" | {one.note} |\n"


def main() -> None:
    sys.stdout.write(page(Path(sys.argv[1])))


if __name__ == "__main__":
    main()
