"""How a tenant's people sign in: a group and a client of the shared user pool."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from iaas import names
from iaas.component import Component, refuse, wrong_ids
from iaas.dns_zone import DOMAIN


@dataclass(frozen=True)
class TenantLoginArgs:
    customer: str
    site: str
    host: str
    user_pool_id: str
    role_arn: pulumi.Input[str]

    def __post_init__(self) -> None:
        wrong = wrong_ids(customer=self.customer, site=self.site)
        if not DOMAIN.fullmatch(self.host):
            wrong.append(f"host {self.host!r} is no host name")
        refuse("tenant login", wrong)


class TenantLogin(Component):
    """Outputs: `client_id`, `group`."""

    def __init__(self, name: str, args: TenantLoginArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        group = aws.cognito.UserGroup(
            f"{name}-people",
            name=names.role(args.customer, args.site),
            user_pool_id=args.user_pool_id,
            description=f"People of {args.customer}/{args.site}",
            role_arn=args.role_arn,
            opts=self._part(),
        )
        client = aws.cognito.UserPoolClient(
            f"{name}-client",
            name=names.role(args.customer, args.site),
            user_pool_id=args.user_pool_id,
            generate_secret=False,
            allowed_oauth_flows=["code"],
            allowed_oauth_flows_user_pool_client=True,
            allowed_oauth_scopes=["openid", "email"],
            callback_urls=[f"https://{args.host}/signed-in"],
            supported_identity_providers=["COGNITO"],
            prevent_user_existence_errors="ENABLED",
            explicit_auth_flows=["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            opts=self._part(),
        )
        self.client_id, self.group = client.id, group.name
        self._done({"client_id": self.client_id, "group": self.group})
