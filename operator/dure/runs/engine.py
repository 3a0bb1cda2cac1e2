"""DBOS as this project runs it: one process works on one run, and takes over another's only when its holder is dead."""

import logging
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from dure.errors import DureError, UsageError
from dure.runs.context import Context
from dure.runs.holder import Holder

SHAPE = "1"
"""Raised when the steps of a workflow change shape: open runs of the old shape are then closed, not resumed."""

SCHEMA = "dure_runs"


def database_url(context: Context) -> str:
    """Where DBOS keeps its journal: a file of its own, or its own schema in PostgreSQL."""
    given = context.settings.runs_url
    if not given:
        return f"sqlite:///{context.state.absolute() / 'runs.sqlite'}"
    url = make_url(given)
    if url.get_backend_name() == "sqlite":
        return given
    if url.get_backend_name() != "postgresql":
        raise UsageError(
            f"runs cannot be kept in {url.get_backend_name()}", mend="give a sqlite: or postgresql: URL as runs_url"
        )
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


class Engine:
    """DBOS launched for one site; `start` and `resume` work a run's workflow off in a thread of this process.

    The executor id is this process's own, so that a second process takes nothing from it. DBOS hands a resumed
    workflow to any process of the same application version: the site stands in the version, and the site's
    lease, taken before the launch, leaves one such process.
    """

    def __init__(self, context: Context, site: str, holder: Holder) -> None:
        from dbos import DBOS, DBOSConfig

        logging.getLogger("dbos").setLevel(logging.CRITICAL)
        config: DBOSConfig = {
            "name": "dure",
            "system_database_url": database_url(context),
            "dbos_system_schema": SCHEMA,
            "log_level": "CRITICAL",
            "executor_id": f"{holder.host}-{holder.pid}-{holder.started}-{uuid.uuid4().hex[:6]}",
            "application_version": f"{SHAPE}:{site}",
            "use_listen_notify": False,
            "max_executor_threads": 8,
        }
        self._dbos = DBOS
        self._shown = _shown(config["system_database_url"] or "")
        DBOS(config=config)
        DBOS.listen_queues([])
        try:
            DBOS.launch()
        except Exception as error:
            raise self._journal_failed(error) from error

    def state(self, run: str) -> str:
        """DBOS's own state of the run's workflow; empty when it never started."""
        status = self._dbos.get_workflow_status(run)
        return status.status if status else ""

    def work_off(self, run: str, workflow: Callable[[str], Any], watch: Callable[[], None]) -> None:
        """Start the run, or go on with it, and wait for its end; `watch` is called a few times a second.

        Raises what the workflow raised, or DureError when the journal cannot be written.
        """
        try:
            self._work_off(run, workflow, watch)
        except DureError:
            raise
        except Exception as error:
            raise self._journal_failed(error) from error

    def _work_off(self, run: str, workflow: Callable[[str], Any], watch: Callable[[], None]) -> None:
        from dbos import SetWorkflowID

        state = self.state(run)
        if state in ("", "SUCCESS"):
            with SetWorkflowID(run):
                handle = self._dbos.start_workflow(workflow, run)
        elif state in ("PENDING", "ENQUEUED"):
            handle = self._dbos.resume_workflow(run)
        else:
            handle = self._dbos.rewind_workflow(run, start_step=self._first_open_step(run))
        ended = threading.Event()
        failure: list[BaseException] = []

        def wait() -> None:
            try:
                handle.get_result()
            except BaseException as error:
                failure.append(error)
            finally:
                ended.set()

        threading.Thread(target=wait, daemon=True).start()
        while not ended.wait(0.1):
            watch()
        watch()
        if failure:
            raise failure[0]

    def _first_open_step(self, run: str) -> int:
        """Of a run that failed or was cancelled: the number of the step to go on with."""
        steps = self._dbos.list_workflow_steps(run)
        failed = [step["function_id"] for step in steps if step["error"] is not None]
        return min(failed, default=max((step["function_id"] for step in steps), default=0) + 1)

    def close_workflow(self, run: str) -> None:
        """Give an abandoned run up for good: nothing takes it over any more."""
        if self.state(run) in ("PENDING", "ENQUEUED"):
            self._dbos.cancel_workflow(run)

    def _journal_failed(self, error: Exception) -> DureError:
        return DureError(
            "the journal of runs cannot be used",
            where=self._shown,
            why=str(error).strip().splitlines()[0],
            mend="see that its disk has room (df -h) and that runs_url in .dure/local.yaml is right; then repeat: "
            "the run goes on where it stopped",
        )

    def stop(self) -> None:
        self._dbos.destroy(workflow_completion_timeout_sec=0)


def _shown(url: str) -> str:
    return make_url(url).render_as_string(hide_password=True) if url else ""


def journal_file(context: Context) -> Path | None:
    """The file of the journal, where it is one."""
    url = make_url(database_url(context))
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None
