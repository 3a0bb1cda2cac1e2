"""aws:s3/bucket:Bucket"""

from dataclasses import dataclass

from botocore.exceptions import ClientError

from dure.cloud.sandbox.handler import Calls, Made, PartlyMade, error_code, unless_gone
from dure.cloud.sandbox.properties import Properties, items, tags, text

GONE = ("NoSuchBucket", "404")


@dataclass(frozen=True)
class Bucket:
    type: str = "aws:s3/bucket:Bucket"
    named: str = "bucket"
    checked: tuple[str, ...] = ("tags",)
    inputs: frozenset[str] = frozenset({"bucket", "tags"})
    unseen: tuple[str, ...] = ("forceDestroy",)
    note: str = "Whether object lock is on is told once, at making."
    replace_on: frozenset[str] = frozenset({"bucket", "bucketPrefix", "objectLockEnabled", "region"})

    def check(self, inputs: Properties, autonamed: str) -> Properties:
        return {"bucket": autonamed, "forceDestroy": False, **inputs}

    def create(self, calls: Calls, inputs: Properties) -> Made:
        name = text(inputs, "bucket")
        parameters: Properties = {"Bucket": name}
        if inputs.get("objectLockEnabled"):
            parameters["ObjectLockEnabledForBucket"] = True
        if calls.region != "us-east-1":  # the one region that may not be named
            parameters["CreateBucketConfiguration"] = {"LocationConstraint": calls.region}
        calls.call("s3", "create_bucket", **parameters)
        made = Made(name, self._outputs(calls, name, inputs))
        try:
            self._tag(calls, name, inputs)
        except ClientError as error:
            raise PartlyMade(made, error) from error
        return made

    def read(self, calls: Calls, identity: str, inputs: Properties) -> Properties | None:
        if not unless_gone(lambda: calls.call("s3", "head_bucket", Bucket=identity), *GONE):
            return None
        seen = {**inputs, "bucket": identity}
        own = {key: value for key, value in self._tags(calls, identity).items() if key not in calls.default_tags}
        if own or "tags" in inputs:
            seen["tags"] = dict(own)
        return seen | self._outputs(calls, identity, seen)

    def update(self, calls: Calls, identity: str, olds: Properties, news: Properties) -> Properties:
        self._tag(calls, identity, news)
        return self._outputs(calls, identity, news)

    def delete(self, calls: Calls, identity: str, outputs: Properties) -> None:
        if outputs.get("forceDestroy"):
            unless_gone(lambda: self._empty(calls, identity), *GONE)
        unless_gone(lambda: calls.call("s3", "delete_bucket", Bucket=identity), *GONE)

    def _empty(self, calls: Calls, name: str) -> None:
        while found := self._versions(calls, name):
            for one in found:
                calls.call("s3", "delete_object", Bucket=name, Key=one["Key"], VersionId=one["VersionId"])

    def _versions(self, calls: Calls, name: str) -> list[Properties]:
        page = calls.call("s3", "list_object_versions", Bucket=name)
        return [*items(page.get("Versions")), *items(page.get("DeleteMarkers"))]

    def _tag(self, calls: Calls, name: str, inputs: Properties) -> None:
        wanted = calls.default_tags | tags(inputs.get("tags"))
        if wanted:
            pairs = [{"Key": key, "Value": value} for key, value in sorted(wanted.items())]
            calls.call("s3", "put_bucket_tagging", Bucket=name, Tagging={"TagSet": pairs})
        else:
            calls.call("s3", "delete_bucket_tagging", Bucket=name)

    def _tags(self, calls: Calls, name: str) -> dict[str, str]:
        try:
            found = items(calls.call("s3", "get_bucket_tagging", Bucket=name).get("TagSet"))
        except ClientError as error:
            if error_code(error) == "NoSuchTagSet":
                return {}
            raise
        return {text(one, "Key"): text(one, "Value") for one in found}

    def _outputs(self, calls: Calls, name: str, inputs: Properties) -> Properties:
        everything: Properties = dict(calls.default_tags | tags(inputs.get("tags")))
        return {
            "arn": f"arn:aws:s3:::{name}",
            "bucketDomainName": f"{name}.s3.amazonaws.com",
            "bucketRegion": calls.region,
            "bucketRegionalDomainName": f"{name}.s3.{calls.region}.amazonaws.com",
            "region": calls.region,
            "tagsAll": everything,
        }
