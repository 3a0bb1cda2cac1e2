"""Previews kept in a file, so that `up` does just what was looked at, elsewhere and later.

The file holds the engine's own plans (their secrets are sealed with the stacks' passphrase) and ours: whatever would
happen otherwise, by another workspace, other programs or a cloud that has changed meanwhile, is refused before anything
is touched. The engine holds to its plan besides.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from dure.cloud.preview import Preview, ResourceChange
from dure.errors import Refused, UsageError
from dure.model.writing import replace_file
from dure.plan.difference import leaf_differences
from dure.plan.stacks import StackPlan
from dure.runs.stacks.result import StackPreview, Value


class SavedStack(Value):
    """`engine` is the engine's plan as it wrote it."""

    plan: StackPlan
    identity: str
    preview: Preview
    engine: str


class Saved(Value):
    """A plan file. `left_out` are stacks whose previews were provisional or left out, and why."""

    version: Literal[1] = 1
    made_at: str
    made_by: str
    commit: str
    stacks: tuple[SavedStack, ...]
    left_out: dict[str, str] = Field(default={})


def save(file: Path, previews: list[StackPreview], engine_plans: Path, made_by: str, commit: str) -> Saved:
    """Write the exact previews to the file (0600); the provisional ones cannot be promised and are left out."""
    stacks: list[SavedStack] = []
    left_out: dict[str, str] = {}
    for one in previews:
        plan_file = engine_plans / f"{one.plan.cloud.stack}.json"
        if one.preview is None or one.provisional:
            left_out[one.site] = (
                one.provisional or one.skipped or one.ended or (one.fault.what if one.fault else "as last applied")
            )
        else:
            engine = plan_file.read_text(encoding="utf-8")
            stacks.append(SavedStack(plan=one.plan, identity=one.identity, preview=one.preview, engine=engine))
    saved = Saved(
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        made_by=made_by,
        commit=commit,
        stacks=tuple(stacks),
        left_out=left_out,
    )
    replace_file(file, saved.model_dump_json().encode(), mode=0o600)
    return saved


def load(file: Path) -> Saved:
    """Raises UsageError when it is no plan file."""
    try:
        return Saved.model_validate_json(file.read_bytes())
    except OSError as error:
        why, mend = error.strerror or "the system refused", "make one: operator stacks preview --all --save FILE"
        raise UsageError("the plan file cannot be read", where=str(file), why=why, mend=mend) from error
    except ValidationError as error:
        why, mend = "it is damaged, or of another version of Dure", "preview again with --save"
        raise UsageError("that is no plan file", where=str(file), why=why, mend=mend) from error


def refuse_changed_workspace(saved: Saved, plan_of: Callable[[str], StackPlan]) -> list[StackPlan]:
    """The plans as the workspace has them now, when they are those of the file; Refused names the first difference."""
    plans = []
    for one in saved.stacks:
        now = plan_of(one.plan.site)
        if now.digest != one.plan.digest:
            differences = leaf_differences(one.plan.model_dump(mode="json"), now.model_dump(mode="json"))
            raise _refused(one.plan.site, f"the workspace has changed since: {differences[0].text()}")
        plans.append(now)
    return plans


def refuse_stale(saved: Saved, found: list[StackPreview]) -> None:
    """Raises Refused when what would happen now is not what the file holds."""
    now = {one.site: one for one in found}
    for one in saved.stacks:
        site, seen = one.plan.site, now[one.plan.site]
        if seen.preview is None or seen.provisional:
            told = seen.provisional or seen.ended or (seen.fault.line() if seen.fault else seen.skipped)
            raise _refused(site, f"it cannot be previewed as it was: {told}")
        if seen.identity != one.identity:
            raise _refused(site, "the programs of Dure, or what its upstream puts out, are others than they were")
        difference = first_difference(one.preview, seen.preview)
        if difference:
            raise _refused(site, difference)


def first_difference(promised: Preview, now: Preview) -> str:
    """In words; empty when both would do the same."""
    before = {one.urn: one for one in promised.changes}
    after = {one.urn: one for one in now.changes}
    for urn in sorted(before.keys() | after.keys()):
        old, new = before.get(urn), after.get(urn)
        if old is None and new is not None:
            return f"it would also {new.line()}"
        if new is None and old is not None:
            return f"it would no longer {old.line()}"
        if old is not None and new is not None and old != new:
            return _changed(old, new)
    return ""


def _changed(old: ResourceChange, new: ResourceChange) -> str:
    if old.op != new.op:
        return f"it would {new.line()}, and not {old.op} it"
    theirs = {one.path: one for one in old.properties}
    for one in new.properties:
        if theirs.get(one.path) != one:
            return f"{new.line()} would be {one.before} -> {one.after}"
    return f"it would {new.line()} in another way"


def _refused(site: str, why: str) -> Refused:
    mend = "preview it again with --save, look, and give the new file"
    return Refused(f"{site} would not be what was previewed; nothing was touched", why=why, mend=mend)
