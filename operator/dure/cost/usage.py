"""How much is used a month: what the blueprint's parameters expect, else an assumption that is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from pydantic import JsonValue

HOURS = Decimal(730)
"""Of a month: 365 days by 24 hours by 12 months, as AWS reckons."""
PREFIX = "expected_"
ASSUMED: dict[str, tuple[int, str]] = {
    "hours": (730, "hours of each container"),
    "storage_gb": (10, "GB in each bucket"),
    "backup_gb": (100, "GB in the backup vault, versions included"),
    "database_backup_gb": (20, "GB of database backups beyond what is free"),
    "logs_gb": (1, "GB of logs of each log group"),
    "traffic_gb": (10, "GB through the NAT gateway or endpoint"),
    "internet_gb": (5, "GB to the internet through each load balancer and VPN connection"),
    "requests_million": (1, "million web requests"),
    "storage_requests_thousand": (10, "thousand write requests to each bucket"),
    "balancer_lcu": (1, "load balancer capacity units, on average"),
    "queries_million": (1, "million DNS queries"),
    "users": (30, "people who sign in"),
    "image_gb": (2, "GB of container images"),
    "build_minutes": (100, "minutes of builds"),
    "audit_events_million": (1, "million management events that GuardDuty looks at"),
    "audit_logs_gb": (1, "GB of flow and DNS logs that GuardDuty looks at"),
    "config_items": (500, "changes that AWS Config records"),
}
"""Name -> (default, words). A blueprint's parameter `expected_NAME` takes the default's place."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A quantity and how it came about, for people."""

    value: Decimal
    words: str


@dataclass(frozen=True, slots=True)
class Usage:
    """One stack's expectations."""

    expected: Mapping[str, Decimal]

    def of(self, name: str) -> Amount:
        """The expected amount; raises KeyError for a name that ASSUMED has not."""
        default, words = ASSUMED[name]
        if name in self.expected:
            return Amount(self.expected[name], f"{plain(self.expected[name])} {words} ({PREFIX}{name})")
        return Amount(Decimal(default), f"{default} {words} (assumed)")

    def hours(self) -> Amount:
        """Of what is there all the time."""
        return Amount(HOURS, f"{HOURS} hours")

    def running_hours(self) -> Amount:
        """Of what may be stopped: containers."""
        return self.of("hours") if "hours" in self.expected else self.hours()


def usage_of(parameters: Mapping[str, JsonValue]) -> Usage:
    """From a stack's parameters: numbers, also as text, under `expected_…`; the rest is not for us."""
    found: dict[str, Decimal] = {}
    for key, value in parameters.items():
        name = key.removeprefix(PREFIX)
        if name == key or name not in ASSUMED or isinstance(value, bool) or not isinstance(value, int | float | str):
            continue
        number = str(value)
        if number.replace(".", "", 1).isdecimal():
            found[name] = Decimal(number)
    return Usage(found)


def plain(number: Decimal) -> str:
    """Digits without an exponent and without idle zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
