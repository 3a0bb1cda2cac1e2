"""Verify the audit chain against what the hub remembers."""

from dure.errors import DureError
from dure.fleet.session import Session
from dure.runs.addresses import hub_routes
from dure.runs.audit import Finding, findings, read_head
from dure.runs.context import Context


def verify_chain(context: Context, *, ask_hub: bool) -> tuple[int, list[Finding]]:
    """How many links there are, and what is wrong. Raises DureError when the hub cannot be asked."""
    head = None
    if ask_hub:
        try:
            with Session(hub_routes(context)[0]) as session:
                head = read_head(context.store, session)
        except DureError as error:
            raise DureError(
                "the hub cannot be asked how far the chain reaches",
                where=error.where,
                why=error.why or error.what,
                mend=(f"{error.mend}; " if error.mend else "") + "operator audit verify --offline looks at the rest",
            ) from error
    return findings(context, head)
