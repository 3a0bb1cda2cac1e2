"""A person says yes to what was shown, before anything is touched."""

from dure.errors import Cancelled, Refused
from dure.runs.live import Live, Outcome
from dure.runs.provision.preview import load_preview


def approve(live: Live) -> Outcome:
    """Ask, or take --yes for it. Refused without a person; Cancelled when the answer is no."""
    found = load_preview(live)
    who = live.context.engineer
    if found.empty and not live.request.converge:
        return Outcome("nothing to approve", "skipped")
    if live.request.yes:
        return Outcome(f"approved beforehand by {who} (--yes)", data={"by": who})
    answer = live.watcher.ask("\n".join(found.lines()), live.wants_stop)
    live.stop_if_wanted("the approval")
    if answer is None:
        raise Refused(
            "nobody can be asked for approval",
            where=live.site,
            why="there is no terminal",
            mend=f"look at it with operator provision {live.site} --check, then give --yes",
        )
    if not answer:
        raise Cancelled("not approved; nothing was touched", where=live.site)
    return Outcome(f"approved by {who}", data={"by": who})
