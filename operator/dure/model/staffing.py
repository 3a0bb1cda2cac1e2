"""Whether enough engineers are left for what two of them must sign."""

from pathlib import Path

from dure.model.msp import today_in_seoul
from dure.model.problem import Problem
from dure.model.workspace import load_workspace, read_operator

SIGNERS = 2
"""Exclusions, late windows, restatements, waivers and reviews are agreed by two different engineers."""


def staffing_notes(root: Path) -> list[Problem]:
    """Told where engineers have left and fewer than two are here, while contracts need two signatures.

    The workspace is valid otherwise: it is no fault of its files, and what is in force stays so.
    """
    operator, document, _, _ = read_operator(root)
    if operator is None:
        return []
    here = operator.on(today_in_seoul()).engineers
    if len(here) >= SIGNERS or len(here) == len(operator.engineers):
        return []
    if not any(one.contract is not None for one in load_workspace(root).customers):
        return []
    what = f"only {here[0].id} works here now" if here else "nobody of `engineers` works here now"
    why = "two different engineers sign exclusions, late windows, restatements, waivers and reviews"
    return [document.problem(("engineers",), what, why, "add a second engineer, or correct `until:` or `from:`")]
