"""ansible-runner's events as our own values; pure."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from dure.configure.result import State, TaskChange, TaskEvent, TaskFailure

STATES: dict[str, State] = {
    "runner_on_ok": "ok",
    "runner_on_failed": "failed",
    "runner_on_unreachable": "failed",
    "runner_on_skipped": "skipped",
    "playbook_on_task_start": "started",
}
MITOGEN_LOST = re.compile(r"(Task failed: )?Mitogen was disconnected from the remote .*? Original error was: ")
"""With --fast the words for a lost connection ask to file a bug with mitogen, where the machine has gone away."""
DPKG_BLAMES = re.compile(r"^dpkg: error [^\n]*\n[^\n]*", re.MULTILINE)
"""Which package could not be installed, and why: apt-get itself only says afterwards that dpkg failed."""
LONGEST_MESSAGE = 600
LONGEST_DIFFERENCE = 20_000


@dataclass(slots=True)
class Record:
    """What has been told so far."""

    changed: list[TaskChange] = field(default_factory=list)
    failed: list[TaskFailure] = field(default_factory=list)
    tasks: int = 0

    def take(self, event: Mapping[str, object]) -> TaskEvent | None:
        """Remember an event of ansible-runner; returns what a person wants to see of it, None when nothing."""
        kind = str(event.get("event", ""))
        state = STATES.get(kind)
        if state is None:
            return None
        data = _mapping(event.get("event_data"))
        host, role, task = (_text(data.get(key)) for key in ("host", "role", "task"))
        result = _mapping(data.get("res"))
        if state == "started":
            return TaskEvent("", role, task, state)
        self.tasks += 1
        if state == "failed" and data.get("ignore_errors"):
            state = "ok"
        if state == "ok" and result.get("changed"):
            state = "changed"
            self.changed.append(TaskChange(host, role, task, difference(result)))
        message = explanation(result) if state == "failed" else ""
        if state == "failed":
            self.failed.append(TaskFailure(host, role, task, message, unreachable=kind.endswith("unreachable")))
        return TaskEvent(host, role, task, state, _seconds(data.get("duration")), message)


def explanation(result: Mapping[str, object]) -> str:
    """Why a task failed, in one line: the module's message, then the last of what its program said."""
    if result.get("censored"):
        return "its output is kept back, since it may hold secrets"
    blamed = DPKG_BLAMES.search(_text(result.get("stdout")))
    if blamed:
        return " ".join(blamed[0].split())[:LONGEST_MESSAGE]
    parts = [_text(result.get("msg"))]
    failed_items = [_mapping(item) for item in _list(result.get("results")) if _mapping(item).get("failed")]
    if failed_items:
        parts.append(explanation(failed_items[0]))
    for key in ("stderr", "module_stderr", "stdout", "module_stdout"):
        said = _text(result.get(key)).strip()
        if said:
            parts.append(said.splitlines()[-1])
            break
    text = ": ".join(dict.fromkeys(" ".join(part.split()) for part in parts if part))
    text = MITOGEN_LOST.sub("the connection was lost: ", text)
    return text[:LONGEST_MESSAGE] or "it gave no reason"


def difference(result: Mapping[str, object]) -> str:
    """What --diff shows, of all items, as text; nothing of a task that passes secrets."""
    if result.get("censored"):
        return ""
    pieces = [_difference_of(diff) for diff in _differences(result)]
    return "\n".join(piece for piece in pieces if piece)[:LONGEST_DIFFERENCE]


def _differences(result: Mapping[str, object]) -> list[Mapping[str, object]]:
    found: list[Mapping[str, object]] = []
    for holder in (result, *(_mapping(item) for item in _list(result.get("results")))):
        diff = holder.get("diff")
        found += [_mapping(one) for one in (diff if isinstance(diff, list) else [diff]) if one]
    return found


def _difference_of(diff: Mapping[str, object]) -> str:
    if diff.get("prepared"):
        return _text(diff["prepared"]).strip()
    before, after = _body(diff.get("before")), _body(diff.get("after"))
    if before == after:
        return ""
    name = _text(diff.get("before_header")) or _text(diff.get("after_header"))
    gone = [f"-{line}" for line in before if line not in after]
    come = [f"+{line}" for line in after if line not in before]
    return "\n".join([*([f"# {name}"] if name else []), *gone, *come])


def _body(value: object) -> list[str]:
    if value is None:
        return []
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)
    return text.splitlines()


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _seconds(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
