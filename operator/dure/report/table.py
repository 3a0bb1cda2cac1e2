"""The services of a report as CSV, one row a service: exact numbers in plain columns, for spreadsheets."""

import csv
import io

from dure.report.data import Report
from dure.text.cells import as_text
from dure.text.writing import Language

COLUMNS = (
    "customer",
    "month",
    "report_revision",
    "service",
    "name",
    "target_percent",
    "availability_percent",
    "lower_percent",
    "upper_percent",
    "coverage_percent",
    "observed_percent",
    "verdict",
    "agreed_seconds",
    "up_seconds",
    "degraded_seconds",
    "down_seconds",
    "unknown_seconds",
    "degraded_weight",
    "counted_seconds",
    "maintenance_seconds",
    "excluded_seconds",
    "incidents",
    "fee_won",
    "credit_won",
    "revision",
    "digest",
    "row_digest",
    "explain",
)


def csv_of(report: Report, language: Language) -> str:
    """The table, with a byte-order mark so that Korean Excel reads it as UTF-8."""
    sheet = io.StringIO()
    table = csv.writer(sheet, lineterminator="\r\n")
    table.writerow(COLUMNS)
    for one in report.services:
        seconds = one.seconds
        figures = (one.availability, one.lower, one.upper, one.coverage, one.observed)
        table.writerow(
            [
                report.customer,
                report.month,
                report.revision,
                one.id,
                as_text(one.name.text(language)),
                one.target.shown,
                *("" if figure is None else figure.shown for figure in figures),
                one.verdict.value,
                *(seconds.ast, seconds.up, seconds.degraded, seconds.down, seconds.unknown),
                *(one.degraded_weight, one.bad),
                *(seconds.maintenance, seconds.excluded),
                sum(row.is_counted for row in one.outages),
                one.credit.fee,
                one.credit.due,
                one.revision,
                one.digest,
                one.row,
                one.explain,
            ]
        )
    return "\ufeff" + sheet.getvalue()
