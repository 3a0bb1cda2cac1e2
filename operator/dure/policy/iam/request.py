"""One request, as far as it is known: who asks to do what with what."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Request:
    """`context` holds condition keys in lower case; a key that is not in it is absent when `complete`, else unknown."""

    principal: str
    """ARN of a user, a role or a role's session; the name of a service, such as ecs-tasks.amazonaws.com."""
    action: str
    resource: str
    role: str = ""
    """ARN of the role whose session asks; empty for others."""
    resource_account: str = ""
    """Account that owns the resource; empty: the principal's own."""
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    complete: bool = False

    @property
    def account(self) -> str:
        """Of the principal; empty for a service."""
        parts = self.principal.split(":")
        return parts[4] if len(parts) > 4 else ""

    @property
    def same_account(self) -> bool:
        return not self.resource_account or self.resource_account == self.account

    @property
    def root(self) -> bool:
        """The account's root user asks."""
        return self.principal.endswith(":root")

    @property
    def service(self) -> bool:
        return not self.principal.startswith("arn:")

    def values(self, key: str) -> tuple[str, ...] | None:
        """Values of a condition key; None when it is not known whether there are any."""
        name = key.lower()
        own = {
            "aws:principalaccount": (self.account,),
            "aws:principalarn": (self.role or self.principal,),
            "aws:resourceaccount": (self.resource_account or self.account,),
        }
        if name in self.context:
            return self.context[name]
        if name in own and not self.service:
            return own[name]
        return () if self.complete else None
