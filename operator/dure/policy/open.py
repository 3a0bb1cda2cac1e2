"""Whether a resource's policy lets in everyone."""

from dure.policy.iam import Document, Statement

PINNED = (
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:principalarn",
    "kms:calleraccount",
)
"""Condition keys that say whose request it must be."""
NEGATED = ("Not", "Null", "IfExists")


def open_statement(document: Document) -> str:
    """What everyone is allowed, for people; empty when nothing is."""
    for one in document.statements:
        if one.effect == "Allow" and _everyone(one) and not _pinned(one):
            return ", ".join(one.actions) if not one.negated_actions else f"all but {', '.join(one.actions)}"
    return ""


def _everyone(statement: Statement) -> bool:
    if statement.principals is None:
        return False
    if statement.negated_principals:
        return True
    return any(value == "*" for _, value in statement.principals.pairs)


def _pinned(statement: Statement) -> bool:
    return any(
        one.key.lower() in PINNED and not any(word in one.operator for word in NEGATED) and "*" not in one.values
        for one in statement.conditions
    )
