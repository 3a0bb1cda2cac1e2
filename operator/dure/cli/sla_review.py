"""operator sla review: what of the indicators to tighten, watch, retire and promote, and its approval by two."""

from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import JsonValue

from dure.cli.common import (
    JsonOption,
    LanguageOption,
    ReasonOption,
    Tongue,
    WorkspaceOption,
    print_json,
    workspace_root,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dure.runs.context import Context
    from dure.runs.promise.review.propose import Reviewed
    from dure.sla.quarter import Finding
    from dure.text.writing import Language

APPROVE = "approve"


def review(
    selector: Annotated[
        str, typer.Argument(help="Customer, customer/site or tag=…; empty: all. Or `approve`, to sign one.")
    ] = "",
    name: Annotated[str, typer.Argument(help="With approve: the review, such as hansol-plastics/2026-Q3.")] = "",
    quarter: Annotated[str, typer.Option("--quarter", help="Such as 2026-Q3; the last one over when absent.")] = "",
    start: Annotated[
        str, typer.Option("--from", help="First month that the changes count in; the next month when absent.")
    ] = "",
    propose: Annotated[bool, typer.Option("--propose", help="Write the changes as a file that two sign.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Also what stays as it is.")] = False,
    language: LanguageOption = Tongue.EN,
    reason: ReasonOption = "",
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Review a quarter's indicators by rule; two different engineers agree before the month in which it counts.

    Example: operator sla review hansol-plastics --quarter 2026-Q3 --propose

    Example: operator sla review approve hansol-plastics/2026-Q3
    """
    from dure.runs.context import open_context
    from dure.runs.promise import clock
    from dure.runs.promise.review.propose import checked_effective, checked_quarter, review_customers
    from dure.runs.promise.selection import selected_customers
    from dure.text.commands import say

    context = open_context(workspace_root(workspace))
    if selector == APPROVE:
        approve(context, name, language.value, as_json)
        return
    spoken: Language = language.value
    now = clock.now()
    asked = checked_quarter(quarter, now)
    found = review_customers(context, selected_customers(context, selector), asked, checked_effective(start), now)
    written = {one.customer: _propose(context, one, reason) for one in found} if propose else {}
    if as_json:
        print_json([{**_as_json(one), "file": written.get(one.customer)} for one in found])
        return
    for one in found:
        lines = markdown_lines(one, spoken, every=every) if markdown else text_lines(one, spoken, every=every)
        for line in lines:
            typer.echo(line)
        file = written.get(one.customer)
        if file is not None:
            typer.echo(say("review-written", spoken, file=file, name=f"{one.customer}/{one.quarter}"))
    if not found:
        typer.echo(say("no-customer", spoken))


def approve(context: "Context", name: str, language: "Language", as_json: bool) -> None:
    from dure.runs.promise import clock
    from dure.runs.promise.review.approve import approve_review
    from dure.text.commands import say

    one = approve_review(context, name, clock.now())
    if as_json:
        print_json(one.model_dump(mode="json"))
        return
    typer.echo(say("review-signed", language, name=f"{one.customer}/{one.quarter}", signers=", ".join(one.signers())))
    if one.agreed:
        typer.echo(say("review-counts", language, month=one.effective))
    else:
        typer.echo(say("another-signs", language), err=True)


def _propose(context: "Context", one: "Reviewed", reason: str) -> str | None:
    from dure.runs.promise.review.propose import propose

    proposal = propose(context, one, reason)
    return None if proposal is None else f"reviews/{proposal.customer}/{proposal.id}.yaml"


def _shown(one: "Reviewed", *, every: bool) -> "list[Finding]":
    from dure.sla.review import Step

    return [
        each
        for each in one.findings
        if every or each.held is not None or each.replaces is not None or each.step not in (Step.KEEP, Step.READY)
    ]


def _targets(one: "Reviewed", finding: "Finding") -> str:
    from dure.runs.promise.review.history import unscaled
    from dure.runs.promise.review.propose import INDICATORS, decimal

    before = decimal(one.targets[finding.key])
    if finding.target is None or finding.replaces is not None:
        return before
    return f"{before} -> {decimal(unscaled(INDICATORS[finding.key], finding.target))}"


def text_lines(one: "Reviewed", language: "Language", *, every: bool) -> "Iterator[str]":
    """A customer's review, a line an indicator."""
    from dure.text.review import NAMES, finding_words, step_words

    yield f"{one.customer} {one.quarter}: {_head(one, language)}"
    for each in _shown(one, every=every):
        name = NAMES[each.key].en if language == "en" else NAMES[each.key].ko
        told = f"{step_words(each, language)}; {finding_words(each, language)}"
        yield f"  {each.key} ({name}) {_targets(one, each)} {NAMES[each.key].unit}: {told}"


def markdown_lines(one: "Reviewed", language: "Language", *, every: bool) -> "Iterator[str]":
    """The same as a table, for the minutes of the review."""
    from dure.text.review import NAMES, finding_words, step_words

    yield f"## {one.customer} {one.quarter}"
    yield ""
    yield _head(one, language)
    rows = _shown(one, every=every)
    if not rows:
        return
    heads = ("indicator", "target", "proposal", "reason") if language == "en" else ("지표", "목표", "제안", "이유")
    yield ""
    yield f"| {' | '.join(heads)} |"
    yield "|---|---|---|---|"
    for each in rows:
        name = NAMES[each.key].en if language == "en" else NAMES[each.key].ko
        cells = (name, f"{_targets(one, each)} {NAMES[each.key].unit}", step_words(each, language))
        yield f"| {' | '.join(cells)} | {finding_words(each, language)} |"
    yield ""


def _head(one: "Reviewed", language: "Language") -> str:
    from dure.runs.promise.review.propose import changes_of
    from dure.text.commands import say

    missing = say("review-missing", language, months=", ".join(one.missing)) if one.missing else ""
    counts = {"months": len(one.months), "count": len(changes_of(one))}
    return say("review-head", language, effective=one.effective, missing=missing, **counts)


def _as_json(one: "Reviewed") -> dict[str, JsonValue]:
    from dure.runs.promise.review.history import unscaled
    from dure.runs.promise.review.propose import INDICATORS, decimal

    findings: list[JsonValue] = [
        {
            "indicator": each.key,
            "stage": each.stage.value,
            "step": "promote" if each.replaces is not None else each.step.value,
            "target": decimal(one.targets[each.key]),
            "new_target": None if each.target is None else decimal(unscaled(INDICATORS[each.key], each.target)),
            "replaces": each.replaces,
            "score": None if each.score is None else str(each.score),
            "held": None if each.held is None else each.held.value,
            "reason": each.reason,
        }
        for each in one.findings
    ]
    return {
        "customer": one.customer,
        "quarter": one.quarter,
        "effective": one.effective,
        "months": [*one.months],
        "not_closed": [*one.missing],
        "findings": findings,
    }
