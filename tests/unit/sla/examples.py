"""How many examples the tests of the arithmetic try: their own count, more than other tests need."""

import os

from hypothesis import settings

IS_LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
tried = settings(max_examples=10_000 if IS_LONG else 200)
# Of reading and printing, where no figure can be wrong.
tried_less = settings(max_examples=2_000 if IS_LONG else 100)
