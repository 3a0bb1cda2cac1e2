"""aws:iam/user:User, aws:iam/userPolicy:UserPolicy and aws:iam/accessKey:AccessKey"""

import json
from dataclasses import dataclass
from urllib.parse import unquote

from botocore.exceptions import ClientError

from dure.cloud.sandbox.handler import Calls, Made, error_code, unless_gone
from dure.cloud.sandbox.properties import Properties, items, mapping, tags, text

GONE = ("NoSuchEntity",)


@dataclass(frozen=True)
class User:
    type: str = "aws:iam/user:User"
    named: str = "name"
    checked: tuple[str, ...] = ("path", "permissionsBoundary", "tags")
    inputs: frozenset[str] = frozenset({"name", "path", "permissionsBoundary", "tags"})
    unseen: tuple[str, ...] = ("forceDestroy",)
    note: str = ""
    replace_on: frozenset[str] = frozenset({"name", "path"})

    def check(self, inputs: Properties, autonamed: str) -> Properties:
        return {"name": autonamed, "path": "/", "forceDestroy": False, **inputs}

    def create(self, calls: Calls, inputs: Properties) -> Made:
        wanted = calls.default_tags | tags(inputs.get("tags"))
        pairs = [{"Key": key, "Value": value} for key, value in sorted(wanted.items())]
        name = text(inputs, "name")
        boundary = text(inputs, "permissionsBoundary")
        bounded: Properties = {"PermissionsBoundary": boundary} if boundary else {}
        answer = calls.call("iam", "create_user", UserName=name, Path=text(inputs, "path"), Tags=pairs, **bounded)
        return Made(name, self._outputs(mapping(answer.get("User")), wanted))

    def read(self, calls: Calls, identity: str, inputs: Properties) -> Properties | None:
        try:
            found = mapping(calls.call("iam", "get_user", UserName=identity).get("User"))
        except ClientError as error:
            if error_code(error) in GONE:
                return None
            raise
        answer = calls.call("iam", "list_user_tags", UserName=identity)
        every = {text(one, "Key"): text(one, "Value") for one in items(answer.get("Tags"))}
        seen: Properties = {**inputs, "name": identity, "path": found.get("Path")}
        seen.pop("permissionsBoundary", None)
        if boundary := mapping(found.get("PermissionsBoundary")).get("PermissionsBoundaryArn"):
            seen["permissionsBoundary"] = boundary
        own = {key: value for key, value in every.items() if key not in calls.default_tags}
        if own or "tags" in inputs:
            seen["tags"] = dict(own)
        return seen | self._outputs(found, every)

    def update(self, calls: Calls, identity: str, olds: Properties, news: Properties) -> Properties:
        wanted = calls.default_tags | tags(news.get("tags"))
        stale = sorted(tags(olds.get("tagsAll")).keys() - wanted.keys())
        if stale:
            calls.call("iam", "untag_user", UserName=identity, TagKeys=stale)
        if wanted:
            pairs = [{"Key": key, "Value": value} for key, value in sorted(wanted.items())]
            calls.call("iam", "tag_user", UserName=identity, Tags=pairs)
        self._bound(calls, identity, text(olds, "permissionsBoundary"), text(news, "permissionsBoundary"))
        return {"arn": olds.get("arn"), "uniqueId": olds.get("uniqueId"), "tagsAll": dict(wanted)}

    def delete(self, calls: Calls, identity: str, outputs: Properties) -> None:
        unless_gone(lambda: calls.call("iam", "delete_user", UserName=identity), *GONE)

    def _bound(self, calls: Calls, identity: str, old: str, new: str) -> None:
        if new and new != old:
            calls.call("iam", "put_user_permissions_boundary", UserName=identity, PermissionsBoundary=new)
        elif old and not new:
            calls.call("iam", "delete_user_permissions_boundary", UserName=identity)

    def _outputs(self, user: Properties, every: dict[str, str]) -> Properties:
        return {"arn": user.get("Arn"), "uniqueId": user.get("UserId"), "tagsAll": dict(every)}


@dataclass(frozen=True)
class UserPolicy:
    """Its id is `user:policy`."""

    type: str = "aws:iam/userPolicy:UserPolicy"
    named: str = "name"
    checked: tuple[str, ...] = ("policy",)
    inputs: frozenset[str] = frozenset({"user", "name", "policy"})
    unseen: tuple[str, ...] = ()
    note: str = ""
    replace_on: frozenset[str] = frozenset({"name", "user"})

    def check(self, inputs: Properties, autonamed: str) -> Properties:
        return {"name": autonamed, **inputs}

    def create(self, calls: Calls, inputs: Properties) -> Made:
        self._put(calls, inputs)
        return Made(f"{text(inputs, 'user')}:{text(inputs, 'name')}")

    def read(self, calls: Calls, identity: str, inputs: Properties) -> Properties | None:
        user, _, name = identity.partition(":")
        try:
            found = calls.call("iam", "get_user_policy", UserName=user, PolicyName=name)["PolicyDocument"]
        except ClientError as error:
            if error_code(error) in GONE:
                return None
            raise
        document = json.loads(unquote(found)) if isinstance(found, str) else found
        given = text(inputs, "policy")
        same = bool(given) and json.loads(given) == document
        return {**inputs, "user": user, "name": name, "policy": given if same else json.dumps(document)}

    def update(self, calls: Calls, identity: str, olds: Properties, news: Properties) -> Properties:
        self._put(calls, news)
        return {}

    def delete(self, calls: Calls, identity: str, outputs: Properties) -> None:
        user, _, name = identity.partition(":")
        unless_gone(lambda: calls.call("iam", "delete_user_policy", UserName=user, PolicyName=name), *GONE)

    def _put(self, calls: Calls, inputs: Properties) -> None:
        calls.call(
            "iam",
            "put_user_policy",
            UserName=text(inputs, "user"),
            PolicyName=text(inputs, "name"),
            PolicyDocument=text(inputs, "policy"),
        )


@dataclass(frozen=True)
class AccessKey:
    type: str = "aws:iam/accessKey:AccessKey"
    named: str = ""
    checked: tuple[str, ...] = ("status",)
    inputs: frozenset[str] = frozenset({"user", "status"})
    unseen: tuple[str, ...] = ()
    note: str = ""
    replace_on: frozenset[str] = frozenset({"user"})

    def check(self, inputs: Properties, autonamed: str) -> Properties:
        return {"status": "Active", **inputs}

    def create(self, calls: Calls, inputs: Properties) -> Made:
        key = mapping(calls.call("iam", "create_access_key", UserName=text(inputs, "user")).get("AccessKey"))
        return Made(
            text(key, "AccessKeyId"),
            {"secret": key.get("SecretAccessKey"), "createDate": str(key.get("CreateDate", ""))},
        )

    def read(self, calls: Calls, identity: str, inputs: Properties) -> Properties | None:
        user = text(inputs, "user")
        try:
            keys = items(calls.call("iam", "list_access_keys", UserName=user).get("AccessKeyMetadata"))
        except ClientError as error:
            if error_code(error) in GONE:
                return None
            raise
        for key in keys:
            if key.get("AccessKeyId") == identity:
                return {**inputs, "status": key.get("Status")}
        return None

    def update(self, calls: Calls, identity: str, olds: Properties, news: Properties) -> Properties:
        calls.call(
            "iam",
            "update_access_key",
            UserName=text(news, "user"),
            AccessKeyId=identity,
            Status=text(news, "status"),
        )
        return {key: olds.get(key) for key in ("secret", "createDate")}

    def delete(self, calls: Calls, identity: str, outputs: Properties) -> None:
        user = text(outputs, "user")
        unless_gone(lambda: calls.call("iam", "delete_access_key", UserName=user, AccessKeyId=identity), *GONE)
