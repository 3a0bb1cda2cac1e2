"""A rule that does not hold somewhere, as people and programs are told."""

from dataclasses import asdict, dataclass

from pydantic import JsonValue

from dure.policy.rule import Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """`place` is the site's line in the workspace, `waiver` that of a waiver that counts, `expired` of one that did."""

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

    @property
    def refuses(self) -> bool:
        """It forbids the apply."""
        return self.severity == "mandatory" and not self.waiver

    def line(self) -> str:
        """`place: rule (severity): resource of site: what, because reason. To mend: mend`."""
        subject = f"{self.resource} of {self.site}" if self.resource else self.site
        place = f"{self.place}: " if self.place else ""
        told = (
            f"{place}{self.rule} ({self.severity}): {subject}: {self.what}, because {self.reason}. To mend: {self.mend}"
        )
        if self.waiver:
            return f"{told} [waived by {self.waiver}]"
        return f"{told} [the waiver {self.expired} has expired]" if self.expired else told

    def as_json(self) -> dict[str, JsonValue]:
        return {**asdict(self), "refuses": self.refuses}
