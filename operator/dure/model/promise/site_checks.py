"""The checks that the blueprints of a customer's sites bring."""

from collections.abc import Iterable, Mapping

from dure.model.blueprint import Blueprint
from dure.model.customer import Site


def site_checks(sites: Iterable[Site], blueprints: Mapping[str, Blueprint]) -> dict[str, int]:
    """site/check -> interval in seconds; of a site without a known blueprint there are none."""
    return {
        f"{site.id}/{check.name}": check.interval_seconds
        for site in sites
        if site.blueprint in blueprints
        for check in blueprints[site.blueprint].checks
    }
