"""All that is wrong with a file, up to twenty: one is enough to write nothing."""

from dure.model.problem import Problem
from dure.runs.promise.intake.batch import MOST, Enough, ImportInvalid


class Faults:
    """Problems of one file in the order in which they are found."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    @property
    def count(self) -> int:
        return len(self.problems)

    def add(self, line: int, column: int, what: str, why: str, mend: str) -> None:
        """Raises Enough at the twentieth."""
        self.problems.append(Problem(self.file, line, column, what, why, mend))
        if len(self.problems) >= MOST:
            raise Enough

    def require_none(self) -> None:
        """Raises ImportInvalid with all of them."""
        if self.problems:
            raise ImportInvalid(self.problems)
