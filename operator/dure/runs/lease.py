"""One run a site on this workstation: a lease file that a dead holder loses by itself."""

import fcntl
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dure.errors import DureError
from dure.runs.holder import Holder, from_json, is_dead

TTL_SECONDS = 120


class LeaseTaken(DureError):
    """Another run works on this site."""

    exit_code = 1

    def __init__(self, site: str, place: str, holder: str, seconds_left: float) -> None:
        run = holder.split()[1] if holder.startswith("run ") else ""
        super().__init__(
            "another run works on this site",
            where=f"{site} on {place}",
            why=f"{holder} holds it",
            mend=(f"operator runs show {run}, or operator runs cancel {run}; " if run else "")
            + f"if that process is dead, its hold ends by itself in {max(0, seconds_left):.0f} s",
        )


class LocalLease:
    """Lease file in `.dure/leases/`; taken, renewed and given back under a file lock."""

    def __init__(self, directory: Path, site: str, holder: Holder) -> None:
        directory.mkdir(mode=0o700, exist_ok=True)
        self.file = directory / (site.replace("/", "--") + ".json")
        self.site = site
        self.holder = holder

    def take(self) -> None:
        """Raises LeaseTaken, naming the holder, while another living process holds it."""
        with self._locked():
            other, expires = self._read()
            if other is not None and other != self.holder and not is_dead(other) and time.time() < expires:
                raise LeaseTaken(self.site, "this workstation", other.words(), expires - time.time())
            self._write()

    def renew(self) -> bool:
        """Push the expiry out; False when another has taken it meanwhile."""
        with self._locked():
            other, _ = self._read()
            if other is not None and other != self.holder:
                return False
            self._write()
            return True

    def release(self) -> None:
        """Give it back, if it is still ours."""
        with self._locked():
            other, _ = self._read()
            if other == self.holder:
                self.file.unlink(missing_ok=True)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with self.file.with_suffix(".lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def _read(self) -> tuple[Holder | None, float]:
        try:
            content = json.loads(self.file.read_text())
            return from_json(content.get("holder")), float(content.get("expires", 0))
        except (OSError, ValueError, AttributeError):
            return None, 0.0

    def _write(self) -> None:
        now = time.time()
        part = self.file.with_suffix(".part")
        part.write_text(json.dumps({"holder": self.holder.as_json(), "heartbeat": now, "expires": now + TTL_SECONDS}))
        part.replace(self.file)
