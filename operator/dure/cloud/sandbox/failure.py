"""A failed AWS call as one sentence: which resource, which call, what came back, what to do."""

from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError

from dure.cloud.aws_errors import CORRECT, mend_in, mend_of
from dure.cloud.sandbox.handler import error_code
from dure.cloud.sandbox.plain import RefusedByAws


def explain(kind: str, name: str, step: str, error: BaseException, endpoint: str) -> str:
    what = f"{kind} {name}".strip()
    if isinstance(error, ClientError):
        return f"{what}: {step} failed: {_answer(error, endpoint)}. To mend: {_mend(error)}"
    if isinstance(error, EndpointConnectionError):
        return f"{what}: {step} failed: {endpoint} does not answer. To mend: operator lab status"
    if isinstance(error, BotoCoreError):
        return f"{what}: {step} failed: {' '.join(str(error).split())}. To mend: operator lab status"
    if isinstance(error, RefusedByAws):
        return f"{what}: {step} failed: {error}. To mend: {mend_in(str(error)) or CORRECT}"
    return f"{what}: {step} failed in the sandbox: {type(error).__name__}: {error}"


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _answer(error: ClientError, endpoint: str) -> str:
    detail = error.response.get("Error", {})
    message = str(detail.get("Message") or detail.get("Code") or "it gave no reason").strip()
    if "<" in message:
        message = "a page instead of an answer"
    return f"{endpoint} answered {error.operation_name} with HTTP {_status(error)} ({message})"


def _mend(error: ClientError) -> str:
    known = mend_of(error_code(error))
    if known:
        return known
    if _status(error) >= 500:
        return "read the AWS double's log (operator lab status names it), then give the same command again"
    return CORRECT
