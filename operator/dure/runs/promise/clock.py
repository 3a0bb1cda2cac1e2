"""Now, in one place, so that a month can be closed in a test."""

import time


def now() -> int:
    """UTC seconds."""
    return int(time.time())
