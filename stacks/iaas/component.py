"""What all components share: options of their parts, and one ValueError for all that is wrong in arguments.

Components postpone their annotations: a module of pulumi_aws takes up to seconds to load, and so a program loads only
those whose resources it makes.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

import pulumi

ID = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
LONGEST_ID = 40


def wrong_ids(**ids: str) -> list[str]:
    """What is wrong with ids of the workspace, one sentence each."""
    wrong = [
        f"{name} {value!r} is not lower case letters, digits and hyphens"
        for name, value in ids.items()
        if not ID.fullmatch(value)
    ]
    wrong += [
        f"{name} {value[:12]}… has {len(value)} characters; names on AWS are made of it: at most {LONGEST_ID}"
        for name, value in ids.items()
        if len(value) > LONGEST_ID
    ]
    return wrong


def missing(**values: str) -> list[str]:
    """A sentence for each value that is empty. Values not yet known are not looked at."""
    return [f"{name} is empty" for name, value in values.items() if isinstance(value, str) and not value]


def refuse(what: str, wrong: Iterable[str]) -> None:
    """Raises ValueError with everything that is wrong, when anything is."""
    every = list(wrong)
    if every:
        raise ValueError(f"{what}: {'; '.join(every)}")


class Component(pulumi.ComponentResource):
    """A component of type `dure:iaas:<class>`, whose parts are made with `_part()` and told with `_done()`."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(f"dure:iaas:{type(self).__name__}", name, None, opts)
        self._name = name

    def _part(
        self,
        *,
        protect: bool | None = None,
        depends_on: Sequence[pulumi.Resource] | None = None,
        ignore_changes: Sequence[str] | None = None,
    ) -> pulumi.ResourceOptions:
        ignored = list(ignore_changes) if ignore_changes else None
        return pulumi.ResourceOptions(parent=self, protect=protect, depends_on=depends_on, ignore_changes=ignored)

    def _done(self, outputs: Mapping[str, pulumi.Input[object]]) -> None:
        self.register_outputs(dict(outputs))
