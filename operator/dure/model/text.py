"""Bytes of a workspace file -> clean text, with a Problem for all that an editor or attacker may have put there."""

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from dure.escaping import escaped
from dure.model.problem import Problem

MAX_BYTES = 1024 * 1024
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# Characters nobody sees: they make two keys look alike or text read in another order than it stands.
# The fillers of Hangul (U+115F and its like) are letters to Unicode, and as empty as a space.
UNSEEN = (
    "\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb"
    "\U000e0000-\U000e007f"
)
INVISIBLE = re.compile(f"[\u00a0{UNSEEN}]")
TAB_INDENT = re.compile(r"^ *\t[ \t]*(?=[^\s#])", re.MULTILINE)
CONFLICT = re.compile(r"^(<<<<<<<|>>>>>>>|=======$)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Text:
    """`content` is None when parsing it would tell nothing more."""

    content: str | None
    problems: list[Problem]


def place(content: str, offset: int) -> tuple[int, int]:
    """Line and column, from 1, of an offset."""
    return content.count("\n", 0, offset) + 1, offset - content.rfind("\n", 0, offset)


def too_large(file: str, size: int, limit: int = MAX_BYTES) -> Problem:
    what = f"the file has {size:,} bytes"
    return Problem(file, 1, 1, what, f"at most {limit:,} are read", "split it, or remove what does not belong in it")


def printable(text: str, length: int = 60) -> str:
    """Text from a command line as a message may show it: on one line, without control characters, not too long."""
    return escaped(text[:length]) + ("…" if len(text) > length else "")


def absent(file: Path) -> bool:
    """There is no such file. A link that leads nowhere is not absent, nor is what the system hides."""
    try:
        file.lstat()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False


PRIVATE = (".dure", ".git")
"""What the workspace keeps for this workstation alone: nothing that is shared may lead there."""


def leads_out(name: str, root: Path, file: Path) -> Problem | None:
    """A link on the way to a file of the workspace `root` that leads out of it: its text is not the workspace's."""
    steps = file.relative_to(root).parts
    if steps[0] in PRIVATE and len(steps) > 1:  # a workstation may keep its own on another disk
        return leads_out(name, root / steps[0], file)
    try:
        if not any(root.joinpath(*steps[: at + 1]).is_symlink() for at in range(len(steps))):
            return None
    except OSError:
        return None  # reading it tells why
    real, ground = Path(os.path.realpath(file)), Path(os.path.realpath(root))
    first = real.relative_to(ground).parts[:1] if real.is_relative_to(ground) else None
    if first is not None and (first == steps[:1] or first[:1] == () or first[0] not in PRIVATE):
        return None
    away = f"{name} leads out of the workspace" if first is None else f"{name} leads to this workstation's own files"
    why = f"it is a link, or lies behind one, to {real if first is None else real.relative_to(ground)}"
    return Problem(name, 1, 1, away, why, f"rm {name}, and put a file of the workspace in its place")


def read_bytes(name: str, file: Path, limit: int = MAX_BYTES, root: Path | None = None) -> bytes | Problem:
    """The file's content, or why it is not read; its size is looked at first. `name` is for messages.

    With `root` the file is one of that workspace, and is not followed out of it.
    """
    outside = leads_out(name, root, file) if root is not None else None
    if outside is not None:
        return outside
    try:
        status = file.stat()
        if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for ever
            why = "it is a directory, a pipe or a device"
            return Problem(name, 1, 1, f"{name} is not a file", why, "move it away")
        if status.st_size > limit:
            return too_large(name, status.st_size, limit)
        return file.read_bytes()
    except OSError as error:
        return Problem(name, 1, 1, "the file cannot be read", error.strerror or "the system refused", f"ls -l {name}")


def clean(file: str, raw: bytes, limit: int = MAX_BYTES) -> Text:
    """Decode and look for what YAML would misread; `file` is the name for messages."""
    if len(raw) > limit:
        return Text(None, [too_large(file, len(raw), limit)])
    if raw[:4] in (b"\xff\xfe\0\0", b"\0\0\xfe\xff"):
        return Text(None, [_not_utf8(file, raw, 0, "UTF-32")])
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return Text(None, [_not_utf8(file, raw, 0, "UTF-16")])
    problems = []
    if raw.startswith(b"\xef\xbb\xbf"):
        mend = f"sed -i '1s/^\\xEF\\xBB\\xBF//' {file}"
        problems.append(
            Problem(
                file,
                1,
                1,
                "the file starts with a byte-order mark",
                "UTF-8 needs none and other tools trip over it",
                mend,
            )
        )
        raw = raw[3:]
    try:
        content = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return Text(None, [*problems, _not_utf8(file, raw, error.start, _korean_encoding(raw))])
    if "\r" in content:
        line, column = place(content, content.index("\r"))
        what, mend = "the file has Windows line ends (CRLF)", f"sed -i 's/\\r$//' {file}"
        if content.count("\r") != content.count("\r\n"):
            what = "the file has line ends of an old Mac (CR), or some of them"
            mend = f"sed -i 's/\\r$//; s/\\r/\\n/g' {file}"
        why = "every other file of a workspace ends lines with LF"
        problems.append(Problem(file, line, column, what, why, mend))
        content = content.replace("\r\n", "\n").replace("\r", "\n")
    found = _first_faults(file, content)
    return Text(None if found else content, problems + found)


def _korean_encoding(raw: bytes) -> str:
    try:
        raw.decode("cp949")
    except UnicodeDecodeError:
        return ""
    return "CP949"


def _not_utf8(file: str, raw: bytes, offset: int, guess: str) -> Problem:
    line = raw.count(b"\n", 0, offset) + 1
    column = offset - raw.rfind(b"\n", 0, offset)
    why, mend = "a workspace file is UTF-8 text", "save the file as UTF-8"
    if guess:
        why, mend = (
            f"the file reads as {guess}",
            f"iconv -f {guess} -t UTF-8 {file} > {file}.new && mv {file}.new {file}",
        )
    return Problem(file, line, column, f"byte 0x{raw[offset]:02x} is not UTF-8", why, mend)


def _first_faults(file: str, content: str) -> list[Problem]:
    """The first of each kind; more of a kind are counted, not listed."""
    kinds = (
        (
            CONFLICT,
            "a merge conflict is unresolved",
            "git left its markers here",
            "resolve it and remove the markers, then `git add` the file",
        ),
        (CONTROL, "control character U+{code:04X}", "a workspace file is readable text", "delete the character"),
        (
            INVISIBLE,
            "invisible character U+{code:04X}",
            "text must be what it looks like",
            "type a plain space, or delete it",
        ),
        (
            TAB_INDENT,
            "a tab indents the line",
            "YAML indents with spaces alone",
            f"sed -i 's/\\t/  /g' {file}, then look at the indents",
        ),
    )
    problems = []
    for pattern, what, why, mend in kinds:
        hits = pattern.finditer(content)
        first = next(hits, None)
        if first is None:
            continue
        offset = content.index("\t", first.start()) if pattern is TAB_INDENT else first.start()
        more = sum(1 for _ in hits)
        line, column = place(content, offset)
        told = what.format(code=ord(content[offset]))
        if more and pattern is not CONFLICT:
            told += f" (and {more} more)"
        problems.append(Problem(file, line, column, told, why, mend))
    return problems
