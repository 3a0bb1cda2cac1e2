"""A program's outputs: told to the engine, and described for docs/cloud.md, in one go."""

from collections.abc import Mapping

import pulumi


def export(described: Mapping[str, str], values: Mapping[str, pulumi.Input[str]]) -> None:
    """Raises ValueError when the program tells other outputs than it describes."""
    if described.keys() != values.keys():
        raise ValueError(
            f"outputs {', '.join(sorted(described.keys() ^ values.keys()))} are told or described, not both"
        )
    for name in sorted(values):
        pulumi.export(name, values[name])
