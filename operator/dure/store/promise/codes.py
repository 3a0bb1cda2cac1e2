"""Numbers that stand for states in the database: a span's row is small, and there are millions."""

from dure.sla.states import BADNESS, State

CODES = BADNESS
STATES = tuple(sorted(State, key=BADNESS.__getitem__))
