"""Runs the program that the stack's configuration names: `dure:program` is a module of tiers/."""

import importlib
import pkgutil
import sys
from pathlib import Path

import pulumi

HERE = Path(__file__).parent


def main() -> None:
    if str(HERE) not in sys.path:
        sys.path.insert(0, str(HERE))
    name = pulumi.Config("dure").require("program")
    known = sorted(one.name for one in pkgutil.iter_modules([str(HERE / "tiers")]))
    if name not in known:
        raise pulumi.RunError(f"dure:program is {name!r}; the programs are {', '.join(known)}")
    try:
        importlib.import_module("iaas.tags").tag_everything(pulumi.Config("dure").get_object("tags") or {})
        importlib.import_module(f"tiers.{name}").program()
    except ValueError as error:  # arguments that a component refused: one line, no traceback
        raise pulumi.RunError(str(error)) from error


main()
