"""Stacks brought to what the workspace says, upstream first."""

import contextlib
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from dure.cloud.preview import Preview
from dure.errors import Cancelled, DureError, Refused
from dure.model import load_site
from dure.plan.stacks import StackPlan
from dure.plan.subject import Resource, Subject
from dure.runs.checkout import head_commit
from dure.runs.context import Context
from dure.runs.stacks.applied import put_identity, remember
from dure.runs.stacks.aws_refusals import refuse_what_aws_will
from dure.runs.stacks.change import Change, Listener, Options, Work, approve, left_alone, result_of
from dure.runs.stacks.fleet import Fleet, open_fleet
from dure.runs.stacks.judged import Judge, judgement_lines
from dure.runs.stacks.last_day import ended_on, refuse_expired
from dure.runs.stacks.plan_file import Saved, SavedStack, first_difference, refuse_stale
from dure.runs.stacks.preview import preview_all
from dure.runs.stacks.result import Report, StackPreview, StackResult
from dure.runs.stacks.tenant_database import has_database, make
from dure.runs.stacks.text import preview_text
from dure.runs.subjects import subject_of_site


def up(
    context: Context,
    plans: list[StackPlan],
    options: Options,
    listener: Listener,
    *,
    changed: bool = False,
    ask: bool = True,
    saved: Saved | None = None,
    judge: Judge | None = None,
) -> Report | None:
    """Preview, ask, apply. None when nothing would change.

    `ask`: show the previews and ask `listener.agree`; without, each stack is applied as it comes. `saved`: just what
    that file holds, else Refused with nothing touched. `judge` sees each preview before it is shown or applied. What
    was shown is what happens: a stack that would change in another way by then is refused.
    """
    with open_fleet(context, changing=True) as fleet:
        previews: dict[str, StackPreview] = {}
        if saved is not None or ask:
            found = preview_all(
                fleet, plans, parallel=options.parallel, changed=changed, cancel=listener.cancelled, tell=listener.tell
            )
            previews = {one.site: one for one in found}
            if saved is not None:
                refuse_stale(saved, found)
            _refuse_broken(found)
            told = preview_text(found)
            if judge is not None:
                judge.check(found)
                told = "\n".join([told, "", *judgement_lines(judge.judge(found))])
            if ask:
                if not any(one.would_change for one in found):
                    _remember_unchanged(fleet, found)
                    return None
                approve(listener, told)
        elif judge is not None:
            previews = _look_together(fleet, plans, options, listener, judge, changed=changed)
        work = Up(fleet, previews, saved, judge, changed=changed, agreed=ask or saved is not None)
        needs = {plan.site: plan.upstream for plan in plans}
        return Change(context, "up", plans, options, listener).carry_out(work, needs, work.known)


def _look_together(
    fleet: Fleet, plans: list[StackPlan], options: Options, listener: Listener, judge: Judge, *, changed: bool
) -> dict[str, StackPreview]:
    """So that `judge` knows, before the first is applied, what those will be that may not be allowed together.

    Returns those in which nothing would change, by site: they need no second look. Raises Refused where one tenant
    would reach another; what one budget cannot hold is refused stack by stack.
    """
    open_ones = [plan for plan in plans if not _stands_as_wanted(fleet, plan)]
    together = judge.bearing_on_each_other(open_ones)
    if not together:
        return {}
    cancel, tell = listener.cancelled, listener.tell
    found = preview_all(fleet, together, parallel=options.parallel, changed=changed, cancel=cancel, tell=tell)
    judge.refuse_reaching(found)
    return {one.site: one for one in found if one.preview is not None and one.preview.empty and not one.provisional}


def _stands_as_wanted(fleet: Fleet, plan: StackPlan) -> bool:
    """Known by its digest; False while its upstream does not stand."""
    return not fleet.waits_for(plan) and fleet.is_applied(plan, fleet.identity_of(plan))


def _refuse_broken(found: list[StackPreview]) -> None:
    """What cannot even be previewed is told before anything is touched."""
    for one in found:
        if one.fault is not None:
            raise DureError(one.fault.what, why=one.fault.why, mend=one.fault.mend)


def _remember_unchanged(fleet: Fleet, found: list[StackPreview]) -> None:
    """They are as the workspace says: --changed need not look at them again."""
    context = fleet.context
    commit = head_commit(context.workspace)
    for one in found:
        if one.preview is not None and not one.provisional and not fleet.is_applied(one.plan, one.identity):
            subject = subject_of_site(context, one.site, one.plan.cloud, one.preview.resources, one.boundary)
            remember(context.store, one.plan, one.identity, context.engineer, "", commit, subject)


class Up:
    """Brings one stack up; called from many threads."""

    def __init__(
        self,
        fleet: Fleet,
        previews: dict[str, StackPreview],
        saved: Saved | None,
        judge: Judge | None,
        *,
        changed: bool,
        agreed: bool,
    ) -> None:
        """`agreed`: what `previews` show is what somebody agreed to, and nothing else may be done."""
        self._fleet = fleet
        self._agreed = agreed
        self._previews = previews
        self._saved = {one.plan.site: one for one in saved.stacks} if saved else {}
        self._judge = judge
        self._changed = changed
        self._commit = head_commit(fleet.context.workspace)

    def known(self, plan: StackPlan) -> StackResult | None:
        """Ended, or with --changed known by its digest once its upstream is done. None: it has to be looked at."""
        ended = ended_on(self._fleet, plan)
        if ended:
            return left_alone(plan, ended)
        if not self._changed or not _stands_as_wanted(self._fleet, plan):
            return None
        return left_alone(plan, "as last applied")

    def __call__(self, work: Work) -> StackResult:
        fleet, context, plan = self._fleet, self._fleet.context, work.plan
        missing = fleet.waits_for(plan)
        if missing:
            mend = f"operator stacks up {missing[0]}"
            raise DureError(f"{plan.site} builds on what does not stand", why=f"{missing[0]} is not applied", mend=mend)
        refuse_unallocated(context, plan)
        refuse_expired(context, plan)
        outputs, wanted = fleet.outputs_for(plan), fleet.identity_of(plan)
        shown = self._previews.get(plan.site)
        same = shown is not None and shown.identity == wanted
        promised = shown.preview if shown is not None and not shown.provisional and (self._agreed or same) else None
        seen = Seen(self._fleet.context, plan, wanted, plan.boundary_in(outputs), promised, self._judge)
        if promised is not None and promised.empty and same:
            seen.keep(promised.resources)
            if has_database(plan):
                put_identity(context.store, plan.site, "")
            result = left_alone(plan, f"all {promised.unchanged} resources are as they should be", promised)
            told = fleet.at_rest(plan).outputs(reveal=False) if has_database(plan) else {}
        else:
            if work.cancelled():
                raise Cancelled(f"{plan.site} was not begun")
            with _engine_plan(self._saved.get(plan.site)) as engine_plan:
                stack = fleet.stack(plan, outputs)
                done = stack.up(work.tell, work.cancelled, saved=engine_plan, approve=seen.approve)
                seen.keep(done.resources)
                result, told = result_of(plan, done), {name: str(value) for name, value in done.outputs.items()}
        fleet.has_applied(plan)
        result = self._with_database(plan, result, told, outputs)
        remember(context.store, plan, wanted, context.engineer, work.run, self._commit, seen.subject)
        return result

    def _with_database(
        self, plan: StackPlan, result: StackResult, outputs: Mapping[str, str], upstream: Mapping[str, str]
    ) -> StackResult:
        """Also where the engine changed nothing: a run may have died before this step."""
        if not has_database(plan):
            return result
        changes, note = make(plan, outputs, upstream, self._fleet.context.settings)
        if not changes:
            return result.model_copy(update={"note": "; ".join(filter(None, (result.note, note)))})
        return result.model_copy(update={"state": "changed", "changes": (*result.changes, *changes), "reason": ""})


class Seen:
    """What one stack would become, as the engine tells it under its lock right before it does it."""

    def __init__(
        self,
        context: Context,
        plan: StackPlan,
        wanted: str,
        boundary: str,
        promised: Preview | None,
        judge: Judge | None,
    ) -> None:
        """`promised` is what somebody agreed to; None: it was provisional, or nobody was asked."""
        self._context, self._plan, self._wanted, self._boundary = context, plan, wanted, boundary
        self._promised, self._judge = promised, judge
        self._resources: Iterable[Resource] | None = None

    def approve(self, found: Preview) -> None:
        """Raises Refused for what was not shown, and for what AWS or a rule forbids. Else it is begun."""
        site = self._plan.site
        difference = first_difference(self._promised, found) if self._promised is not None else ""
        if difference:
            mend = f"operator stacks up {site}, and look again"
            raise Refused(f"{site} would not be what was shown; it was not touched", why=difference, mend=mend)
        refuse_what_aws_will(site, found.resources)
        if self._judge is not None:
            one = StackPreview(plan=self._plan, identity=self._wanted, preview=found, boundary=self._boundary)
            self._judge.check([one])
        put_identity(self._context.store, site, "")

    def keep(self, resources: Iterable[Resource]) -> None:
        """As they stand, with what AWS alone could tell: other stacks are judged beside them."""
        self._resources = resources

    @property
    def subject(self) -> Subject:
        """For rules that look beside a stack. Raises DureError where nothing was seen."""
        if self._resources is None:
            raise DureError(f"{self._plan.site} was applied without a look at it", where=self._plan.site)
        return subject_of_site(self._context, self._plan.site, self._plan.cloud, self._resources, self._boundary)


def refuse_unallocated(context: Context, plan: StackPlan) -> None:
    """An overlay that is not written down yet may become another site's; AWS would then route it to both.

    Raises DureError for a stack whose site has none.
    """
    if plan.cloud.inputs.get("overlay") and load_site(context.workspace, plan.site).allocations.of(plan.site) is None:
        why = f"{plan.cloud.inputs['overlay']} is only what it would get, and AWS is to route it to the site"
        mend = f"operator allocate {plan.site}"
        raise DureError(f"{plan.site} has no overlay yet", where=plan.site, why=why, mend=mend)


@contextlib.contextmanager
def _engine_plan(saved: SavedStack | None) -> Iterator[Path | None]:
    if saved is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="dure-plan-") as place:
        file = Path(place, "plan.json")
        file.touch(mode=0o600)
        file.write_text(saved.engine, encoding="utf-8")
        yield file
