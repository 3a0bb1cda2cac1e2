"""The same lease, kept on hub and box too, so that two engineers' workstations see each other."""

import json
from dataclasses import dataclass
from importlib.resources import files

from pydantic import BaseModel, JsonValue

from dure.errors import DureError
from dure.fleet.session import Session
from dure.runs.holder import Holder, from_json, is_dead
from dure.runs.lease import TTL_SECONDS, LeaseTaken

ANSWER_SECONDS = 20.0
RELEASE_SECONDS = 5.0
"""Less patience where a run ends: a lease that is not given back ends by itself."""


class Applied(BaseModel):
    """What was last applied to a site, as hub and box remember it."""

    commit: str = ""
    files: str = ""
    """Digest of the site's files where they were not as the commit has them; empty: they were."""
    plan: str = ""
    stack: str = ""
    """The cloud stack that was brought up for it; empty: none."""
    by: str = ""
    at: str = ""
    run: str = ""
    proven: str = ""
    """When the full acceptance last passed; empty: never."""


def ask(
    session: Session, site: str, act: str, *, within: float = ANSWER_SECONDS, **request: JsonValue
) -> dict[str, JsonValue]:
    """One request to the machine's own record, answered `within` seconds; raises DureError when it cannot be had."""
    source = files("dure.runs").joinpath("machine_state.py").read_text()
    asked = json.dumps({"act": act, "site": site, **request}).encode()
    result = session.script(source, input=asked, sudo=True, deadline=within)
    if result.code != 0:
        raise DureError(
            "the machine's record of runs cannot be used",
            where=session.route.alias,
            why=result.complaint,
            mend=f"look at /var/lib/dure/runs there (full disk? no sudo for {session.route.user}?), then repeat",
        )
    try:
        answer = json.loads(result.stdout)
    except ValueError as error:
        raise DureError(
            "the machine's record of runs gave no answer that can be read",
            where=session.route.alias,
            why=result.text[:80] or "it said nothing",
            mend=f"see what a login as {session.route.user} prints there (/etc/profile, ~/.bashrc), then repeat",
        ) from error
    return answer if isinstance(answer, dict) else {}


@dataclass
class RemoteLease:
    """The site's lease on one machine."""

    site: str
    holder: Holder

    def take(self, session: Session) -> Applied:
        """Take or renew it; returns what was last applied. Raises LeaseTaken naming the holder."""
        answer = self._take(session, None)
        other = from_json(answer.get("holder"))
        if not answer["granted"] and other is not None and is_dead(other):
            answer = self._take(session, other)
        if not answer["granted"]:
            other = from_json(answer.get("holder"))
            left = answer.get("left")
            raise LeaseTaken(
                self.site,
                session.route.alias,
                other.words() if other else "an unreadable holder",
                float(left) if isinstance(left, int | float) else TTL_SECONDS,
            )
        return Applied.model_validate(answer.get("applied") or {})

    def release(self, session: Session) -> None:
        ask(session, self.site, "release", within=RELEASE_SECONDS, holder=self.holder.as_json())

    def _take(self, session: Session, dead: Holder | None) -> dict[str, JsonValue]:
        return ask(
            session,
            self.site,
            "take",
            holder=self.holder.as_json(),
            ttl=TTL_SECONDS,
            dead=dead.as_json() if dead else None,
        )
