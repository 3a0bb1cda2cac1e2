"""Fills a made-up company's past: spans and outages, restores, notes of the last month, and files of other systems."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from dure.model.promise.agreement_files import write_agreement
from dure.model.report_style import DIRECTORY
from dure.model.writing import replace_file
from dure.runs.context import Context
from dure.runs.promise.approval import approved
from dure.runs.promise.demo.answers import write_answers
from dure.runs.promise.demo.company import ALL_CHECKS, BACKUP, INTERVAL, MADE_UP, RESPONSE_MS, TIMED, Company
from dure.runs.promise.demo.consoles import benefit_of, endpoints_of
from dure.runs.promise.demo.desk import Row, surveys_of, tickets_of, usage_of
from dure.runs.promise.demo.history import SEOUL, Past, detections, timeline_of
from dure.runs.promise.demo.notes import notes_of, review_of
from dure.runs.promise.demo.trouble import Trouble, troubles_of
from dure.runs.promise.demo.upkeep import RESTORE_SECONDS, Upkeep, backup_spans, upkeep_of
from dure.runs.promise.records.command import KINDS, import_records
from dure.sla.periods import month, parsed_month
from dure.sla.spans import Spans
from dure.store.promise.months import MADE_UP as MADE_UP_SETTING
from dure.store.promise.record_tables import RestoreRow
from dure.store.promise.spans import replace_spans, series_of
from dure.store.promise.tables import OutageRow
from dure.store.tables import Base, Setting

DAY = 86400


@dataclass(frozen=True, slots=True)
class Filled:
    """What records and notes of a company have in common: its interruptions, and how it was kept month by month."""

    company: Company
    number: int
    spans: int
    troubles: tuple[Trouble, ...]
    months: tuple[Upkeep, ...]


def fill(first: Context, second: Context, company: Company, number: int, past: Past, names: Sequence[str]) -> Filled:
    """Write spans, outages and restores of all months, and what engineers add to the last one."""
    months = tuple(upkeep_of(company, number, past, name) for name in names)
    timelines = {check: timeline_of(company, number, check, past) for check in ALL_CHECKS if check != BACKUP}
    timelines[BACKUP] = backup_spans(months, past)
    troubles = troubles_of(company, past, timelines)
    with first.store.transaction() as session:
        _write_past(session, company, timelines, past)
        session.add_all(_restore(company, name, one) for name, one in zip(names, months, strict=True))
    _write_notes(first, company, names[-1], notes_of(company, number, names[-1], troubles, months[-1]))
    review = review_of(company, number, names[-1])
    if review is not None:
        before = month(*parsed_month(names[-1]), SEOUL)[0] - 5 * DAY
        write_agreement(first.workspace, approved(second, approved(first, review, before), before))
    return Filled(company, number, sum(map(len, timelines.values())), troubles, months)


def _write_past(session: Session, company: Company, timelines: Mapping[str, Spans], past: Past) -> None:
    if session.get(Setting, MADE_UP_SETTING) is None:
        session.add(Setting(name=MADE_UP_SETTING, value=f"operator demo data --seed {past.seed}"))
    series = series_of(session, company.id, "check", ALL_CHECKS)
    for check, spans in timelines.items():
        replace_spans(session, series[check], past.period, spans, {}, (), 1)
        write_outages(session, series[check], spans)
        if company.is_timed and check == TIMED:
            write_answers(session, company.id, check, spans, past, RESPONSE_MS, INTERVAL)


def write_outages(session: Session, series: int, spans: Spans) -> None:
    """The interruptions of a made-up timeline, as a monitor would have confirmed them; safe to repeat."""
    session.execute(delete(OutageRow).where(OutageRow.series == series))
    rows = [
        {"series": series, "start": one.start, "detected": one.detected, "end": one.end, "recovered": one.recovered}
        for one in detections(spans)
    ]
    if rows:
        session.execute(insert(Base.metadata.tables[OutageRow.__tablename__]), rows)


def _restore(company: Company, name: str, one: Upkeep) -> RestoreRow:
    return RestoreRow(
        run=f"made-up-{company.id}-{name}",
        site=f"{company.id}/head-office",
        at=one.restored_at,
        ok=True,
        seconds=RESTORE_SECONDS,
        snapshot_at=one.saved_at,
    )


def _write_notes(context: Context, company: Company, name: str, text: str) -> None:
    place = context.workspace / DIRECTORY / company.id
    place.mkdir(parents=True)
    replace_file(place / f"{name}.yaml", text.encode())


def take_records(context: Context, filled: Sequence[Filled], past: Past, names: Sequence[str]) -> None:
    """Write files as other systems would give them, and take them in as an engineer would."""
    rows: dict[str, Iterator[Row]] = {
        "tickets": (row for one in filled for row in tickets_of(one.company, past, names, one.troubles)),
        "survey": (row for one in filled for row in surveys_of(one.company, past, names)),
        "usage": (row for one in filled for row in usage_of(one.company, one.number, past, names)),
        "endpoints": (row for one in filled for row in endpoints_of(one.company, one.number, past, one.months)),
        "benefit": (row for one in filled for row in benefit_of(one.company, names, _acted(one, past, names))),
    }
    place = context.workspace / "imports"
    place.mkdir()
    for kind, given in rows.items():
        file = place / f"made-up-{kind}.csv"
        with file.open("w", encoding="utf-8", newline="") as stream:
            table = csv.DictWriter(stream, [*KINDS[kind].required, *KINDS[kind].optional])
            table.writeheader()
            table.writerows(given)
        import_records(
            context, kind, file, "csv", past.period[1] + 7 * DAY, f"operator demo data {MADE_UP}", check=False
        )


def _acted(one: Filled, past: Past, names: Sequence[str]) -> dict[str, int]:
    """Month -> users of the groupware, as the file of use has them."""
    return {str(row["month"]): int(row["acted"]) for row in usage_of(one.company, one.number, past, names)}
