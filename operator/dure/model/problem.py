"""A fault in the workspace, with its place, its reason and its mending."""

from dataclasses import asdict, dataclass

from pydantic import JsonValue

from dure.errors import UsageError
from dure.escaping import escaped


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """`file` is relative to the workspace; line and column count from 1 as editors do."""

    file: str
    line: int
    column: int
    what: str
    why: str
    mend: str

    def text(self) -> str:
        """`file:line:column: what, because why. To mend: mend`."""
        told = f"{self.file}:{self.line}:{self.column}: {self.what}, because {self.why}. To mend: {self.mend}"
        return escaped(told)  # a problem is one line, whatever a quoted value holds

    def as_json(self) -> dict[str, JsonValue]:
        return dict(asdict(self))


class WorkspaceInvalid(UsageError):
    """The files that a command needs hold problems; nothing was touched."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__(f"the workspace has {len(problems)} problem{'s' if len(problems) > 1 else ''}")

    def line(self) -> str:
        """The count, then each problem on a line of its own."""
        problems = getattr(self, "problems", [])
        return "\n".join([self.what, *(problem.text() for problem in problems)])

    def as_json(self) -> dict[str, object]:
        """The error, and its problems each with file, line and column."""
        return {**super().as_json(), "problems": [problem.as_json() for problem in self.problems]}
