"""What watches: alarms, logs, audit, budgets, sign-in."""

from decimal import Decimal

from dure.cost.line import Lines, PricedType, Target, counted, each, times
from dure.cost.usage import HOURS, Amount, plain

CLOUDWATCH = "AmazonCloudWatch"
FREE_USERS = Decimal(10_000)
"""Active users a month that cost nothing, for ever (AWS, Amazon Cognito pricing, Essentials)."""
DAYS = HOURS / 24


def alarm(target: Target) -> Lines:
    """An alarm, by the number of metrics that it looks at."""
    queries = target.mappings("metricQueries")
    metrics = sum(1 for one in queries if one.get("metric")) or 1
    return [
        each(CLOUDWATCH, "alarm-month", metrics, counted(metrics, "metric") if metrics > 1 else "for the whole month")
    ]


def composite_alarm(target: Target) -> Lines:
    """An alarm of alarms."""
    return [each(CLOUDWATCH, "composite-alarm-month")]


def log_group(target: Target) -> Lines:
    """What is written to a log, and what is kept of it, packed to a fifth."""
    written = target.usage.of("logs_gb")
    days = target.number("retentionInDays")
    months = max(Decimal(1), days / 30) if days else Decimal(12)
    kept = f"{counted(months.quantize(Decimal('0.1')), 'month')} kept" + ("" if days else " (for ever; a year assumed)")
    packed = Amount(written.value * months / 5, f"{written.words} × {kept}, packed to a fifth")
    return [times(CLOUDWATCH, "log-gb", written), times(CLOUDWATCH, "log-storage-gb", packed)]


def threat_detector(target: Target) -> Lines:
    """What GuardDuty looks at."""
    if target.inputs.get("enable") is False:
        return []
    return [
        times("AmazonGuardDuty", "event-million", target.usage.of("audit_events_million")),
        times("AmazonGuardDuty", "log-gb", target.usage.of("audit_logs_gb")),
    ]


def recorder(target: Target) -> Lines:
    """What AWS Config records."""
    return [times("AWSConfig", "item", target.usage.of("config_items"))]


def budget_action(target: Target) -> Lines:
    """A budget that acts, by the day; the two that are free in an account are not told apart."""
    days = Amount(
        DAYS, f"{plain(DAYS.quantize(Decimal('0.1')))} days; an account's first two are free and counted here"
    )
    return [times("AWSBudgets", "action-budget-day", days)]


def user_pool(target: Target) -> Lines:
    """Active users beyond the first 10,000."""
    users = target.usage.of("users")
    paying = max(Decimal(0), users.value - FREE_USERS)
    if not paying:
        return []
    return [times("AmazonCognito", "active-user", Amount(paying, f"{users.words}, without the first 10,000"))]


TYPES: dict[str, PricedType] = {
    "aws:cloudwatch/metricAlarm:MetricAlarm": alarm,
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": composite_alarm,
    "aws:cloudwatch/logGroup:LogGroup": log_group,
    "aws:guardduty/detector:Detector": threat_detector,
    "aws:cfg/recorder:Recorder": recorder,
    "aws:budgets/budgetAction:BudgetAction": budget_action,
    "aws:cognito/userPool:UserPool": user_pool,
}
