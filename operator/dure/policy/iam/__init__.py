"""IAM policy documents evaluated without AWS: who may do what, for certain, never, or perhaps."""

from dure.policy.iam.decision import Decision, Policies, decide
from dure.policy.iam.document import Document, Statement, Unreadable, parse_document
from dure.policy.iam.request import Request
from dure.policy.iam.truth import Truth

__all__ = [
    "Decision",
    "Document",
    "Policies",
    "Request",
    "Statement",
    "Truth",
    "Unreadable",
    "decide",
    "parse_document",
]
