"""One Pulumi stack: each operation runs in a process of its own, and returns a value."""

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from pydantic import JsonValue

from dure import toolkit_path
from dure.cloud.conversation import Listener, converse
from dure.cloud.engine import ensure_pulumi
from dure.cloud.engine_home import engine_home
from dure.cloud.preview import Drift, Preview, StackEvent, StackResource, UpResult
from dure.cloud.project import read_outputs, read_resources
from dure.cloud.request import BEAT, Request, Verb
from dure.cloud.sandbox.process import credentials_environment, running
from dure.cloud.workers import Workers
from dure.model.local import LocalSettings, state_directory
from dure.plan.value import CloudPlan
from dure.secrets import secret_files

Tell = Callable[[StackEvent], None]
LOCK_SECONDS = 60.0
"""How long to wait for a live holder of the stack's lock."""
PASSPHRASE = "passphrase"  # noqa: S105 - a file's name
Cancel = Callable[[], bool]
Approve = Callable[[Preview], None]


def never() -> bool:
    """For callers that never cancel."""
    return False


def quiet(event: StackEvent) -> None:
    """For callers that want no progress."""


def backend_url(directory: Path, settings: LocalSettings) -> str:
    """Where the states lie; `directory` is the workspace's `.dure`."""
    return settings.pulumi_backend or f"file://{directory / 'pulumi'}"


def engine_environment(directory: Path, settings: LocalSettings, engine: Path) -> dict[str, str]:
    """For any call of the engine on this workspace's states."""
    given = credentials_environment(settings.aws_credentials)
    environment = {key: value for key, value in given.items() if not key.startswith("PULUMI_")}
    (directory / "pulumi").mkdir(mode=0o700, exist_ok=True)
    return environment | {
        "PATH": f"{engine.parent}{os.pathsep}{environment.get('PATH', os.defpath)}",
        "PULUMI_HOME": str(engine_home()),
        "PULUMI_BACKEND_URL": backend_url(directory, settings),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK": "true",
    }


class Stack:
    """A site's stack. `passphrase` seals the secrets in its state; it reaches the engine as a file on tmpfs.

    `provider_port` is that of a sandbox provider which serves several stacks; 0: one for each operation. Stacks that
    share `workers` share what these have imported.
    """

    def __init__(
        self,
        plan: CloudPlan,
        workspace: Path,
        settings: LocalSettings,
        passphrase: str,
        *,
        workers: Workers | None = None,
        provider_port: int = 0,
    ) -> None:
        self._plan = plan
        self._directory = state_directory(workspace)
        self._settings = settings
        self._passphrase = passphrase
        self._workers = workers or Workers()
        self._provider_port = provider_port

    @property
    def plan(self) -> CloudPlan:
        """What is asked for, as it is handed to the engine."""
        return self._plan

    def preview(self, on_event: Tell = quiet, cancel: Cancel = never, *, save: Path | None = None) -> Preview:
        """What `up` would change; nothing is touched. `save`: where the engine writes its own plan of it."""
        return Preview.model_validate(self._run("preview", on_event, cancel, plan_file=str(save or "")))

    def up(
        self,
        on_event: Tell = quiet,
        cancel: Cancel = never,
        *,
        saved: Path | None = None,
        approve: Approve | None = None,
    ) -> UpResult:
        """Make it so; safe to repeat. Raises DureError, Refused while another holds the stack, or Cancelled.

        With a plan that `preview` saved: just that, or Refused. `approve` is shown first what would change, and raises
        DureError for what is not to be done: one start of the engine for both, and nobody else between them.
        """
        return UpResult.model_validate(self._run("up", on_event, cancel, plan_file=str(saved or ""), approve=approve))

    def refresh(self, on_event: Tell = quiet, cancel: Cancel = never) -> UpResult:
        """Bring the state up to what is really there; `changes` is the drift."""
        return UpResult.model_validate(self._run("refresh", on_event, cancel))

    def drift(self, on_event: Tell = quiet, cancel: Cancel = never) -> Drift:
        """What `refresh` would change; the state stays as it is."""
        return Drift.model_validate(self._run("drift", on_event, cancel))

    def outputs(self, *, reveal: bool = True) -> dict[str, str]:
        """All outputs, secret ones in clear: keep them in memory only. Without `reveal` these read `[secret]`.

        Empty before the first `up`.
        """
        engine = ensure_pulumi(lambda _: None)
        with secret_files({PASSPHRASE: self._passphrase}) as secrets:
            environment = self._environment(engine, secrets / PASSPHRASE)
            return read_outputs(self._request("outputs"), environment, reveal=reveal)

    def resources(self) -> list[StackResource]:
        """All that the state holds. Empty before the first `up`."""
        engine = ensure_pulumi(lambda _: None)
        with secret_files({PASSPHRASE: self._passphrase}) as secrets:
            return read_resources(self._request("outputs"), self._environment(engine, secrets / PASSPHRASE))

    def destroy(
        self, on_event: Tell = quiet, cancel: Cancel = never, *, unprotect: bool | Sequence[str] = False
    ) -> UpResult:
        """Take everything down. Raises Refused, with nothing touched, for protected data that is not named.

        `unprotect` names the URNs of protected resources that go too; True: all of them.
        """
        return UpResult.model_validate(self._run("destroy", on_event, cancel, unprotect=unprotect))

    def _request(self, verb: Verb, *, unprotect: bool | Sequence[str] = False, plan_file: str = "") -> Request:
        return Request(
            verb=verb,
            stack=self._plan.stack,
            program_directory=str(toolkit_path() / "stacks"),
            work_directory=str(self._work_directory()),
            configuration={
                "aws:region": self._plan.region,
                "dure:program": self._plan.program,
                "dure:inputs": self._plan.inputs,
                "dure:tags": dict(self._plan.tags),
            },
            endpoint=self._settings.aws_endpoint,
            region=self._plan.region,
            unprotect=unprotect is True,
            unprotect_urns=() if isinstance(unprotect, bool) else tuple(unprotect),
            plan_file=plan_file,
            lock_seconds=LOCK_SECONDS,
            beat_seconds=BEAT,
        )

    def _work_directory(self) -> Path:
        """Where the engine keeps the stack's configuration and its salt: with the state that they belong to."""
        backend = self._settings.pulumi_backend
        if not backend:
            return self._directory / "pulumi" / "projects" / self._plan.stack
        if backend.startswith("file://"):
            return Path(backend.removeprefix("file://"), "projects", self._plan.stack)
        digest = hashlib.sha256(backend.encode()).hexdigest()[:12]
        return self._directory / "pulumi-projects" / digest / self._plan.stack

    def _run(
        self,
        verb: Verb,
        tell: Tell,
        cancel: Cancel,
        *,
        unprotect: bool | Sequence[str] = False,
        plan_file: str = "",
        approve: Approve | None = None,
    ) -> JsonValue:
        engine = ensure_pulumi(lambda line: tell(StackEvent(kind="message", text=line)))
        request = self._request(verb, unprotect=unprotect, plan_file=plan_file)
        request = request.model_copy(update={"asks": approve is not None})
        listener = Listener(tell, cancel, approve or (lambda _: None))
        self._workers.warm()
        with secret_files({PASSPHRASE: self._passphrase}) as secrets, self._provider() as provider:
            environment = self._environment(engine, secrets / PASSPHRASE) | provider
            return converse(self._workers, request, environment, listener)

    def _environment(self, engine: Path, passphrase: Path) -> dict[str, str]:
        """Names of files with secrets, never a secret."""
        environment = engine_environment(self._directory, self._settings, engine)
        return environment | {"PULUMI_CONFIG_PASSPHRASE_FILE": str(passphrase)}

    @contextlib.contextmanager
    def _provider(self) -> Iterator[dict[str, str]]:
        """With an AWS double: the provider that serves it, ours for this operation unless one was given."""
        if not self._settings.aws_endpoint:
            yield {}
            return
        with contextlib.ExitStack() as ending:
            port = self._provider_port or ending.enter_context(
                running(self._settings.aws_endpoint, self._settings.aws_credentials, self._directory / "sandbox")
            )
            yield {
                "PULUMI_DEBUG_PROVIDERS": f"aws:{port}",
                "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            }
