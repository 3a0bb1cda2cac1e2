"""operator sla samples: the samples behind the spans, for a dispute."""

import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import JsonValue

from dure.cli.common import (
    CheckOption,
    JsonOption,
    LanguageOption,
    Tongue,
    WorkspaceOption,
    print_json,
    workspace_root,
)
from dure.cli.promise_options import FromOption, ToOption

if TYPE_CHECKING:
    from dure.text.writing import Language


def samples(
    customer: Annotated[str, typer.Argument(help="The customer; none with --prune.")] = "",
    name: Annotated[str, typer.Argument(metavar="[CHECK]", help="The check, as the contract writes it.")] = "",
    start: FromOption = "",
    end: ToOption = "",
    prune: Annotated[
        bool, typer.Option("--prune", help="Pack samples older than 14 days; let go what no month needs any more.")
    ] = False,
    language: LanguageOption = Tongue.EN,
    check: CheckOption = False,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Print a check's samples as CSV, in the form that `operator sla import` reads; with --prune pack old ones.

    Example: operator sla samples hansol-plastics web --from 2026-06-11T10:00 --to 2026-06-11T12:00
    """
    if prune:
        prune_samples(workspace_root(workspace), language.value, check=check, as_json=as_json)
        return
    from dure.errors import UsageError

    if not (customer and name and start and end):
        why, mend = "samples are of one check and one time", "operator sla samples CUSTOMER CHECK --from … --to …"
        raise UsageError("which samples?", why=why, mend=mend)
    from zoneinfo import ZoneInfo

    from dure.runs.context import open_context
    from dure.runs.promise.book import require_book
    from dure.runs.promise.sampling import samples_of
    from dure.runs.promise.windows import local_moment
    from dure.store.promise.codes import STATES

    context = open_context(workspace_root(workspace))
    zone = ZoneInfo(require_book(context, customer).contract.zone)
    found = samples_of(context, customer, name, (local_moment(start, zone), local_moment(end, zone)))
    if as_json:
        rows: list[JsonValue] = [
            [row.ts, STATES[row.state].value, source.prober, row.latency_ms] for source, row in found
        ]
        print_json({"samples": rows})
        return
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("customer", "check", "time", "state", "latency_ms"))
    writer.writerows(
        (source.customer, source.check, row.ts, STATES[row.state].value, row.latency_ms) for source, row in found
    )
    if not found:
        from dure.text.commands import say

        typer.echo(say("no-samples", language.value), err=True)


def prune_samples(root: Path, language: "Language", *, check: bool, as_json: bool) -> None:
    """Pack and let go, and say what."""
    from dataclasses import asdict

    from dure.runs.context import open_context
    from dure.runs.promise import clock
    from dure.runs.promise.sampling import prune
    from dure.text.commands import say

    done = prune(open_context(root), clock.now(), check=check)
    if as_json:
        print_json(asdict(done))
    else:
        key = "would-be-packed" if check else "packed"
        typer.echo(say(key, language, samples=done.samples, days=done.days, forgotten=done.forgotten))
        if done.hosts:
            typer.echo(say("hosts-would-go" if check else "hosts-gone", language, rows=done.hosts))
    if check and (done.days or done.forgotten or done.hosts):
        raise typer.Exit(3)
