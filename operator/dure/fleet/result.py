"""What a command on a machine gave back."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CommandResult:
    """Exit code, both streams as they came, and how long it took."""

    code: int
    stdout: bytes
    stderr: bytes
    seconds: float

    @property
    def text(self) -> str:
        """Standard output as text without the white space around it."""
        return self.stdout.decode(errors="replace").strip()

    @property
    def complaint(self) -> str:
        """The last line of standard error, else of standard output: what a person wants to read."""
        return self.last_words or f"exit code {self.code} without a word"

    @property
    def last_words(self) -> str:
        """The last line of standard error, else of standard output; empty when there is none."""
        lines = (self.stderr or self.stdout).decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""
