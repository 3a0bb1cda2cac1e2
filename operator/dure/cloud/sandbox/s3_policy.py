"""aws:s3/bucketPolicy:BucketPolicy, with the statements that the double would apply to everybody kept aside.

The double obeys a Deny whatever its Condition says: a TLS-only statement would lock everyone out of it. Such
statements are kept in the sandbox's own record, one file a bucket; the double is given the rest.
"""

import json
from pathlib import Path

from dure.cloud.sandbox.handler import Calls, unless_gone
from dure.cloud.sandbox.properties import Properties, items, mapping, text
from dure.cloud.sandbox.s3_setting import BucketSetting

ABSENT = ("NoSuchBucketPolicy",)
NOTE = "A Deny with a Condition is kept in the record: the double would apply it to everybody."
NO_BUCKET = ("NoSuchBucket", "404")


def withheld(statement: Properties) -> bool:
    return statement.get("Effect") == "Deny" and bool(statement.get("Condition"))


def _record(calls: Calls, bucket: str) -> Path:
    return calls.record / f"{bucket}.policy.json"


def put_policy(calls: Calls, bucket: str, inputs: Properties) -> None:
    """The record is written first: after a crash between the two a repeat gives the double the rest again."""
    document = json.loads(text(inputs, "policy"))
    statements = items(document.get("Statement"))
    calls.record.mkdir(parents=True, exist_ok=True)
    file = _record(calls, bucket)
    draft = file.with_suffix(".draft")
    draft.write_text(text(inputs, "policy"), encoding="utf-8")
    draft.replace(file)
    rest = [one for one in statements if not withheld(one)]
    if rest:
        calls.call("s3", "put_bucket_policy", Bucket=bucket, Policy=json.dumps({**document, "Statement": rest}))
    else:
        unless_gone(lambda: calls.call("s3", "delete_bucket_policy", Bucket=bucket), *ABSENT)


def get_policy(calls: Calls, bucket: str) -> Properties:
    """The whole document: what the double holds now, and what was kept aside, in the order it was written."""
    calls.call("s3", "head_bucket", Bucket=bucket)
    file = _record(calls, bucket)
    if not file.exists():
        return {}
    written = file.read_text(encoding="utf-8")
    document: Properties = json.loads(written)
    statements = items(document.get("Statement"))
    held: list[Properties] = []
    if any(not withheld(one) for one in statements):
        answer = calls.call("s3", "get_bucket_policy", Bucket=bucket)
        held = items(mapping(json.loads(text(answer, "Policy"))).get("Statement"))
    if [one for one in statements if not withheld(one)] == held:
        return {"policy": written}
    changed = {**document, "Statement": [*held, *(one for one in statements if withheld(one))]}
    return {"policy": json.dumps(changed)}


def remove_policy(calls: Calls, bucket: str) -> None:
    _record(calls, bucket).unlink(missing_ok=True)
    unless_gone(lambda: calls.call("s3", "delete_bucket_policy", Bucket=bucket), *ABSENT, *NO_BUCKET)


POLICY = BucketSetting(
    "aws:s3/bucketPolicy:BucketPolicy", put_policy, get_policy, remove_policy, absent=ABSENT, note=NOTE
)
