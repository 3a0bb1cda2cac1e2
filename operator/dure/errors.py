"""The one family of errors that a command turns into a message and an exit code."""


class DureError(Exception):
    """What went wrong, why, and the command or edit that mends it; `exit_code` is the process's.

    Exit codes: 1 could not do its work; 2 usage or invalid workspace; 3 worked and found something;
    4 refused by policy; 130 cancelled.
    """

    exit_code = 1

    def __init__(self, what: str, *, why: str = "", mend: str = "", where: str = "") -> None:
        self.what = what
        self.why = why
        self.mend = mend
        self.where = where
        super().__init__(self.line())

    def line(self) -> str:
        """`where: what, why: mend` with the empty parts left out."""
        text = f"{self.where}: {self.what}" if self.where else self.what
        if self.why:
            text += f", because {self.why}"
        if self.mend:
            text += f". To mend: {self.mend}"
        return text

    def as_json(self) -> dict[str, object]:
        """What `--json` prints in place of a result, ready for JSON."""
        told = {"what": self.what, "why": self.why, "mend": self.mend, "where": self.where}
        return {"error": {**told, "exit_code": self.exit_code}}


class UsageError(DureError, ValueError):
    """The command line or the workspace is wrong; nothing was touched."""

    exit_code = 2


class Refused(DureError, PermissionError):
    """A rule of the house forbids it; nothing was touched."""

    exit_code = 4


class Cancelled(DureError):
    """Somebody asked for it to stop."""

    exit_code = 130


class DeadlineExceeded(DureError, TimeoutError):
    """A remote act did not end in its time."""
