"""The run's secrets, as the files that roles read: from the workspace, from the stack, never from a journal."""

from collections.abc import Mapping

from dure.plan import secrets_needed
from dure.plan.value import Plan
from dure.runs.context import Context
from dure.secrets import SecretStore

PASSPHRASE = "operator/pulumi_passphrase"  # noqa: S105 - the name of a secret, not its value
UNKNOWN = "not-known-before-the-first-run"


def secret_store(context: Context) -> SecretStore:
    return SecretStore(context.workspace, context.operator.secrets.recipients, context.settings.age_identity)


def needed(plan: Plan) -> list[str]:
    """References of every workspace secret that the run uses."""
    return [*secrets_needed(plan), *([PASSPHRASE] if plan.cloud else [])]


def missing(context: Context, plan: Plan) -> list[str]:
    store = secret_store(context)
    return [reference for reference in needed(plan) if not store.has(reference)]


def passphrase(context: Context) -> str:
    """The passphrase of the stacks' secrets; empty while there is none."""
    store = secret_store(context)
    return store.get(PASSPHRASE) if store.has(PASSPHRASE) else ""


def role_files(context: Context, plan: Plan, outputs: Mapping[str, str], *, previewing: bool = False) -> dict[str, str]:
    """File name -> content for all roles. While previewing, what does not exist yet has a stand-in."""
    store = secret_store(context)
    contents: dict[str, str] = {}
    for role in plan.host.roles:
        for name, reference in role.secrets.items():
            kind, _, source = reference.partition(":")
            if kind == "output":
                contents[name] = outputs.get(source, UNKNOWN) if previewing else outputs[source]
            elif previewing and not store.has(source):
                contents[name] = UNKNOWN
            else:
                contents[name] = store.get(source)
    return contents
