"""Alarms on what a tenant's software counts itself: errors, and requests that took too long."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from iaas import names
from iaas.component import Component, refuse, wrong_ids

NAMESPACE = "Dure/Tenant"
"""Where the software writes its metrics, with the dimension `Site`; tenants of the pool share every other metric."""


@dataclass(frozen=True)
class TenantWatchArgs:
    msp: str
    customer: str
    site: str
    topic_arn: str
    errors_in_five_minutes: int = 10
    slow_seconds: float = 2.0

    def __post_init__(self) -> None:
        wrong = wrong_ids(msp=self.msp, customer=self.customer, site=self.site)
        if self.errors_in_five_minutes < 1 or self.slow_seconds <= 0:
            wrong.append("thresholds are above 0")
        refuse("tenant watch", wrong)


class TenantWatch(Component):
    """Outputs: `errors`, `slow` (names of the alarms)."""

    def __init__(self, name: str, args: TenantWatchArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._args = args
        self.errors = self._alarm("errors", "Errors", "Sum", float(args.errors_in_five_minutes))
        self.slow = self._alarm("slow", "Seconds", "Average", args.slow_seconds)
        self._done({"errors": self.errors, "slow": self.slow})

    def _alarm(self, kind: str, metric: str, statistic: str, threshold: float) -> pulumi.Output[str]:
        args = self._args
        alarm = aws.cloudwatch.MetricAlarm(
            f"{self._name}-{kind}",
            name=names.role(args.msp, args.customer, args.site, kind),
            alarm_description=f"{metric} of {args.customer}/{args.site}",
            namespace=NAMESPACE,
            metric_name=metric,
            dimensions={"Site": f"{args.customer}/{args.site}"},
            statistic=statistic,
            comparison_operator="GreaterThanThreshold",
            threshold=threshold,
            period=300,
            evaluation_periods=2,
            treat_missing_data="notBreaching",
            alarm_actions=[args.topic_arn],
            ok_actions=[args.topic_arn],
            opts=self._part(),
        )
        return alarm.name
