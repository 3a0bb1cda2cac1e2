"""operator schema: JSON Schema for editors."""

import json
from enum import StrEnum
from typing import Annotated

import typer

from dure.cli.common import WorkspaceOption, print_json, workspace_root


class File(StrEnum):
    """The files that have a schema."""

    operator = "operator"
    customer = "customer"
    waivers = "waivers"


def schema(
    file: Annotated[File, typer.Argument(help="Which file's schema.")] = File.customer,
    write: Annotated[bool, typer.Option("--write", help="Put all schemas into .schema/ of the workspace.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the reference of all keys instead.")] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Print the JSON Schema of operator.yaml, waivers.yaml or a customer's file.

    Example: operator schema --write
    """
    from dure import toolkit_path
    from dure.errors import Refused, UsageError
    from dure.model.schema import schema_files, schema_of
    from dure.model.text import leads_out
    from dure.model.writing import cannot_write, replace_file

    if write and markdown:
        raise UsageError("--write and --markdown exclude each other", mend="give one of them")
    toolkit = toolkit_path()
    if markdown:
        from dure.model.reference_page import page

        typer.echo(page(toolkit), nl=False)
    elif write:
        root = workspace_root(workspace)
        files = schema_files(toolkit)
        for outside in filter(None, (leads_out(name, root, root / name) for name in files)):
            raise Refused(outside.what, where=outside.file, why=outside.why, mend=outside.mend)
        for name, content in files.items():
            target = root / name
            try:
                target.parent.mkdir(exist_ok=True)
            except OSError as error:
                raise cannot_write(target.parent, error) from error
            replace_file(target, (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode())
            typer.echo(f"{name} written")
    else:
        print_json(schema_of(file.value, toolkit))
