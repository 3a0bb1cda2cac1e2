"""operator sla explain: a figure led back to the seconds that it follows from."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import JsonValue

from dure.cli.common import JsonOption, LanguageOption, Tongue, WorkspaceOption, workspace_root

if TYPE_CHECKING:
    from dure.text.writing import Language


def explain(
    case: Annotated[
        str, typer.Argument(help="A file with an accounting case (docs/sla.md has the format), or a customer.")
    ],
    service: Annotated[
        str, typer.Argument(help="With a customer: the service; `indicators`, or `indicator:KEY`, explains those.")
    ] = "",
    month: Annotated[str, typer.Argument(help="With a customer: the closed month, such as 2026-06.")] = "",
    as_json: JsonOption = False,
    lines: Annotated[
        bool, typer.Option("--lines", help="The file has one case a line; print one result a line.")
    ] = False,
    export: Annotated[
        Path | None, typer.Option("--export", help="Write the accounting case of the closed month to this file.")
    ] = None,
    revision: Annotated[int | None, typer.Option("--revision", help="An older revision of the closed month.")] = None,
    language: LanguageOption = Tongue.EN,
    workspace: WorkspaceOption = None,
) -> None:
    """Show how a service's figure came about, from its data to the verdict; exit 2 when the case is wrong.

    Example: operator sla explain case.json

    Example: operator sla explain hansol-plastics files 2026-06 --language ko

    Example: operator sla explain hansol-plastics indicator:first_response 2026-06
    """
    spoken: Language = language.value
    if service == "indicators" or service.startswith("indicator:"):
        explain_indicators(workspace_root(workspace), (case, service, month), as_json, spoken)
    elif service:
        explain_stored(workspace_root(workspace), (case, service, month), as_json, export, revision, spoken)
    elif lines:
        explain_lines(Path(case))
    else:
        explain_one(Path(case), as_json, spoken)


def explain_indicators(root: Path, name: tuple[str, str, str], as_json: bool, language: "Language") -> None:
    """All thirty in a line each, or one with every record that it rests on; exit 3 when one has changed since."""
    from dure.cli.indicator_lines import long_lines, short_line
    from dure.runs.context import open_context
    from dure.runs.promise.book import require_book
    from dure.runs.promise.due import checked_month
    from dure.runs.promise.indicators.explaining import ALL, explained

    customer, wanted, month = name
    context = open_context(root)
    found = explained(context, customer, wanted, checked_month(month))
    if as_json:
        rows: list[JsonValue] = [one.as_json() for one in found]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    elif wanted == ALL:
        for one in found:
            typer.echo(short_line(one, language))
    else:
        zone = require_book(context, customer).contract.zone
        for line in long_lines(found[0], zone, language):
            typer.echo(line)
    changed = [one.indicator.key for one in found if one.differences]
    if changed:
        typer.echo(f"changed since the close: {', '.join(changed)}; see: operator sla verify {month}", err=True)
        raise typer.Exit(3)


def explain_one(file: Path, as_json: bool, language: "Language") -> None:
    from dure.model.accounting import read_case, result_of
    from dure.text.derivation import derivation

    model, account = read_case(file)
    if as_json:
        typer.echo(json.dumps(result_of(account), ensure_ascii=False, indent=2))
    else:
        typer.echo(derivation(model, account, language), nl=False)


def explain_lines(file: Path) -> None:
    """A line that is wrong has its error as its result, so that the lines of both files stay side by side."""
    from dure.model.accounting import CaseInvalid, accounts_of_lines, result_of

    wrong = 0
    for account in accounts_of_lines(file):
        if isinstance(account, CaseInvalid):
            wrong += 1
            print(json.dumps(account.as_json(), ensure_ascii=False))
            for problem in account.problems:
                print(f"error: {problem.text()}", file=sys.stderr)
        else:
            print(json.dumps(result_of(account), ensure_ascii=False))
    if wrong:
        typer.echo(f"{wrong} case{'s' if wrong > 1 else ''} could not be computed", err=True)
        raise typer.Exit(2)


def explain_stored(
    root: Path,
    name: tuple[str, str, str],
    as_json: bool,
    export: Path | None,
    revision: int | None,
    language: "Language",
) -> None:
    from dure.model.accounting import result_of
    from dure.model.writing import replace_file
    from dure.runs.context import open_context
    from dure.runs.promise.due import checked_month
    from dure.runs.promise.stored import stored_figure
    from dure.store.promise.months import is_made_up
    from dure.text.derivation import derivation

    customer, service, month = name
    context = open_context(root)
    found = stored_figure(context, customer, service, checked_month(month), revision)
    made_up = is_made_up(context.store)
    row = found.row
    if export is not None:
        replace_file(export, (json.dumps(found.case, ensure_ascii=False) + "\n").encode())
    head: dict[str, JsonValue] = {
        "customer": customer,
        "service": service,
        "month": month,
        "revision": row.revision,
        "closed_by": row.closed_by,
        "closed_at": row.closed_at.isoformat(timespec="seconds"),
        "calendar": row.calendar,
        "policy": row.policy,
        "engine": row.engine,
        "digest": row.digest,
        "row_digest": row.seal or None,
        "agrees": found.agrees,
        "made_up": made_up,
    }
    if as_json:
        result: dict[str, JsonValue] = {**head, "result": result_of(found.account), "case": found.case}
        typer.echo(json.dumps(result, ensure_ascii=False, indent=2))
    else:
        typer.echo(head_words(head, language))
        typer.echo(derivation(found.model, found.account, language), nl=False)
    if not found.agrees:
        typer.echo(
            "the spans have changed since it was closed, so that this is not the closed figure; "
            f"see: operator sla verify {month} {customer}",
            err=True,
        )
        raise typer.Exit(3)


def head_words(head: dict[str, JsonValue], language: "Language") -> str:
    """Whose month it is, who closed it, and what is on record with it."""
    policy, spans, kept = str(head["policy"])[:16], str(head["digest"])[:16], str(head["row_digest"] or "")[:16]
    if language == "ko":
        note = "  [지어낸 자료입니다]" if head["made_up"] else ""
        return (
            f"{head['customer']}/{head['service']} {head['month']}, {head['revision']}판, "
            f"마감 {head['closed_by']}{note}\n"
            f"달력 {head['calendar']}, 계산기 {head['engine']}, 계약 지문 {policy}, 구간 지문 {spans}\n"
            + (f"행 지문 {kept}\n" if kept else "지문을 남기기 전에 마감한 달입니다\n")
        )
    note = "  [made-up data]" if head["made_up"] else ""
    return (
        f"{head['customer']}/{head['service']} {head['month']}, revision {head['revision']}, "
        f"closed by {head['closed_by']}{note}\n"
        f"calendar {head['calendar']}, engine {head['engine']}, policy {policy}, spans {spans}\n"
        + (f"row {kept}\n" if kept else "closed before digests of rows were kept\n")
    )
