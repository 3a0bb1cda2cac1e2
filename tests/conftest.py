"""Settings that all tests share."""

import os
import signal

from hypothesis import HealthCheck, settings

# No deadline an example: a busy machine is no fault of the code; the tests measure what must be quick themselves.
settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("long", settings.get_profile("default"), max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

# A shell that starts us in the background has us ignore Ctrl-C, and what we start inherits that.
signal.signal(signal.SIGINT, signal.default_int_handler)
