"""Versioning, object lock, encryption, public access, ownership and lifecycle of a bucket."""

from pydantic import JsonValue

from dure.cloud.sandbox.handler import Calls
from dure.cloud.sandbox.properties import Properties, items, mapping, text
from dure.cloud.sandbox.s3_setting import BucketSetting

ACCESS_BLOCK = {
    "blockPublicAcls": "BlockPublicAcls",
    "blockPublicPolicy": "BlockPublicPolicy",
    "ignorePublicAcls": "IgnorePublicAcls",
    "restrictPublicBuckets": "RestrictPublicBuckets",
}


def put_versioning(calls: Calls, bucket: str, inputs: Properties) -> None:
    status = text(mapping(inputs.get("versioningConfiguration")), "status")
    calls.call("s3", "put_bucket_versioning", Bucket=bucket, VersioningConfiguration={"Status": status})


def get_versioning(calls: Calls, bucket: str) -> Properties:
    status = calls.call("s3", "get_bucket_versioning", Bucket=bucket).get("Status", "Suspended")
    return {"versioningConfiguration": {"status": status}}


def put_object_lock(calls: Calls, bucket: str, inputs: Properties) -> None:
    retention = mapping(mapping(inputs.get("rule")).get("defaultRetention"))
    days = {"Days": retention["days"]} if "days" in retention else {"Years": retention["years"]}
    configuration = {
        "ObjectLockEnabled": "Enabled",
        "Rule": {"DefaultRetention": {"Mode": retention["mode"], **days}},
    }
    calls.call("s3", "put_object_lock_configuration", Bucket=bucket, ObjectLockConfiguration=configuration)


def get_object_lock(calls: Calls, bucket: str) -> Properties:
    answer = calls.call("s3", "get_object_lock_configuration", Bucket=bucket)
    found = mapping(answer.get("ObjectLockConfiguration"))
    retention = mapping(mapping(found.get("Rule")).get("DefaultRetention"))
    seen: Properties = {"mode": retention.get("Mode")}
    for ours, theirs in (("days", "Days"), ("years", "Years")):
        if retention.get(theirs):
            seen[ours] = retention[theirs]
    return {"objectLockEnabled": "Enabled", "rule": {"defaultRetention": seen}}


def put_encryption(calls: Calls, bucket: str, inputs: Properties) -> None:
    rules: list[JsonValue] = []
    for rule in items(inputs.get("rules")):
        default = mapping(rule.get("applyServerSideEncryptionByDefault"))
        chosen: Properties = {"SSEAlgorithm": default.get("sseAlgorithm")}
        if default.get("kmsMasterKeyId"):
            chosen["KMSMasterKeyID"] = default["kmsMasterKeyId"]
        rules.append(
            {
                "ApplyServerSideEncryptionByDefault": chosen,
                "BucketKeyEnabled": bool(rule.get("bucketKeyEnabled")),
            }
        )
    calls.call("s3", "put_bucket_encryption", Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": rules})


def get_encryption(calls: Calls, bucket: str) -> Properties:
    answer = calls.call("s3", "get_bucket_encryption", Bucket=bucket)
    rules: list[JsonValue] = []
    for rule in items(mapping(answer.get("ServerSideEncryptionConfiguration")).get("Rules")):
        default = mapping(rule.get("ApplyServerSideEncryptionByDefault"))
        chosen: Properties = {"sseAlgorithm": default.get("SSEAlgorithm")}
        if default.get("KMSMasterKeyID"):
            chosen["kmsMasterKeyId"] = default["KMSMasterKeyID"]
        seen: Properties = {"applyServerSideEncryptionByDefault": chosen}
        if rule.get("BucketKeyEnabled"):
            seen["bucketKeyEnabled"] = True
        rules.append(seen)
    return {"rules": rules}


def put_access_block(calls: Calls, bucket: str, inputs: Properties) -> None:
    block = {theirs: bool(inputs.get(ours)) for ours, theirs in ACCESS_BLOCK.items()}
    calls.call("s3", "put_public_access_block", Bucket=bucket, PublicAccessBlockConfiguration=block)


def get_access_block(calls: Calls, bucket: str) -> Properties:
    answer = calls.call("s3", "get_public_access_block", Bucket=bucket)
    found = mapping(answer.get("PublicAccessBlockConfiguration"))
    return {ours: bool(found.get(theirs)) for ours, theirs in ACCESS_BLOCK.items()}


def put_ownership(calls: Calls, bucket: str, inputs: Properties) -> None:
    rule = {"ObjectOwnership": text(mapping(inputs.get("rule")), "objectOwnership")}
    calls.call("s3", "put_bucket_ownership_controls", Bucket=bucket, OwnershipControls={"Rules": [rule]})


def get_ownership(calls: Calls, bucket: str) -> Properties:
    answer = calls.call("s3", "get_bucket_ownership_controls", Bucket=bucket)
    rules = items(mapping(answer.get("OwnershipControls")).get("Rules"))
    return {"rule": {"objectOwnership": rules[0]["ObjectOwnership"]}} if rules else {}


def put_lifecycle(calls: Calls, bucket: str, inputs: Properties) -> None:
    rules = [_rule_to_aws(rule) for rule in items(inputs.get("rules"))]
    calls.call("s3", "put_bucket_lifecycle_configuration", Bucket=bucket, LifecycleConfiguration={"Rules": rules})


def _rule_to_aws(rule: Properties) -> Properties:
    wanted: Properties = {
        "ID": rule.get("id"),
        "Status": rule.get("status"),
        "Filter": {"Prefix": text(mapping(rule.get("filter")), "prefix")},
    }
    if noncurrent := mapping(rule.get("noncurrentVersionExpiration")):
        wanted["NoncurrentVersionExpiration"] = {"NoncurrentDays": noncurrent["noncurrentDays"]}
    if expiration := mapping(rule.get("expiration")):
        days: Properties = {"Days": expiration["days"]} if "days" in expiration else {"ExpiredObjectDeleteMarker": True}
        wanted["Expiration"] = days
    if upload := mapping(rule.get("abortIncompleteMultipartUpload")):
        wanted["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": upload["daysAfterInitiation"]}
    return wanted


def get_lifecycle(calls: Calls, bucket: str) -> Properties:
    answer = calls.call("s3", "get_bucket_lifecycle_configuration", Bucket=bucket)
    rules: list[JsonValue] = [_rule_from_aws(rule) for rule in items(answer.get("Rules"))]
    return {"rules": rules}


def _rule_from_aws(rule: Properties) -> Properties:
    seen: Properties = {"id": rule.get("ID"), "status": rule.get("Status")}
    prefix = text(mapping(rule.get("Filter")), "Prefix")
    if prefix:
        seen["filter"] = {"prefix": prefix}
    if noncurrent := mapping(rule.get("NoncurrentVersionExpiration")):
        seen["noncurrentVersionExpiration"] = {"noncurrentDays": noncurrent["NoncurrentDays"]}
    expiration = mapping(rule.get("Expiration"))
    if expiration.get("Days"):
        seen["expiration"] = {"days": expiration["Days"]}
    elif expiration.get("ExpiredObjectDeleteMarker"):
        seen["expiration"] = {"expiredObjectDeleteMarker": True}
    if upload := mapping(rule.get("AbortIncompleteMultipartUpload")):
        seen["abortIncompleteMultipartUpload"] = {"daysAfterInitiation": upload["DaysAfterInitiation"]}
    return seen


def remove_encryption(calls: Calls, bucket: str) -> None:
    calls.call("s3", "delete_bucket_encryption", Bucket=bucket)


def remove_access_block(calls: Calls, bucket: str) -> None:
    calls.call("s3", "delete_public_access_block", Bucket=bucket)


def remove_ownership(calls: Calls, bucket: str) -> None:
    calls.call("s3", "delete_bucket_ownership_controls", Bucket=bucket)


def remove_lifecycle(calls: Calls, bucket: str) -> None:
    calls.call("s3", "delete_bucket_lifecycle", Bucket=bucket)


SETTINGS = (
    BucketSetting("aws:s3/bucketVersioning:BucketVersioning", put_versioning, get_versioning),
    BucketSetting(
        "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
        put_object_lock,
        get_object_lock,
        absent=("ObjectLockConfigurationNotFoundError",),
    ),
    BucketSetting(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        put_encryption,
        get_encryption,
        remove_encryption,
        absent=("ServerSideEncryptionConfigurationNotFoundError",),
    ),
    BucketSetting(
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        put_access_block,
        get_access_block,
        remove_access_block,
        absent=("NoSuchPublicAccessBlockConfiguration",),
    ),
    BucketSetting(
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        put_ownership,
        get_ownership,
        remove_ownership,
        absent=("OwnershipControlsNotFoundError",),
    ),
    BucketSetting(
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        put_lifecycle,
        get_lifecycle,
        remove_lifecycle,
        absent=("NoSuchLifecycleConfiguration",),
    ),
)
