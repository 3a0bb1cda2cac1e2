"""A second lab beside the session's, under a name that no other session uses."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import pytest
from dure.errors import DureError
from dure.lab.host import lock
from dure.lab.instance import Lab


@contextmanager
def name_beside(session_lab: Lab) -> Iterator[str]:
    """A lab's name that this session has for itself: another's lab may bear what is made up here."""
    names = [f"{session_lab.name[:5]}{letter}" for letter in "bcdefgh"]
    with ExitStack() as held:
        for name in names:
            with suppress(DureError):
                held.enter_context(lock(f"dure-lab-session-{name}", busy="taken"))
                break
        else:
            pytest.fail(f"other sessions use all of {', '.join(names)}")
        yield name
