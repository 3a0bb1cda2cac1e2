"""What this package raises when it is asked for something that has no right answer."""


class SlaError(ValueError):
    """A value that the arithmetic cannot take; the text says what and why."""


class ReversedInterval(SlaError):
    """An interval that ends where it starts, or before."""


class Overlap(SlaError):
    """Two spans of one timeline that claim the same second."""


class FutureSample(SlaError):
    """A sample later than the moment up to which silence is judged."""


class BadRule(SlaError):
    """A rule that can never hold: n above m, k above the number of checks, a target of 100 %."""
