"""Where moto answers otherwise than AWS and nothing but moto itself can mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

ACTIONS = {
    ("BUCKET", "HEAD", "DEFAULT"): "ListBucket",
    ("BUCKET", "PUT", "object-lock"): "PutBucketObjectLockConfiguration",
    ("BUCKET", "PUT", "encryption"): "PutEncryptionConfiguration",
    ("BUCKET", "PUT", "ownershipControls"): "PutBucketOwnershipControls",
    ("KEY", "GET", "retention"): "GetObjectRetention",
    ("KEY", "PUT", "retention"): "PutObjectRetention",
    ("KEY", "PUT", "legal-hold"): "PutObjectLegalHold",
}
"""Permissions that AWS asks for where moto asks for another (AWS: "Actions defined by Amazon S3")."""


class AsAws:
    """moto behind one correction: AWS asks no checksum of a copy into a locked bucket, moto does."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if "HTTP_X_AMZ_COPY_SOURCE" in environ:
            environ.setdefault("HTTP_X_AMZ_SDK_CHECKSUM_ALGORITHM", "SHA256")
        return self._application(environ, start_response)


def correct() -> None:
    """Before the server starts."""
    from moto.s3.responses import ACTION_MAP

    for (kind, method, subject), action in ACTIONS.items():
        ACTION_MAP[kind][method][subject] = action
    sign_what_was_sent()
    free_names_of_deleted_plans()
    free_names_of_deleted_records()


def sign_what_was_sent() -> None:
    """moto puts a request's headers where its form is when it has neither form nor query, and then finds that what
    was signed has no such body: it refuses each GET of GuardDuty, Backup and others. A request without body has none.
    """
    from moto.iam.access_control import IAMRequestBase

    original = IAMRequestBase._create_aws_request

    def without_invented_body(request: IAMRequestBase) -> object:
        if not request._body and request._method != "POST":  # a form's fields are all that is left of its body
            request._data = {}
        return original(request)

    _replace(IAMRequestBase, "_create_aws_request", without_invented_body)


def free_names_of_deleted_plans() -> None:
    """AWS Backup takes a plan of a name that was there before; moto never."""
    from moto.backup.models import BackupBackend

    original = BackupBackend.delete_backup_plan

    def delete(backend: BackupBackend, backup_plan_id: str) -> object:
        gone = original(backend, backup_plan_id)
        backend.plans.pop(backup_plan_id, None)
        return gone

    _replace(BackupBackend, "delete_backup_plan", delete)


def free_names_of_deleted_records() -> None:
    """AWS takes a record again that was there before; moto refuses it while the zone has any later one."""
    from moto.route53.models import Route53Backend

    original = Route53Backend.change_resource_record_sets

    def change(backend: Route53Backend, zoneid: str, change_list: list[dict[str, Any]]) -> object:
        zone = backend.get_hosted_zone(zoneid)
        standing = {(one.name.strip("."), one.type) for one in zone.rrsets}
        for value in change_list:
            wanted = value["ResourceRecordSet"]
            if (wanted["Name"].strip("."), wanted["Type"]) not in standing:
                while value in zone.rr_changes:
                    zone.rr_changes.remove(value)
        return original(backend, zoneid, change_list)

    _replace(Route53Backend, "change_resource_record_sets", change)


def _replace(kind: type, method: str, by: Callable[..., object]) -> None:
    setattr(kind, method, by)
