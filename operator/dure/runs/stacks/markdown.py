"""A preview as one comment on a pull request: summary first, within the host's limit whatever the fleet. Pure."""

from collections.abc import Iterable, Sequence

from dure.runs.stacks.preview import headline
from dure.runs.stacks.result import StackPreview
from dure.runs.stacks.text import details

LIMIT = 60_000
"""Characters; GitHub takes 65,536 for a comment, GitLab more."""
MARKER = "<!-- dure-stacks-preview -->"
"""First line of the comment, by which CI finds the one to edit in place."""
OPERATIONS = ("create", "update", "replace", "delete")
SHORTEST = 600
"""Characters that are kept for what could not be shown."""
JUDGED = LIMIT // 3
"""Characters that rules and cost take at most, their heading included, before the table gets what is left."""
IN_THE_LOG = "lines are in the job's log"


def markdown(previews: Sequence[StackPreview], judged: Sequence[str] = ()) -> str:
    """At most LIMIT characters: the summary and the table of what needs eyes, then details as far as there is room.

    `judged` are lines on rules and cost; they come before the details, and up to JUDGED characters are kept for them
    however long the table is.
    """
    head = [MARKER, "## Stacks: what would change", "", summary(previews), ""]
    worth = [one for one in previews if needs_eyes(one)]
    if not worth:
        return "\n".join(head).rstrip() + "\n"
    text = "\n".join(head) + "\n"
    table = ["| stack | create | update | replace | delete | to note |", "|---|---:|---:|---:|---:|---|"]
    rows = [_row(one) for one in sorted(worth, key=_urgency)]
    rules_and_cost = _judged(judged, JUDGED)
    room = LIMIT - SHORTEST - len(text) - len(rules_and_cost)
    text += _fitted([*table, *rows], room, "stacks are not listed here")
    text += rules_and_cost
    for one in sorted(worth, key=_urgency):
        block = _details(one)
        if block and len(text) + len(block) <= LIMIT - SHORTEST:
            text += block
        elif block:
            return text + "\nThe details of the other stacks are in the job's log: there is no room for them here.\n"
    return text


def summary(previews: Sequence[StackPreview]) -> str:
    """`**500 stacks**: 3 would change, 497 as they are. In all 12 to create, 1 to delete.`"""
    kinds = {
        "would change": sum(one.preview is not None and one.would_change for one in previews),
        "failed": sum(one.fault is not None for one in previews),
        "not looked at": sum(bool(one.skipped) for one in previews),
        "provisional": sum(bool(one.provisional) and one.fault is None for one in previews),
    }
    rest = sum(not needs_eyes(one) for one in previews)
    told = [f"{count} {words}" for words, count in kinds.items() if count]
    told += [f"{rest} as they are"] if rest else []
    operations = {op: sum(one.counts().get(op, 0) for one in previews) for op in OPERATIONS}
    changes = ", ".join(f"{count} to {op}" for op, count in operations.items() if count)
    stacks = "1 stack" if len(previews) == 1 else f"{len(previews)} stacks"
    return f"**{stacks}**: {', '.join(told)}." + (f" In all {changes}." if changes else "")


def needs_eyes(one: StackPreview) -> bool:
    """False for a stack of which nothing would change and nothing went wrong."""
    return bool(one.would_change or one.fault or one.skipped or one.provisional)


def _urgency(one: StackPreview) -> tuple[int, str]:
    """Failures first, then what is deleted or replaced, then the rest by site."""
    counts = one.counts()
    if one.fault or one.skipped:
        return 0, one.site
    return (1 if counts.get("delete") or counts.get("replace") else 2), one.site


def _row(one: StackPreview) -> str:
    counts = one.counts()
    cells = [str(counts.get(op, "")) for op in OPERATIONS]
    note = one.fault.line() if one.fault else one.skipped
    if one.provisional and not note:
        note = f"provisional: {one.provisional}"
    return f"| {one.site} | {' | '.join(cells)} | {_cell(note)} |"


def _cell(text: str) -> str:
    plain = text.replace("|", "\\|").replace("\n", " ")
    return plain if len(plain) <= 200 else plain[:199] + "…"


def _details(one: StackPreview) -> str:
    lines = list(details(one))
    if not lines:
        return ""
    fence = "````"
    body = "\n".join(line.replace(fence, "` ` ` `") for line in lines)
    title = headline(one).replace("<", "&lt;").replace("|", "&#124;")
    return f"\n<details><summary>{title}</summary>\n\n{fence}diff\n{body}\n{fence}\n\n</details>\n"


def _judged(lines: Sequence[str], room: int) -> str:
    """Rules and cost, as they stand in the terminal."""
    if not any(lines):
        return ""
    begin, end = "\n### Rules and cost\n\n````text\n", "````\n"
    inner = room - len(begin) - len(end) - len(_left_out(len(lines), IN_THE_LOG))
    return begin + _fitted([line.replace("````", "` ` ` `") for line in lines], inner, IN_THE_LOG) + end


def _fitted(lines: Iterable[str], room: int, left: str) -> str:
    """As many lines as there is room for, and below it how many were left out."""
    kept: list[str] = []
    every = list(lines)
    for line in every:
        if sum(len(one) + 1 for one in kept) + len(line) + 1 > room:
            break
        kept.append(line)
    missing = len(every) - len(kept)
    return "\n".join(kept) + "\n" + (_left_out(missing, left) if missing else "")


def _left_out(count: int, left: str) -> str:
    return f"\n{count} more {left}.\n"
