"""What a command shares among its stacks: one provider, the passphrase, what stands, what upstream stacks put out."""

import contextlib
import hashlib
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from dure import toolkit_path
from dure.cloud.backend import Backend, Standing
from dure.cloud.preview import MASK
from dure.cloud.sandbox.process import running
from dure.cloud.stack import Stack
from dure.plan.stacks import StackPlan, identity
from dure.plan.value import CloudPlan
from dure.runs.context import Context
from dure.runs.provision.secret_values import PASSPHRASE, passphrase, secret_store
from dure.runs.stacks.applied import identities
from dure.runs.stacks.selection import plan_of_site


class Fleet:
    """Made by `open_fleet`; threads share it."""

    def __init__(self, context: Context, start_provider: Callable[[], int], secret: str, scratch: Path | None) -> None:
        self.context = context
        self._start_provider = start_provider
        self._provider_port: int | None = None
        self._secret = secret
        self._settings = context.settings
        if scratch is not None:
            self._settings = self._settings.model_copy(update={"pulumi_backend": f"file://{scratch}"})
        self.backend = Backend(context.workspace, self._settings)
        self.standing: dict[str, Standing] = self.backend.standing()
        self.programs = programs_digest(toolkit_path() / "stacks")
        self._applied = identities(context.store)
        self._outputs: dict[str, dict[str, str]] = {}
        self._made: set[str] = set()
        self._lock = threading.Lock()
        self._starting = threading.Lock()

    def stack(self, plan: StackPlan, outputs: dict[str, str] | None = None) -> Stack:
        """The stack with its upstream's outputs put in. The provider that all share starts with the first."""
        with self._starting:
            if self._provider_port is None:
                self.context.workers.warm()
                self._provider_port = self._start_provider()
        return self._open(plan.with_outputs(outputs or {}), self._provider_port)

    def at_rest(self, plan: StackPlan) -> Stack:
        """The stack for looks at its state alone, which need no provider."""
        return self._open(plan.cloud, 0)

    def _open(self, cloud: CloudPlan, provider_port: int) -> Stack:
        return Stack(
            cloud,
            self.context.workspace,
            self._settings,
            self._secret,
            workers=self.context.workers,
            provider_port=provider_port,
        )

    def stands(self, site: str) -> bool:
        """Something of the site's stack is in its state, or was put there by this command."""
        known = self.standing.get(stack_name(site))
        return site in self._made or (known is not None and known.stands)

    def waits_for(self, plan: StackPlan) -> list[str]:
        """Upstream sites whose stacks do not stand yet."""
        return [site for site in plan.upstream if not self.stands(site)]

    def outputs_for(self, plan: StackPlan) -> dict[str, str]:
        """Plain outputs of the stack that this one takes some of; read once, and again after that was changed."""
        source = plan.asks
        if not source or (not plan.cloud.takes_outputs_of and not self.stands(source)):
            return {}
        with self._lock:
            if source not in self._outputs:
                told = self.at_rest(plan_of_site(self.context, source)).outputs(reveal=False)
                self._outputs[source] = {name: value for name, value in told.items() if value != MASK}
            return self._outputs[source]

    def identity_of(self, plan: StackPlan) -> str:
        return identity(plan, self.programs, self.outputs_for(plan))

    def is_applied(self, plan: StackPlan, wanted: str) -> bool:
        """The stack stands, and was last brought to just this."""
        return self._applied.get(plan.site) == wanted and self.stands(plan.site)

    def has_applied(self, plan: StackPlan) -> None:
        """From now on it stands, and its outputs may be others."""
        with self._lock:
            self._made.add(plan.site)
            self._outputs.pop(plan.site, None)


def stack_name(site: str) -> str:
    """`customer/site` -> the stack's name."""
    return site.replace("/", ".")


def programs_digest(directory: Path) -> str:
    """SHA-256 of all programs and components, so that a new version of them counts as a change."""
    found = hashlib.sha256()
    for file in sorted(directory.rglob("*.py")):
        found.update(f"{file.relative_to(directory)}\0".encode() + file.read_bytes() + b"\0")
    return found.hexdigest()


@contextlib.contextmanager
def open_fleet(context: Context, *, changing: bool) -> Iterator[Fleet]:
    """For one command. Where there is no passphrase yet, `changing` makes one; else a scratch backend stands in."""
    with contextlib.ExitStack() as ending:
        if changing:
            secret_store(context).generate_missing([PASSPHRASE])
        secret, scratch = passphrase(context), None
        if not secret:
            scratch = Path(ending.enter_context(tempfile.TemporaryDirectory(prefix="dure-preview-")))
            secret = "preview"  # noqa: S105 - opens nothing: the scratch backend is gone afterwards

        def start_provider() -> int:
            """Only an AWS double has one of ours; AWS itself has its plugin."""
            settings, record = context.settings, context.state / "sandbox"
            if not settings.aws_endpoint:
                return 0
            return ending.enter_context(running(settings.aws_endpoint, settings.aws_credentials, record))

        yield Fleet(context, start_provider, secret, scratch)
