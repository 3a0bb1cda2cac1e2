"""operator sla close, verify, restate, credits: months that are closed, and what follows from them."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import JsonValue

from dure.cli.common import CheckOption, JsonOption, ReasonOption, WorkspaceOption, counted, print_json, workspace_root

if TYPE_CHECKING:
    from dure.runs.promise.restate import Change

MonthArgument = Annotated[str, typer.Argument(help="The month, such as 2026-06.")]
SelectorArgument = Annotated[str, typer.Argument(help="Customer, customer/site or tag=…; empty: all with a contract.")]


def close(
    month: MonthArgument,
    selector: SelectorArgument = "",
    accept_missing: Annotated[
        bool, typer.Option("--accept-missing", help="Close although a check's data end early: that time is UNKNOWN.")
    ] = False,
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
            typer.echo(f"refused: {told.line()}", err=True)
    if as_json:
        print_json({"month": month, "customers": rows})
    else:
        verb = "would be closed" if check else "closed"
        summary = f"{counted(frozen, 'service')} {verb}, {already} {'was' if already == 1 else 'were'} closed already"
        summary += f", {counted(refused, 'customer')} refused"
        typer.echo(f"{month}: {summary}")
    if refused:
        raise typer.Exit(4)
    if check and frozen:
        raise typer.Exit(3)


def verify(
    month: MonthArgument,
    selector: SelectorArgument = "",
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
            wait = f"; {one.ledger} corrections wait in the ledger" if one.ledger else ""
            name = f"{one.customer}/{one.service} r{one.revision}"
            typer.echo(f"{name}: {one.what} is frozen as {one.frozen}, computed as {one.computed}{wait}")
        if not found:
            typer.echo(f"{month}: {services} services, all as they were closed")
        if undigested:
            told = f"{counted(undigested, 'service')} of it closed before digests were kept"
            typer.echo(f"{month}: {told}: computed again, but what does not follow from spans cannot be compared")
    if found:
        raise typer.Exit(3)


def restate(
    month: MonthArgument,
    customer: Annotated[str, typer.Argument(help="The customer.")],
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
        for change in found.changes:
            typer.echo(_change_words(change))
        for one in found.indicators:
            before, after = one.value
            told = f"{before or 'none'} -> {after or 'none'}, {one.verdict[0]} -> {one.verdict[1]}"
            told += ", altered in the database, frozen anew" if one.altered else ""
            typer.echo(f"indicator {one.indicator}: {told}")
        if found.applied:
            typer.echo(f"{customer} {month} has revision {found.revision}, approved by {', '.join(found.signers)}")
        elif not check:
            typer.echo(
                f"revision {found.revision} is proposed and signed by {', '.join(found.signers)}; to apply it, another "
                f"engineer runs: operator sla restate {month} {customer}"
            )
    if check and (found.changes or found.indicators):
        raise typer.Exit(3)


def _change_words(change: "Change") -> str:
    parts = ["altered in the database, frozen anew"] if change.altered else []
    parts += [f"{name} {count:+,} s" for name, count in change.seconds.items()]
    if change.verdict[0] != change.verdict[1]:
        parts.append(f"verdict {change.verdict[0]} -> {change.verdict[1]}")
    if change.credit[0] != change.credit[1]:
        parts.append(f"credit {change.credit[0]:,} -> {change.credit[1]:,} KRW")
    return f"{change.service}: {', '.join(parts) or 'the same seconds in other places'}"


def credits(
    month: MonthArgument,
    selector: SelectorArgument = "",
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, a line a service, for billing.")] = False,
    language: Annotated[str, typer.Option("--language", help="ko or en.")] = "ko",
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

    context = open_context(workspace_root(workspace))
    bills, missing = bills_of(context, selected_customers(context, selector), checked_month(month))
    if as_csv:
        write_csv(bills, sys.stdout)
    elif as_json:
        print_json({"month": month, "customers": [one.as_json() for one in bills], "not_closed": [*missing]})
    else:
        for line in credit_words(bills, language):
            typer.echo(line)
    if missing:
        typer.echo(f"{month} is not closed: {', '.join(missing)}; next: operator sla close {month}", err=True)
        raise typer.Exit(3)
