"""Winding a site's vault back: its bucket from the stack, the platform's credentials, a link in the audit log."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

from dure import toolkit_path
from dure.cloud import vault
from dure.cloud.stack import Stack
from dure.cloud.vault import Rewound
from dure.errors import DureError, UsageError
from dure.fleet.session import Session
from dure.model import load_site
from dure.plan import resolve
from dure.runs.addresses import as_user, hub_routes
from dure.runs.audit import append
from dure.runs.audit_memory import send_head
from dure.runs.context import Context
from dure.runs.provision.secret_values import passphrase


def moment_before(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """The moment to go back to, as UTC: the MSP's time unless it says otherwise; a day alone means its beginning."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is not None:
        found = (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    if found is None or found >= now:
        raise UsageError(
            f'"{text}" is no moment in the past',
            why="a vault is wound back to a moment at which all was still well",
            mend="give --before a time such as 2026-11-22T02:30, or 2026-11-22 for the beginning of that day",
        )
    return found


def rewind(
    context: Context,
    site: str,
    before_text: str,
    *,
    check: bool,
    reason: str,
    agree: Callable[[str, Rewound], bool],
    progress: Callable[[Rewound], None],
) -> tuple[datetime, Rewound]:
    """Look first, ask `agree` with the bucket and what would change, then do it and keep it in the audit log.

    Returns the moment as UTC and the counts. Raises UsageError for a site without a vault or a moment that is not
    past, and DureError when AWS refuses.
    """
    before = moment_before(before_text, ZoneInfo(context.operator.timezone), datetime.now(UTC))
    bucket, region = bucket_of(context, site)
    client = vault.platform_client(context.settings, region)
    would = vault.rewind(client, bucket, before, check=True, progress=progress)
    if check or not would.changes or not agree(bucket, would):
        return before, would
    result = "failed"
    try:
        done = vault.rewind(client, bucket, before, progress=progress)
        result = f"to {before.isoformat()}: {done.restored} restored, {done.hidden} hidden, {done.errors} failed"
        return before, done
    except DureError as error:
        result = f"failed: {error.line()}"
        raise
    finally:
        keep_in_audit(context, site, reason, result)


def bucket_of(context: Context, site: str) -> tuple[str, str]:
    """The vault's bucket and its region. Raises UsageError when the site has none yet."""
    plan = resolve(load_site(context.workspace, site), toolkit_path())
    secret = passphrase(context)
    outputs = Stack(plan.cloud, context.workspace, context.settings, secret).outputs() if plan.cloud and secret else {}
    if "bucket" not in outputs:
        raise UsageError(
            f"{site} has no vault that is known here",
            why="this workstation has no state of its stack: it was never made, or from another workstation",
            mend=f"operator provision {site}, or set pulumi_backend in .dure/local.yaml to where its state lies",
        )
    return outputs["bucket"], outputs["region"]


def keep_in_audit(context: Context, site: str, reason: str, result: str) -> None:
    """A hub that cannot be reached hears of it with the next link."""
    run = f"vault-{uuid4().hex[:12]}"
    append(context, what="vault rewind", where=site, why=reason, result=result, run=run, plan="", commit="")
    try:
        with Session(as_user(hub_routes(context)[0], context.engineer)) as session:
            send_head(context, session)
    except DureError:
        return
