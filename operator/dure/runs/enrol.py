"""First contact: look at the machine's host key, have it confirmed, pin it."""

from collections.abc import Callable
from dataclasses import dataclass

from dure.errors import Refused, UsageError
from dure.fleet.connect import LoginRefused, wrong_host_key
from dure.fleet.keyscan import scan_host_key
from dure.fleet.known_hosts import HostKey, pin, pinned
from dure.fleet.route import Route
from dure.fleet.session import Session
from dure.model import load_site
from dure.model.workspace import HUB
from dure.plan.value import no_machine
from dure.runs.addresses import FIRST_USER, FirstWay, remember
from dure.runs.context import Context


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What enrolment found: `login` names the user who gets in, empty when none yet."""

    site: str
    address: str
    fingerprint: str
    newly_pinned: bool
    login: str


def enrol(
    context: Context,
    site: str,
    way: FirstWay,
    fingerprint: str,
    confirm: Callable[[str], bool] | None,
) -> Enrolled:
    """Pin the host key of the machine at `way` for the site, and remember the way.

    With `fingerprint` the machine must show that key. Without, `confirm(question)` decides; where nobody
    can be asked (None) it is refused, since pinning whatever answers protects from nothing.
    """
    if site != HUB:
        files = load_site(context.workspace, site)
        if files.site is None or files.site.lan is None:
            raise no_machine(site, files.site.blueprint if files.site else site)
    if fingerprint and not fingerprint.startswith("SHA256:"):
        raise UsageError(
            f'"{fingerprint}" is not a fingerprint',
            why="it starts with SHA256:",
            mend="on the machine: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub",
        )
    engineer = context.engineer  # who has left is refused before anything is pinned
    route = Route(
        site, way.address, way.user, context.known_hosts, way.port, context.settings.ssh_key,
        context.settings.proxy_command,
    )  # fmt: skip
    shown = scan_host_key(route)
    before = pinned(context.known_hosts, site)
    if before != shown:
        _approve(route, before, shown, fingerprint, confirm)
        pin(context.known_hosts, site, shown)
    elif fingerprint and fingerprint != shown.fingerprint:
        raise _mismatch(site, shown, fingerprint)
    user = _login(route, engineer)
    remember(context, site, FirstWay(way.address, user or way.user, way.port))
    return Enrolled(site, way.address, shown.fingerprint, before != shown, user)


def _approve(
    route: Route, before: HostKey | None, shown: HostKey, fingerprint: str, confirm: Callable[[str], bool] | None
) -> None:
    if fingerprint:
        if fingerprint != shown.fingerprint:
            raise _mismatch(route.alias, shown, fingerprint)
        return
    if before is not None:
        raise wrong_host_key(route, before, shown.fingerprint)
    if confirm is None:
        raise Refused(
            "the host key is not pinned",
            where=route.alias,
            why="nobody can be asked here, and pinning whatever answers protects from nothing",
            mend=f"read the key on the machine, then: operator enrol {route.alias} --address {route.address} "
            "--fingerprint SHA256:…",
        )
    question = f"{route.alias} at {route.address} shows host key {shown.fingerprint}. Is that the machine's own?"
    if not confirm(question):
        raise Refused("the host key was not confirmed; nothing is pinned", where=route.alias)


def _mismatch(site: str, shown: HostKey, fingerprint: str) -> Refused:
    return Refused(
        f"the machine shows host key {shown.fingerprint}, not {fingerprint}",
        where=site,
        why="another machine answers there, or the fingerprint was misread",
        mend="read it on the machine itself: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub",
    )


def _login(route: Route, engineer: str) -> str:
    """The user who gets in: the one asked for, else the engineer; empty when neither does."""
    from dataclasses import replace

    for user in dict.fromkeys([route.user, engineer, FIRST_USER]):
        try:
            with Session(replace(route, user=user)) as session:
                session.check(["true"])
            return user
        except LoginRefused:
            continue
    return ""
