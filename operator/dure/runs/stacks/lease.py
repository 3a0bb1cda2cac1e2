"""One operator a stack, on whatever workstation: leases in the store with owner, host, process and expiry."""

import threading
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from dure.errors import DureError
from dure.runs.holder import Holder, from_json, is_dead
from dure.runs.lease import TTL_SECONDS, LeaseTaken
from dure.store.database import Store
from dure.store.tables import StackLease

RENEW_SECONDS = 20.0


def take(store: Store, site: str, holder: Holder) -> None:
    """Hold the stack until `release`, or until the expiry. Raises LeaseTaken, naming a living holder.

    A holder whose process is dead, or whose time is over, loses it here.
    """
    now = datetime.now(UTC)
    with store.transaction() as session:
        row = session.get(StackLease, site, with_for_update=True)
        if row is not None:
            other = from_json(row.holder)
            if other is not None and other != holder and not is_dead(other) and row.expires > now:
                raise LeaseTaken(site, "the store", other.words(), (row.expires - now).total_seconds())
        else:
            row = StackLease(site=site)
            session.add(row)
        row.holder, row.since, row.expires = holder.as_json(), now, now + timedelta(seconds=TTL_SECONDS)
        try:
            session.flush()
        except IntegrityError as error:  # on PostgreSQL two may find no row at once
            session.rollback()
            raise LeaseTaken(site, "the store", "another process", TTL_SECONDS) from error


def release(store: Store, site: str, holder: Holder) -> None:
    """Give it back, if it is still ours."""
    with store.transaction() as session:
        row = session.get(StackLease, site)
        if row is not None and from_json(row.holder) == holder:
            session.delete(row)


def leases(store: Store, sites: Iterable[str] | None = None) -> list[StackLease]:
    """Those of the sites, or all, by site."""
    with store.transaction() as session:
        rows = list(session.scalars(select(StackLease).order_by(StackLease.site)))
    wanted = None if sites is None else set(sites)
    return [row for row in rows if wanted is None or row.site in wanted]


def drop(store: Store, site: str) -> None:
    """Of a holder that is known to be dead."""
    with store.transaction() as session:
        session.execute(delete(StackLease).where(StackLease.site == site))


class Heartbeat:
    """Pushes the expiry of one holder's leases out until `stop`."""

    def __init__(self, store: Store, holder: Holder) -> None:
        self._store = store
        self._holder = holder
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True, name="stack-leases")
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._ended.wait(RENEW_SECONDS):
            try:
                self._renew()
            except DureError:  # a store that is busy or away for a while: the lease holds until its expiry
                continue

    def _renew(self) -> None:
        expires = datetime.now(UTC) + timedelta(seconds=TTL_SECONDS)
        with self._store.transaction() as session:
            for row in session.scalars(select(StackLease)):
                if from_json(row.holder) == self._holder:
                    row.expires = expires
