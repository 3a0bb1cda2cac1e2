"""operator sla: how a service level came about, months closed and credited, indicators reviewed."""

import typer

from dure.cli.sla_explain import explain
from dure.cli.sla_import import import_data
from dure.cli.sla_months import close, credits, restate, verify
from dure.cli.sla_review import review
from dure.cli.sla_samples import samples
from dure.cli.sla_status import status
from dure.cli.sla_waive import waive

app = typer.Typer(
    no_args_is_help=True,
    help="Service levels, computed to the second. Example: operator sla status hansol-plastics",
)


@app.callback()
def group() -> None:
    """Service levels, computed to the second. Example: operator sla status hansol-plastics"""


app.command("status")(status)
app.command("explain")(explain)
app.command("import")(import_data)
app.command("close")(close)
app.command("verify")(verify)
app.command("restate")(restate)
app.command("credits")(credits)
app.command("review")(review)
app.command("waive")(waive)
app.command("samples")(samples)
