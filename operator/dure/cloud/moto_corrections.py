"""Where moto answers otherwise than AWS and nothing but moto itself can mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from moto.iam.models import IAMBackend

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
    bound_users()
    refuse_boundaries_that_do_not_exist()


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


def bound_users() -> None:
    """AWS takes a permissions boundary for a user too; moto drops it, and knows no call that sets one later."""
    from moto.core.responses import ActionResult, EmptyResult
    from moto.iam.models import User
    from moto.iam.responses import IamResponse

    original = IamResponse.create_user

    def bound(response: IamResponse, arn: str | None) -> None:
        user: Any = response.backend.get_user(response._get_param("UserName"))
        kind = "PermissionsBoundaryPolicy"
        user.permissions_boundary = {"PermissionsBoundaryType": kind, "PermissionsBoundaryArn": arn} if arn else None

    def create(response: IamResponse) -> ActionResult:
        arn = response._get_param("PermissionsBoundary")
        _refuse_absent(response.backend, arn)
        made = original(response)
        bound(response, arn)
        return made

    def put(response: IamResponse) -> ActionResult:
        arn = response._get_param("PermissionsBoundary")
        _refuse_absent(response.backend, arn)
        bound(response, arn)
        return EmptyResult()

    def delete(response: IamResponse) -> ActionResult:
        bound(response, None)
        return EmptyResult()

    setattr(User, "permissions_boundary", None)  # noqa: B010 - moto's class has no such attribute
    _replace(IamResponse, "create_user", create)
    _replace(IamResponse, "put_user_permissions_boundary", put)
    _replace(IamResponse, "delete_user_permissions_boundary", delete)


def refuse_boundaries_that_do_not_exist() -> None:
    """AWS sets no boundary that is not there; moto any for a role."""
    from moto.iam.models import IAMBackend

    create, put = IAMBackend.create_role, IAMBackend.put_role_permissions_boundary

    def checked_create(backend: IAMBackend, *given: Any, **named: Any) -> object:
        _refuse_absent(backend, named["permissions_boundary"] if "permissions_boundary" in named else given[3])
        return create(backend, *given, **named)

    def checked_put(backend: IAMBackend, role_name: str, permissions_boundary: str) -> None:
        _refuse_absent(backend, permissions_boundary)
        put(backend, role_name, permissions_boundary)

    _replace(IAMBackend, "create_role", checked_create)
    _replace(IAMBackend, "put_role_permissions_boundary", checked_put)


def _refuse_absent(backend: IAMBackend, arn: str | None) -> None:
    from moto.iam.exceptions import NoSuchEntity

    if arn and arn not in backend.managed_policies:
        raise NoSuchEntity(f"Scope ARN: {arn} does not exist or is not attachable.")


def _replace(kind: type, method: str, by: Callable[..., object]) -> None:
    setattr(kind, method, by)
