"""What was agreed: maintenance windows, exclusions, restated months, waived credits, reviews of indicators.

An approval is signed with the engineer's SSH key over everything that the file says about the period, so that nobody
can alter what was agreed; `signed_content` is what is signed.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, PrivateAttr, StringConstraints, model_validator

from dure.model.accounting.case_fields import Month, Words
from dure.model.fields import Id, Login, refuse
from dure.model.msp import Strict
from dure.model.words import Words as ReportWords
from dure.sla.exclusions import ExclusionKind
from dure.sla.freeze import canonical
from dure.sla.indicators.catalogue import KEYS
from dure.sla.promotion import SWAPS, may_retarget
from dure.sla.quarter import quarter_months


def check_instant(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or moment.microsecond:
        why = "a moment has date, time and offset, in whole seconds"
        refuse(f'"{text[:40]}" is not a moment', why, 'write it as in "2026-06-11T10:00:00+09:00"')
    return text


Instant = Annotated[str, AfterValidator(check_instant)]
AgreementId = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}-[a-z0-9][a-z0-9-]{0,39}$")]
Kind = Literal["window", "exclusion", "restatement", "waiver", "review"]
ExclusionWord = Literal[
    "customer_action",
    "customer_power",
    "third_party_beyond_control",
    "force_majeure",
    "suspended_for_non_payment",
    "security_hold_agreed",
]


def seconds(text: str) -> int:
    """UTC seconds of a checked moment."""
    return int(datetime.fromisoformat(text).timestamp())


class Approval(Strict):
    """An engineer's signature."""

    by: Login = Field(description="Engineer of operator.yaml.")
    at: Instant = Field(description="When, by the engineer's clock.")
    signature: str = Field(description="Of ssh-keygen -Y sign, over the canonical JSON of the agreement.")


class Agreement(Strict):
    """What all kinds have."""

    kind: ClassVar[Kind]
    customer: Id = Field(description="The customer.")
    reason: Words = Field(description="Why, in words that the customer reads.")
    approvals: list[Approval] = Field(default=[], description="Signatures, in order.")

    def signed_content(self, by: str, at: str) -> bytes:
        """The canonical bytes that an engineer signs at a moment."""
        agreed = self.model_dump(mode="json", exclude={"approvals", "cancelled"})
        return canonical({"agreement": self.kind, **agreed, "by": by, "at": at})

    def content_digest(self, by: str = "", at: str = "") -> str:
        """sha256 of what is signed; of nobody's signature when it is only proposed."""
        return hashlib.sha256(self.signed_content(by, at)).hexdigest()

    def signers(self) -> tuple[str, ...]:
        """Different engineers, in the order in which they signed."""
        return tuple(dict.fromkeys(one.by for one in self.approvals))


class PeriodAgreement(Agreement):
    """An agreement about [start, end) of some services, or of all when none is named."""

    id: AgreementId = Field(description="Date and a word, equal to the file's name.", examples=["2026-06-11-kernel"])
    services: list[Id] = Field(default=[], description="Services that it is about; empty: all.")
    start: Instant = Field(description="First moment.", examples=["2026-06-11T10:00:00+09:00"])
    end: Instant = Field(description="First moment after it.")

    @model_validator(mode="after")
    def holds_a_second(self) -> Self:
        if self.interval[0] >= self.interval[1]:
            why = f"its end {self.end} is not after its start {self.start}"
            refuse("the period holds no second", why, "swap start and end, or correct them")
        return self

    @property
    def interval(self) -> tuple[int, int]:
        return seconds(self.start), seconds(self.end)

    def concerns(self, service: str, period: tuple[int, int]) -> bool:
        """It is about that service, and meets that period."""
        start, end = self.interval
        return (not self.services or service in self.services) and start < period[1] and period[0] < end


class Window(PeriodAgreement):
    """Agreed maintenance."""

    kind: ClassVar[Kind] = "window"
    announced: Instant | None = Field(default=None, description="When the customer was told; null: not yet.")
    cancelled: Approval | None = Field(default=None, description="Who called it off.")

    _seen: dict[tuple[str, str], int] = PrivateAttr(default_factory=dict)
    """What the audit chain saw: (digest of content, engineer) -> UTC seconds; nothing where there is no chain."""

    def seen_by(self, links: Mapping[tuple[str, str], int]) -> Self:
        """The window with what an audit chain saw of it."""
        copy = self.model_copy()
        copy._seen = dict(links)
        return copy

    def _seen_at(self, one: Approval) -> int | None:
        return self._seen.get((self.content_digest(one.by, one.at), one.by))

    def in_time(self) -> Sequence[Approval]:
        """Approvals that the audit chain saw before it started: what an approval says of itself proves nothing."""
        start, found = self.interval[0], []
        for one in self.approvals:
            seen = self._seen_at(one)
            if seen is not None and max(seen, seconds(one.at)) <= start:
                found.append(one)
        return found

    @property
    def unwitnessed(self) -> bool:
        """Somebody says to have approved it in time, the chain does not show it, and no second engineer agreed."""
        says = any(seconds(one.at) <= self.interval[0] for one in self.approvals)
        return says and self.approved is None

    @property
    def told(self) -> int | None:
        """The second at which the customer was told: as written when two engineers signed it, else not before seen."""
        if self.announced is None:
            return None
        said = seconds(self.announced)
        if len(self.signers()) >= 2:
            return said
        proposed = self.content_digest()
        seen = [at for (digest, _), at in self._seen.items() if digest == proposed]
        seen += [at for one in self.approvals if (at := self._seen_at(one)) is not None]
        return max(said, min(seen)) if seen else said

    @property
    def late(self) -> bool:
        """Nobody is shown to have approved it before it started, and two engineers agreed to it as a correction."""
        return not self.in_time() and len(self.signers()) >= 2

    @property
    def approved(self) -> int | None:
        """The moment that counts as its approval; of a late one its own start, None when it is not approved."""
        early = self.in_time()
        if early:
            return min(seconds(one.at) for one in early)
        return self.interval[0] if self.late else None


class ExclusionAgreement(PeriodAgreement):
    """A period that the contract takes out of the agreed time."""

    kind: ClassVar[Kind] = "exclusion"
    cause: ExclusionWord = Field(description="One of the contract's causes.")
    evidence: Words = Field(description="What shows it: a notice's number, an address, a file.")
    supplier: str = Field(default="", description="The supplier whose disturbance it was.")

    @property
    def agreed(self) -> bool:
        """Two different engineers signed."""
        return len(self.signers()) >= 2

    @property
    def exclusion_kind(self) -> ExclusionKind:
        return ExclusionKind(self.cause)


class Restatement(Agreement):
    """A new revision of a closed month."""

    kind: ClassVar[Kind] = "restatement"
    month: Month = Field(description="The month.", examples=["2026-06"])
    revision: Annotated[int, Field(ge=2, le=99)] = Field(description="The revision that it makes.")
    figures: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] = Field(
        description="Digest of the figures that it makes, so that both engineers sign the same ones."
    )

    @property
    def id(self) -> str:
        return f"{self.month}-r{self.revision}"

    @property
    def agreed(self) -> bool:
        """Two different engineers signed."""
        return len(self.signers()) >= 2


class CreditWaiver(Agreement):
    """A service's credit of a month that the customer does without; it stays recorded with its reason.

    It holds for a credit up to `amount`: of one that a correction makes larger the customer has given nothing up.
    """

    kind: ClassVar[Kind] = "waiver"
    month: Month = Field(description="The month.", examples=["2026-06"])
    service: Id = Field(description="The service.")
    amount: Annotated[int, Field(ge=1)] = Field(
        description="Won of the credit that is given up; a larger one is due whole until it is waived anew."
    )
    evidence: Words = Field(description="What shows that the customer agreed: a letter, a number, a file.")

    @property
    def id(self) -> str:
        return f"{self.month}-{self.service}-{self.amount}"

    @property
    def agreed(self) -> bool:
        """Two different engineers signed."""
        return len(self.signers()) >= 2


class ReviewedIndicator(Strict):
    """What a review changes for one indicator."""

    indicator: str = Field(description="Its key.", examples=["backup"])
    step: Literal["tighten", "retarget", "watch", "retire", "reactivate", "promote"] = Field(
        description="retarget lowers a target that was never met, by the customer's consent alone."
    )
    before: str = Field(default="", description="The target until then, in the indicator's unit.")
    after: str = Field(default="", description="The target from then on; empty where it is no longer scored.")
    reason: ReportWords = Field(description="Why, in words that the customer reads.")
    consent: str = Field(default="", description="Of retarget: what shows the customer's consent.")

    @model_validator(mode="after")
    def is_whole(self) -> Self:
        if self.indicator not in KEYS:
            refuse(f'unknown indicator "{self.indicator[:40]}"', "there are thirty", "docs/sla.md has their keys")
        if self.step in ("watch", "retire"):
            return self
        try:
            if Fraction(self.after) <= 0:
                raise ValueError(self.after)
        except (ValueError, ZeroDivisionError):
            why = f"{self.step} gives {self.indicator} a target"
            refuse(f'after is "{self.after[:20]}"', why, 'write the target, such as "99.5"')
        if self.step == "retarget" and not self.consent.strip():
            refuse("consent is missing", "a target is lowered by the customer's consent alone", "write what shows it")
        return self


class IndicatorReview(Agreement):
    """What a quarter's review changes, from a named month on."""

    kind: ClassVar[Kind] = "review"
    quarter: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-Q[1-4]$")] = Field(
        description="The quarter that was reviewed.", examples=["2026-Q3"]
    )
    effective: Month = Field(description="First month that it counts in.", examples=["2026-11"])
    changes: Annotated[list[ReviewedIndicator], Field(min_length=1)] = Field(description="What changes.")

    @model_validator(mode="after")
    def keeps_a_quarters_limits(self) -> Self:
        steps = [one.step for one in self.changes]
        keys = [one.indicator for one in self.changes]
        if len(set(keys)) != len(keys):
            refuse("an indicator stands twice", "nobody knows which change counts", "remove one of the two")
        for name in ("watch", "promote"):
            if steps.count(name) > SWAPS:
                why = f"a quarter swaps at most {SWAPS}"
                refuse(f"{steps.count(name)} indicators are to {name}", why, "leave the others for the next quarter")
        if "retarget" in steps and not may_retarget(True, "retire" in steps):
            refuse("it retires and retargets", "not both in one quarter", "leave one of them for the next quarter")
        if self.effective <= quarter_months(self.quarter)[-1]:
            why = f"{self.quarter} is what was reviewed"
            refuse(f"it counts from {self.effective}", why, "write a month after the quarter")
        return self

    @property
    def id(self) -> str:
        return self.quarter

    @property
    def agreed(self) -> bool:
        """Two different engineers signed."""
        return len(self.signers()) >= 2

    def agreed_at(self) -> int | None:
        """The second at which the second engineer signed; None while it waits."""
        first = {one.by: seconds(one.at) for one in reversed(self.approvals)}
        return sorted(first.values())[1] if self.agreed else None
