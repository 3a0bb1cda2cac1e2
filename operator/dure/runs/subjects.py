"""The stacks of the workspace as subjects of rules and prices: each previewed, nothing touched."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pydantic import JsonValue, TypeAdapter, ValidationError

from dure import toolkit_path
from dure.cloud.stack import Stack
from dure.errors import UsageError
from dure.model import SiteFiles, load_site, load_workspace
from dure.model.blueprints import load_blueprint, parameters_of
from dure.model.text import printable
from dure.plan import resolve
from dure.plan.subject import Subject, subject_of
from dure.plan.value import CloudPlan
from dure.runs.context import Context
from dure.runs.provision.secret_values import passphrase
from dure.runs.selector import parse_selector

BOX_ROLES = {"box"}
SUBJECTS = TypeAdapter(list[Subject])


def subjects_of(context: Context, selector: str) -> Iterator[Subject]:
    """Subjects of all sites with a cloud part that the selector picks. Raises UsageError when it picks none."""
    wanted = parse_selector(selector)
    sites = load_workspace(context.workspace).site_ids()
    picked = [one for one in sites if wanted.matches(context.workspace, one, BOX_ROLES)]
    if not picked and selector:
        raise UsageError(
            f'"{printable(selector)}" picks no site',
            why=f"the workspace has {', '.join(sites[:5]) or 'none'}{' …' if len(sites) > 5 else ''}",
            mend="operator policy check hansol-plastics",
        )
    for site in picked:
        files = load_site(context.workspace, site)
        plan = resolve(files, toolkit_path()).cloud
        if plan is not None:
            yield previewed(context, files, plan)


def previewed(context: Context, files: SiteFiles, plan: CloudPlan) -> Subject:
    """One stack's preview; before it has a passphrase it is previewed against an empty state that is thrown away."""
    secret = passphrase(context)
    with tempfile.TemporaryDirectory(prefix="dure-preview-") as scratch:
        settings = context.settings
        if not secret:
            settings = settings.model_copy(update={"pulumi_backend": f"file://{scratch}"})
        preview = Stack(plan, context.workspace, settings, secret or "preview").preview()
    return subject_of(plan, preview.resources, site=files.site_id, place=place_of(files), parameters=_parameters(files))


def place_of(files: SiteFiles) -> str:
    """Where the site stands: `customers/hansol-plastics.yaml:28`."""
    if files.customer is None or files.site is None or files.document is None:
        return "operator.yaml:1"
    line, _ = files.document.at(("sites", files.customer.sites.index(files.site)))
    return f"{files.document.file}:{line}"


def _parameters(files: SiteFiles) -> dict[str, JsonValue]:
    """The blueprint's, resolved: `expected_…` among them."""
    if files.site is None:
        return {}
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
