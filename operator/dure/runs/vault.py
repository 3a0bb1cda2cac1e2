"""Winding a site's vault back: its bucket from the stack, the platform's credentials, a link in the audit log."""

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from dure import toolkit_path
from dure.cloud import vault
from dure.cloud.stack import Stack
from dure.cloud.vault import Rewound
from dure.errors import UsageError
from dure.model import load_site
from dure.plan import resolve
from dure.runs.act import act
from dure.runs.backups import require_backup
from dure.runs.context import Context
from dure.runs.provision.secret_values import passphrase

KIND = "vault rewind"


def moment_before(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """The moment to go back to, as UTC: the MSP's time unless it says otherwise; a day alone means its beginning."""
    try:
        found = datetime.fromisoformat(text)
        found = (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):  # in UTC some moments of the years 1 and 9999 lie in no year
        found = None
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
) -> tuple[datetime, Rewound, str]:
    """Look first, ask `agree` with the bucket and what would change, then do it between two links of the audit log.

    Returns the moment as UTC, the counts, and what the audit log lacks of it (empty: nothing). Raises UsageError for
    a site without a vault or a moment that is not past, and DureError when AWS refuses or the log takes no link.
    """
    before = moment_before(before_text, ZoneInfo(context.operator.timezone), datetime.now(UTC))
    bucket, region = bucket_of(context, site)
    client = vault.platform_client(context.settings, region)
    would = vault.rewind(client, bucket, before, check=True, progress=progress)
    if check or not would.changes or not agree(bucket, would):
        return before, would, ""
    with act(context, KIND, site, reason, f"to {before.isoformat()}") as deed:
        done = vault.rewind(client, bucket, before, progress=progress)
        deed.result = f"to {before.isoformat()}: {done.restored} restored, {done.hidden} hidden, {done.errors} failed"
        deed.state = "failed" if done.errors else "done"
    return before, done, deed.note


def bucket_of(context: Context, site: str) -> tuple[str, str]:
    """The vault's bucket and its region. Raises UsageError when the site has none, or none yet."""
    plan = resolve(load_site(context.workspace, site), toolkit_path())
    require_backup(plan)
    secret = passphrase(context)
    outputs = Stack(plan.cloud, context.workspace, context.settings, secret).outputs() if plan.cloud and secret else {}
    if "bucket" not in outputs:
        raise UsageError(
            f"{site} has no vault that is known here",
            why="this workstation has no state of its stack: it was never made, or from another workstation",
            mend=f"operator provision {site}, or set pulumi_backend in .dure/local.yaml to where its state lies",
        )
    return outputs["bucket"], outputs["region"]
