"""What one process does for a batch: open the workspace once, then make one report after the other."""

from dataclasses import replace

from dure.errors import DureError
from dure.report.batch import Done, Order
from dure.report.build import report_of
from dure.report.collect import Shelf, collect, language_of, open_shelf
from dure.report.files import file_name, write_report
from dure.store.database import store_at

_open: dict[str, tuple[Shelf, Order]] = {}
"""One entry: what all reports of this process share."""


def prepare(order: Order) -> None:
    """Once a process. Raises WorkspaceInvalid."""
    _open["order"] = (open_shelf(order.root, store_at(order.root, order.store_url)), order)


def make(customer: str) -> Done:
    """One report; an error becomes a line."""
    shelf, order = _open["order"]
    language = order.language or language_of(order.root, customer)
    file = order.directory / file_name(customer, order.month, language, order.form)
    try:
        source = collect(shelf, customer, order.month)
        report = report_of(replace(source, unvouched=order.unvouched.get(customer, ())))
        return Done(customer, file, write_report(report, language, order.form, file))
    except DureError as error:
        return Done(customer, file, False, error.line())
    except ValueError as error:
        return Done(customer, file, False, f"the closed month contradicts itself: {str(error).splitlines()[0]}")
