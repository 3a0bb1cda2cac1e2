"""The acceptance: each kind of row proves one fact about the site, with its own eyes."""

from dure.runs.verify.schedule import prove_all

__all__ = ["prove_all"]
