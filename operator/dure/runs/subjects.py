"""The stacks of the workspace as subjects of rules and prices: each previewed, nothing touched."""

import json
from collections.abc import Iterable
from pathlib import Path

from pydantic import JsonValue, TypeAdapter, ValidationError

from dure import toolkit_path
from dure.errors import DureError, UsageError
from dure.model import SiteFiles, load_site
from dure.model.blueprints import load_blueprint, parameters_of
from dure.plan.stacks import BOUNDARY
from dure.plan.subject import Resource, Subject, subject_of
from dure.plan.value import CloudPlan
from dure.runs.context import Context
from dure.runs.stacks.fleet import open_fleet
from dure.runs.stacks.preview import preview_all
from dure.runs.stacks.result import StackPreview
from dure.runs.stacks.selection import place_of, selected

PARALLEL = 2
SUBJECTS = TypeAdapter(list[Subject])


def subjects_of(context: Context, selector: str) -> list[Subject]:
    """Subjects of the stacks that the selector picks, all without one; each is previewed and nothing is touched.

    Raises UsageError when it picks none, and DureError for a stack that cannot be previewed.
    """
    plans = selected(context, selector, everything=not selector)
    with open_fleet(context, changing=False) as fleet:
        found = preview_all(
            fleet, plans, parallel=PARALLEL, changed=False, cancel=lambda: False, tell=lambda line: None
        )
    for one in found:
        if one.fault is not None:
            raise DureError(one.fault.what, why=one.fault.why, mend=one.fault.mend)
    return subjects_of_previews(context, found)


def subjects_of_previews(context: Context, previews: Iterable[StackPreview]) -> list[Subject]:
    """Those of which a preview could be made; what is not known has neither price nor rule."""
    known = [(one, one.preview) for one in previews if one.preview is not None]
    return [subject_of_site(context, one.site, one.plan.cloud, seen.resources, one.boundary) for one, seen in known]


def subject_of_site(
    context: Context, site: str, plan: CloudPlan, resources: Iterable[Resource], boundary: str = ""
) -> Subject:
    """One stack with these resources, which a preview or an apply told; the landing zone gives it the boundary's ARN.

    Raises WorkspaceInvalid for faults in the site's files.
    """
    files = load_site(context.workspace, site)
    bounded: dict[str, JsonValue] = {BOUNDARY: boundary} if boundary else {}
    return subject_of(
        plan,
        resources,
        site=files.site_id,
        place=place_of(files),
        parameters=_parameters(files) | bounded,
    )


def _parameters(files: SiteFiles) -> dict[str, JsonValue]:
    """The blueprint's, resolved: `expected_…` among them."""
    if files.site is None:
        zone = files.operator.landing_zone
        return dict(zone.expected()) if zone else {}
    return parameters_of(load_blueprint(toolkit_path(), files.site.blueprint), files.site)


def read_subjects(file: Path) -> list[Subject]:
    """Subjects that were written down before, one or a list, as JSON. Raises UsageError for anything else."""
    try:
        given = json.loads(file.read_text(encoding="utf-8"))
        return SUBJECTS.validate_python(given if isinstance(given, list) else [given])
    except OSError as error:
        raise UsageError(
            f"{file} cannot be read", why=error.strerror or "the system refused", mend=f"ls -l {file}"
        ) from error
    except (ValueError, ValidationError) as error:
        why = str(error).splitlines()[0]
        raise UsageError(f"{file} holds no planned stacks", why=why, mend="write it anew by a preview") from error
