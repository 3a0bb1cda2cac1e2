"""Bring a file or folder from the vault into a folder beside the original, on the box itself."""

import json
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from math import ceil
from pathlib import PurePosixPath
from zoneinfo import ZoneInfo

from dure import toolkit_path
from dure.errors import DureError, UsageError
from dure.fleet.route import Route
from dure.fleet.session import Session
from dure.model import load_site
from dure.plan import resolve
from dure.plan.value import Plan
from dure.runs.act import act
from dure.runs.addresses import as_user, hub_routes, tunnel_route
from dure.runs.backups import require_backup
from dure.runs.context import Context
from dure.store.database import Store
from dure.store.promise.record_tables import RestoreRow

KIND = "restore"
PROGRAM = "/usr/local/lib/dure/dure_restore.py"
DEADLINE = 6 * 3600.0
"""Seconds; a whole share of a slow line takes hours."""
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:?\d{2}(:?\d{2})?)?(Z|[+-]\d{2}:?\d{2})?")


@dataclass(frozen=True, slots=True)
class Restored:
    """What came (or with --check would come) back, where it lies, and from which snapshot (UTC)."""

    path: str
    target: str
    snapshot: str
    snapshot_time: str
    files: int
    bytes: int
    seconds: float


def moment(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """An asked-for time as UTC: box time unless it says otherwise; a day alone means its end; empty means now."""
    if not text:
        return now.astimezone(UTC)
    try:
        if not MOMENT.fullmatch(text):
            raise ValueError(text)
        found = datetime.fromisoformat(text)
        if len(text) == len("2026-11-22"):
            found = datetime.combine(found.date() + timedelta(days=1), time(0)) - timedelta(seconds=1)
        found = (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:  # the ends of the years 1 and 9999 are no time in UTC
        raise UsageError(
            f'"{text}" is no time',
            why="a time is written 2026-11-22T02:30, or 2026-11-22 for the end of that day",
            mend="give --at such a time; without --at the newest backup is used",
        ) from error
    return found


def full_path(path: str, root: str, shares: Iterable[dict[str, str]]) -> str:
    """The path on the box: as given when it begins with /, else inside the share whose id or name comes first."""
    parts = PurePosixPath(path.replace("\\", "/")).parts
    if not parts or ".." in parts:
        raise UsageError(f'"{path}" is no path', mend="give the path as on the box, or SHARE/PATH")
    if parts[0] == "/":
        return str(PurePosixPath(*parts))
    listed = list(shares)
    for share in listed:
        if normal(parts[0]) in (share["id"], normal(share["name"])):
            return str(PurePosixPath(root, share["id"], *parts[1:]))
    known = ", ".join(f"{share['id']} ({share['name']})" for share in listed) or "none"
    raise UsageError(
        f'"{parts[0]}" is no share of the site',
        why=f"its shares are {known}",
        mend="begin with a share's id or name, or with / for a path on the box",
    )


def normal(name: str) -> str:
    """Composed: Korean that was pasted from macOS comes decomposed and looks the same."""
    return unicodedata.normalize("NFC", name)


def request_for(plan: Plan, path: str, at: datetime, *, check: bool) -> bytes:
    """What the box's program reads on its standard input."""
    variables = {name: value for role in plan.host.roles for name, value in role.variables.items()}
    shares = variables.get("file_share_shares") or []
    listed = [
        {"id": str(share["id"]), "name": str(share["name"])}
        for share in (shares if isinstance(shares, list) else [])
        if isinstance(share, dict)
    ]
    root = str(variables.get("file_share_root", "/srv/shares"))
    asked = {"path": full_path(path, root, listed), "shares": root, "at": at.isoformat(), "check": check}
    return json.dumps(asked, ensure_ascii=False).encode()


def read_answer(output: bytes, complaint: str, site: str) -> Restored:
    """The program's answer; DureError with what may have been meant when it found nothing."""
    try:
        answer = json.loads(output)
    except ValueError as error:
        raise DureError(
            "the box's restore program did not answer",
            where=site,
            why=complaint,
            mend=f"operator provision {site} --converge puts it in place",
        ) from error
    if answer["ok"]:
        return Restored(**{name: answer[name] for name in Restored.__slots__})
    near = ", ".join(answer["near"])
    mends = {
        "no-snapshot": f"give --at a later time than {near}" if near else f"wait for the first backup of {site}",
        "no-path": f"give one of {near}, or another --at" if near else "give another path or another --at",
    }
    mend = mends.get(answer["reason"], "see `journalctl -u dure-backup` on the box, then repeat")
    raise DureError(answer["error"], where=site, mend=mend)


def restore(
    context: Context, site: str, path: str, at_text: str, *, check: bool, reason: str, asking: Callable[[], None]
) -> tuple[Restored, str]:
    """Ask the box to restore, between two links of the audit log; `asking` is called before the box is asked.

    Raises UsageError, DureError. Returns what came back, and what the log or the store lacks of it (empty: nothing).
    """
    plan = resolve(load_site(context.workspace, site), toolkit_path())
    require_backup(plan)
    if plan.overlay is None or not plan.overlay.allocated:
        raise UsageError(f"{site} has no tunnel yet", why="it was never provisioned", mend=f"operator provision {site}")
    at = moment(at_text, ZoneInfo(context.operator.timezone), datetime.now(UTC))
    request = request_for(plan, path, at, check=check)
    hub = as_user(hub_routes(context)[0], context.engineer)
    route = tunnel_route(context, site, plan.overlay.address, hub)
    if check:
        asking()
        return ask_box(route, request, site), ""
    restored, uncounted, began = None, "", datetime.now(UTC)
    with act(context, KIND, site, reason, f"{path} as of {at.isoformat(timespec='seconds')}") as deed:
        asking()
        try:
            restored = ask_box(route, request, site)
            deed.result = f"done: {restored.target}"
        finally:
            uncounted = keep_in_store(context.store, site, deed.journal.run, began, restored)
    return restored, "; ".join(note for note in (deed.note, uncounted) if note)


def ask_box(route: Route, request: bytes, site: str) -> Restored:
    with Session(route) as session:
        done = session.run(["python3", "-B", PROGRAM], input=request, deadline=DEADLINE, sudo=True)
    return read_answer(done.stdout, done.complaint, site)


def keep_in_store(store: Store, site: str, run: str, began: datetime, restored: Restored | None) -> str:
    """That a restore passed or failed, how long it took and how old it was: the month's restore tests count it.

    Why they will not, where the store does not take it; empty when it does.
    """
    seconds = restored.seconds if restored else (datetime.now(UTC) - began).total_seconds()
    saved = datetime.fromisoformat(restored.snapshot_time) if restored else None
    row = RestoreRow(site=site, run=run, at=began, ok=restored is not None, seconds=ceil(seconds), snapshot_at=saved)
    try:
        with store.transaction() as session:
            session.add(row)
    except DureError as error:
        return f"the restore tests of the month do not have it: {error.line()}"
    return ""
