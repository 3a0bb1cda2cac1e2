"""What other monitors export: Uptime Kuma's database, Gatus's API, Prometheus's API with the blackbox exporter.

Each names its monitors in its own way; `names` says which check each one is. Retries and confirmations of theirs are
not taken over: their single results are samples, and ours confirm them.
"""

import json
import math
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, ValidationError

from dure.errors import UsageError
from dure.model.explain import nearest
from dure.model.text import printable
from dure.runs.promise.intake.batch import LONGEST_ANSWER, BadValue, Batch, Enough, Key
from dure.runs.promise.intake.csv_file import opened
from dure.sla.states import State

MAX_BYTES = 512 * 1024 * 1024
KUMA_STATES = {
    0: State.DOWN,
    1: State.UP,
    2: State.DOWN,  # pending: it failed and would be tried again; our own rule confirms
    3: State.UNKNOWN,  # its maintenance: it did not look
}
Result = tuple[str, int, State, int, int | None]
"""Monitor, seconds UTC, state, the row or entry it stands in, and its answer time in milliseconds, rounded up."""
SUCCESS, DURATION = "probe_success", "probe_duration_seconds"


class Loose(BaseModel):
    """An export may hold more than we read."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class GatusResult(Loose):
    success: bool
    timestamp: datetime
    duration: int | None = None
    """Nanoseconds."""


class GatusEndpoint(Loose):
    name: str
    group: str = ""
    key: str
    results: list[GatusResult] = []


class PrometheusSeries(Loose):
    metric: dict[str, str]
    values: list[tuple[float, str]]


class PrometheusData(Loose):
    resultType: str  # noqa: N815 - Prometheus's own name
    result: list[PrometheusSeries]


class PrometheusAnswer(Loose):
    status: str
    data: PrometheusData


def read_outside(file: Path, source: str, names: Mapping[str, Key], batch: Batch) -> None:
    """Put an export's results into the batch. Raises UsageError when the file is no such export."""
    results = {"uptime-kuma": _kuma, "gatus": _gatus, "prometheus": _prometheus}[source](file)
    seen: set[str] = set()
    try:
        for monitor, ts, state, row, took in results:
            seen.add(monitor)
            key = names.get(monitor)
            if key is None:
                continue
            try:
                batch.add_sample(key, row, ts, state, took)
            except BadValue as error:
                batch.fault(row, 1, error.what, error.why, error.mend)
    except Enough:
        return
    for monitor in names:
        if monitor not in seen:
            near = nearest(monitor, seen)
            mend = f'write "{near}"' if near else f"it has: {', '.join(sorted(seen)[:10]) or 'none'}"
            raise UsageError(f'the export has no monitor "{printable(monitor)}"', where=batch.file, mend=mend)


def _kuma(file: Path) -> Iterator[Result]:
    """kuma.db, opened for reading alone: the tables monitor and heartbeat."""
    opened(file).close()
    query = (
        "SELECT h.id, m.name, h.status, h.time, h.ping FROM heartbeat h JOIN monitor m ON m.id = h.monitor_id "
        "ORDER BY h.id"
    )
    try:
        connection = sqlite3.connect(f"file:{quote(str(file.absolute()))}?mode=ro", uri=True)
        try:
            for row, name, status, time, ping in connection.execute(query):
                state, at = KUMA_STATES.get(int(status), State.UNKNOWN), _kuma_time(str(time), file)
                yield str(name), at, state, int(row), _milliseconds(ping, 1)
        finally:
            connection.close()
    except sqlite3.Error as error:
        why, mend = str(error), "give Uptime Kuma's kuma.db; stop it or copy the file first"
        raise UsageError("the file is no database of Uptime Kuma", where=str(file), why=why, mend=mend) from error


def _kuma_time(text: str, file: Path) -> int:
    try:
        return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())
    except ValueError as error:
        why, mend = f'a heartbeat has the time "{printable(text)}"', "give a database of Uptime Kuma 1 or 2"
        raise UsageError("the file is no database of Uptime Kuma", where=str(file), why=why, mend=mend) from error


def _gatus(file: Path) -> Iterator[Result]:
    """The answer of /api/v1/endpoints/statuses, or of /api/v1/endpoints/KEY/statuses for one endpoint."""
    text = _text(file)
    try:
        data = json.loads(text)
        endpoints = [GatusEndpoint.model_validate(one) for one in (data if isinstance(data, list) else [data])]
    except (ValueError, RecursionError) as error:
        raise _not_an_answer(file, "Gatus", "/api/v1/endpoints/statuses", error) from error
    row = 0
    for endpoint in endpoints:
        for result in endpoint.results:
            row += 1
            at = result.timestamp if result.timestamp.tzinfo else result.timestamp.replace(tzinfo=UTC)
            state, took = State.UP if result.success else State.DOWN, _milliseconds(result.duration, Fraction(1, 10**6))
            yield endpoint.key, int(at.timestamp()), state, row, took


def _prometheus(file: Path) -> Iterator[Result]:
    """The answer of /api/v1/query_range to `probe_success`; a monitor is named by its label `instance`.

    Where the query asked for `probe_duration_seconds` too, that is the answer time of the sample of the same moment.
    """
    text = _text(file)
    try:
        answer = PrometheusAnswer.model_validate_json(text)
        if answer.status != "success" or answer.data.resultType != "matrix":
            raise ValueError(f"its status is {answer.status} and its type {answer.data.resultType}")
    except (ValueError, RecursionError) as error:
        raise _not_an_answer(file, "Prometheus", "/api/v1/query_range?query=probe_success", error) from error
    series = answer.data.result
    durations = [one for one in series if one.metric.get("__name__") == DURATION]
    took = {(_probe(one), at): value for one in durations for at, value in one.values}
    row = 0
    for one in series:
        if one.metric.get("__name__", SUCCESS) != SUCCESS:
            continue
        for at, value in one.values:
            row += 1
            answered = _milliseconds(took.get((_probe(one), at)), 1000)
            yield one.metric.get("instance", ""), int(at), _probe_state(value), row, answered


def _probe(series: PrometheusSeries) -> tuple[tuple[str, str], ...]:
    """What tells one probe from another: all labels but the name of what was measured."""
    return tuple(sorted((name, value) for name, value in series.metric.items() if name != "__name__"))


def _milliseconds(value: float | str | None, unit: Fraction | int) -> int | None:
    """Rounded up, so that an answer past the limit never counts as within; None of what is no time."""
    try:
        found = None if value is None else math.ceil(Fraction(str(value)) * unit)
    except (ValueError, ZeroDivisionError):
        return None
    return found if found is not None and 0 <= found <= LONGEST_ANSWER else None


def _probe_state(value: str) -> State:
    return {"1": State.UP, "0": State.DOWN}.get(value, State.UNKNOWN)


def _text(file: Path) -> str:
    with opened(file) as stream:
        raw = stream.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        why = f"it has more than {MAX_BYTES:,} bytes"
        raise UsageError("the export is too large", where=str(file), why=why, mend="export a shorter time")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError("the export is not UTF-8", where=str(file), why=str(error), mend="export it again") from error


def _not_an_answer(file: Path, name: str, address: str, error: Exception) -> UsageError:
    why = error.errors(include_url=False)[0]["msg"] if isinstance(error, ValidationError) else str(error)
    mend = f"save the answer of {address} as it is"
    return UsageError(f"the file is no answer of {name}", where=str(file), why=why.lower(), mend=mend)
