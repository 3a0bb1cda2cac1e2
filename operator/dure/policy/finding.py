"""A rule that does not hold somewhere, as people and programs are told."""

from dataclasses import asdict, dataclass

from pydantic import JsonValue

from dure.policy.rule import Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """`place` is the site's line in the workspace, `waiver` that of a waiver that counts, `expired` of one that did.

    `expired_on` is the last day on which that one counted, as year-month-day.
    """

    rule: str
    severity: Severity
    site: str
    stack: str
    resource: str
    urn: str
    what: str
    reason: str
    mend: str
    place: str
    waiver: str = ""
    expired: str = ""
    expired_on: str = ""

    @property
    def refuses(self) -> bool:
        """It forbids the apply."""
        return self.severity == "mandatory" and not self.waiver

    @property
    def lapse(self) -> str:
        """`waiver waivers.yaml:3 expired on 2026-01-31`; empty when none has."""
        return f"waiver {self.expired} expired on {self.expired_on}" if self.expired else ""

    def line(self) -> str:
        """`place: rule (severity): resource of site: what, because reason. To mend: mend`."""
        subject = f"{self.resource} of {self.site}" if self.resource else self.site
        place = f"{self.place}: " if self.place else ""
        told = (
            f"{place}{self.rule} ({self.severity}): {subject}: {self.what}, because {self.reason}. To mend: {self.mend}"
        )
        if self.waiver:
            return f"{told} [waived by {self.waiver}]"
        return f"{told} [{self.lapse}]" if self.lapse else told

    def as_json(self) -> dict[str, JsonValue]:
        return {**asdict(self), "refuses": self.refuses}
