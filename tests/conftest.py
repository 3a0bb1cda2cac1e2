"""Settings that all tests share."""

import os
import signal

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# No deadline an example: a busy machine is no fault of the code; the tests measure what must be quick themselves.
settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("long", settings.get_profile("default"), max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

# A shell that starts us in the background has us ignore Ctrl-C, and what we start inherits that.
signal.signal(signal.SIGINT, signal.default_int_handler)


class ByFixture(LoadScopeScheduling):
    """Tests that share a costly fixture go to one worker: those of a module, and all of the lab's services."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "services" if "/lab/services/" in file else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling | None:
    """For `--dist loadscope`; else xdist's own."""
    return ByFixture(config, log) if config.getoption("dist") == "loadscope" else None
