"""Patterns of actions, ARNs and texts, with wildcards, policy variables and parts that are not yet known.

IAM User Guide: "IAM JSON policy elements: Resource", "… Variables and tags"; `*` does not cross the colons of an ARN's
first five fields.
"""

import re
from functools import lru_cache

from dure.plan.subject import UNKNOWN_TEXT
from dure.policy.iam.request import Request
from dure.policy.iam.truth import Truth, truth

VARIABLE = re.compile(r"\$\{([^}]*)\}")
ESCAPES = {"*": "[*]", "?": "[?]", "$": "[$]"}
FIELDS = 5
LITERAL = "\x00"
"""Before a wildcard character that stands for itself."""


@lru_cache(maxsize=65536)
def _compiled(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    out = []
    literal = False
    for character in pattern:
        if character == LITERAL:
            literal = True
            continue
        wild = {"*": ".*", "?": "."}.get(character) if not literal else None
        out.append(wild or re.escape(character))
        literal = False
    return re.compile("".join(out), re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def like(pattern: str, text: str, *, ignore_case: bool = False) -> Truth:
    """With * and ?; a part that is not yet known may be anything."""
    if UNKNOWN_TEXT in text:
        text_known = text.split(UNKNOWN_TEXT)
        possible = _compiled(pattern.replace(UNKNOWN_TEXT, "*"), ignore_case)
        if pattern.strip("*") == "":
            return Truth.YES
        # Only what stands before the unknown part can tell that it does not match.
        prefix = pattern.partition("*")[0].partition("?")[0].partition(UNKNOWN_TEXT)[0]
        start = text_known[0]
        agrees = start.startswith(prefix) or prefix.startswith(start) or bool(possible.fullmatch(start))
        return Truth.MAY if agrees else Truth.NO
    if UNKNOWN_TEXT in pattern:
        return Truth.MAY if _compiled(pattern.replace(UNKNOWN_TEXT, "*"), ignore_case).fullmatch(text) else Truth.NO
    return truth(bool(_compiled(pattern, ignore_case).fullmatch(text)))


def matches_action(pattern: str, action: str) -> Truth:
    return like(pattern, action, ignore_case=True)


def matches_arn(pattern: str, arn: str) -> Truth:
    """Field by field; a pattern with fewer fields goes on with wildcards."""
    if pattern == "*":
        return Truth.YES
    wanted, given = pattern.split(":", FIELDS), arn.split(":", FIELDS)
    if len(given) <= FIELDS:
        return like(pattern, arn)
    wanted += ["*"] * (FIELDS + 1 - len(wanted))
    return min(like(want, have) for want, have in zip(wanted, given, strict=True))


def with_variables(pattern: str, request: Request) -> str | None:
    """The pattern with its variables filled in; UNKNOWN_TEXT for an unknown one, None when one has no value at all."""
    if "${" not in pattern:
        return pattern
    missing = False

    def fill(found: re.Match[str]) -> str:
        nonlocal missing
        name, _, default = found[1].partition(",")
        name = name.strip()
        if name in ESCAPES:
            return LITERAL + name
        values = request.values(name)
        if values is None:
            return UNKNOWN_TEXT
        if len(values) != 1:
            missing = missing or not default
            return default.strip().strip("'")
        return "".join(LITERAL + one if one in "*?" else one for one in values[0])

    filled = VARIABLE.sub(fill, pattern)
    return None if missing else filled
