"""Arguments and options that the commands of service levels share: one spelling and one help text."""

from typing import Annotated

import typer

from dure.cli.common import plain_text

CustomerArgument = Annotated[str, typer.Argument(help="The customer.")]
SelectorArgument = Annotated[str, typer.Argument(help="Customer, customer/site or tag=…; empty: all.")]
MonthArgument = Annotated[str, typer.Argument(help="The month, such as 2026-06.")]
FromOption = Annotated[str, typer.Option("--from", help="First moment, local: 2026-06-11T10:00.")]
ToOption = Annotated[str, typer.Option("--to", help="First moment after it.")]
WordOption = Annotated[str, typer.Option("--name", help="A word that completes its id.")]
ServicesOption = Annotated[
    list[str] | None, typer.Option("--service", help="A service that it is about; may be given again. None: all.")
]
EvidenceOption = Annotated[
    str, typer.Option("--evidence", callback=plain_text, help="What shows it: a notice, an address, a file.")
]
