"""operator sla close, verify, restate, credits: months that are closed, and what follows from them."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import JsonValue

from dure.cli.common import (
    CheckOption,
    JsonOption,
    LanguageOption,
    ReasonOption,
    Tongue,
    WorkspaceOption,
    print_json,
    workspace_root,
)
from dure.cli.promise_options import CustomerArgument, MonthArgument

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dure.runs.promise.restate import Change, Restated
    from dure.text.writing import Language

SelectorArgument = Annotated[str, typer.Argument(help="Customer, customer/site or tag=…; empty: all with a contract.")]


def close(
    month: MonthArgument,
    selector: SelectorArgument = "",
    accept_missing: Annotated[
        bool, typer.Option("--accept-missing", help="Close although a check's data end early: that time is UNKNOWN.")
    ] = False,
    language: LanguageOption = Tongue.EN,
    check: CheckOption = False,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Freeze a month's figures, from the third business day on; what is frozen never changes. Safe to repeat.

    Example: operator sla close 2026-06
    """
    from dure.runs.context import open_context
    from dure.runs.promise import clock
    from dure.runs.promise.close_command import close_and_record
    from dure.runs.promise.due import checked_month
    from dure.runs.promise.selection import selected_customers
    from dure.text.commands import say

    context = open_context(workspace_root(workspace))
    customers = selected_customers(context, selector)
    rows: list[JsonValue] = []
    refused = frozen = already = 0
    results = close_and_record(
        context, customers, checked_month(month), clock.now(), accept_missing=accept_missing, check=check
    )
    for one in results:
        frozen, already = frozen + len(one.frozen), already + len(one.already)
        told = one.refused
        refused += told is not None
        rows.append(
            {
                "customer": one.customer,
                "frozen": [*one.frozen],
                "already": [*one.already],
                "refused": told.line() if told else None,
            }
        )
        if told is not None:
            typer.echo(say("refused", language.value, why=told.line()), err=True)
    if as_json:
        print_json({"month": month, "customers": rows})
    else:
        key = "would-be-closed" if check else "closed"
        typer.echo(say(key, language.value, month=month, frozen=frozen, already=already, refused=refused))
    if refused:
        raise typer.Exit(4)
    if check and frozen:
        raise typer.Exit(3)


def verify(
    month: MonthArgument,
    selector: SelectorArgument = "",
    language: LanguageOption = Tongue.EN,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Compute a closed month again from its spans and compare; exit 3 when anything differs.

    Example: operator sla verify 2026-06
    """
    from dataclasses import asdict

    from dure.runs.context import open_context
    from dure.runs.promise.due import checked_month
    from dure.runs.promise.selection import selected_customers
    from dure.runs.promise.verify import verify_months
    from dure.text.commands import say

    context = open_context(workspace_root(workspace))
    looked = list(verify_months(context, selected_customers(context, selector), checked_month(month)))
    services, undigested = sum(one.services for one in looked), sum(one.undigested for one in looked)
    found = [difference for one in looked for difference in one.differences]
    if as_json:
        differences: list[JsonValue] = [asdict(one) for one in found]
        counts: dict[str, JsonValue] = {"services": services, "without_digest": undigested}
        print_json({"month": month, **counts, "differences": differences})
    else:
        for one in found:
            wait = say("waits", language.value, count=one.ledger) if one.ledger else ""
            name = f"{one.customer}/{one.service} r{one.revision}"
            told = {"what": one.what, "frozen": str(one.frozen), "computed": str(one.computed)}
            typer.echo(say("differs", language.value, name=name, wait=wait, **told))
        if not found:
            typer.echo(say("verified", language.value, month=month, services=services))
        if undigested:
            typer.echo(say("undigested", language.value, month=month, count=undigested))
    if found:
        raise typer.Exit(3)


def restate(
    month: MonthArgument,
    customer: CustomerArgument,
    language: LanguageOption = Tongue.EN,
    check: CheckOption = False,
    reason: ReasonOption = "",
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Make a new revision of a closed month: one engineer proposes and signs it, another signs and applies it.

    Example: operator sla restate 2026-06 hansol-plastics --reason "samples of the collector came late"
    """
    from dataclasses import asdict

    from dure.runs.context import open_context
    from dure.runs.promise import clock
    from dure.runs.promise.due import checked_month
    from dure.runs.promise.restate import restate as restate_month

    context = open_context(workspace_root(workspace))
    found = restate_month(context, customer, checked_month(month), reason, clock.now(), check=check)
    if as_json:
        print_json(asdict(found))
    else:
        for line in _restatement_lines(found, customer, month, language.value, check=check):
            typer.echo(line)
    if check and (found.changes or found.indicators):
        raise typer.Exit(3)


def _restatement_lines(
    found: "Restated", customer: str, month: str, language: "Language", *, check: bool
) -> "Iterator[str]":
    """What differs, and whether it holds now."""
    from dure.text.commands import say

    for change in found.changes:
        yield f"{change.service}: {', '.join(_change_words(change, language)) or say('same-seconds', language)}"
    for one in found.indicators:
        before, after = (value or say("none", language) for value in one.value)
        altered = "".join(
            f", {say(key, language)}" for key, is_so in (("altered", one.altered), ("records", one.records)) if is_so
        )
        judged, judged_now = one.verdict
        yield (
            say(
                "indicator",
                language,
                name=one.indicator,
                before=before,
                after=after,
                judged=judged,
                judged_now=judged_now,
            )
            + altered
        )
    key = "restated" if found.applied else "restatement-proposed"
    if found.applied or not check:
        signers = ", ".join(found.signers)
        yield say(key, language, customer=customer, month=month, revision=found.revision, signers=signers)


def _change_words(change: "Change", language: "Language") -> "Iterator[str]":
    from fractions import Fraction

    from dure.sla.ratio import percent
    from dure.text.commands import say

    if change.altered:
        yield say("altered", language)
    if change.added:
        yield say("added", language, verdict=change.verdict[1])
    for name, count in change.seconds.items():
        yield say("seconds", language, name=name, count=count)
    target = [percent(Fraction(one)) if one else "" for one in change.target]
    told = {"verdict": change.verdict, "target": target, "fee": change.fee, "credit": change.credit}
    if change.added:
        del told["verdict"]  # said above
    known = {key: pair for key, pair in told.items() if pair[0] != pair[1]}
    for key, (before, after) in known.items():
        yield say(key, language, before=before, after=after)
    if change.terms and not {"target", "fee"} & known.keys():
        yield say("terms", language)


def credits(
    month: MonthArgument,
    selector: SelectorArgument = "",
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, a line a service, for billing.")] = False,
    language: LanguageOption = Tongue.EN,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show supply value, VAT and credits of a closed month, in won; exit 3 when a customer's month is not closed.

    Example: operator sla credits 2026-06 --csv
    """
    from dure.runs.context import open_context
    from dure.runs.promise.credits import bills_of, credit_words, write_csv
    from dure.runs.promise.due import checked_month
    from dure.runs.promise.selection import selected_customers
    from dure.text.commands import say

    context = open_context(workspace_root(workspace))
    bills, missing = bills_of(context, selected_customers(context, selector), checked_month(month))
    if as_csv:
        write_csv(bills, sys.stdout)
    elif as_json:
        print_json({"month": month, "customers": [one.as_json() for one in bills], "not_closed": [*missing]})
    else:
        for line in credit_words(bills, language.value):
            typer.echo(line)
    if missing:
        typer.echo(say("not-closed", language.value, month=month, customers=", ".join(missing)), err=True)
        raise typer.Exit(3)
