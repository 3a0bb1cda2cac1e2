"""Rules on what is planned, before anything is touched; pure."""

from dure.policy.evaluation import evaluate
from dure.policy.finding import Finding
from dure.policy.isolation import Fleet
from dure.policy.rules import RULES

__all__ = ["RULES", "Finding", "Fleet", "evaluate"]
