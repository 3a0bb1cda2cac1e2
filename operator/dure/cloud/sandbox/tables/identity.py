"""Identities: aws:iam roles, policies and token issuers."""

from dure.cloud.sandbox import tagging
from dure.cloud.sandbox.plain import ANY, Call, Plain, Step

ROLE = Plain(
    "aws:iam/role:Role",
    "iam",
    make=Call(
        "create_role",
        {
            "RoleName": "{name}",
            "Path": "{path}",
            "AssumeRolePolicyDocument": "{assumeRolePolicy}",
            "Description": "{description}",
            "MaxSessionDuration": "{maxSessionDuration}",
            "PermissionsBoundary": "{permissionsBoundary}",
        },
    ),
    parts=("name",),
    look=Call("get_role", {"RoleName": "{name}"}),
    found="Role",
    drop=(Call("delete_role", {"RoleName": "{name}"}),),
    sees={
        "path": "Path",
        "assumeRolePolicy": "to_string(AssumeRolePolicyDocument)",
        "description": "Description",
        "maxSessionDuration": "MaxSessionDuration",
        "permissionsBoundary": "PermissionsBoundary.PermissionsBoundaryArn",
    },
    outputs={"arn": "Arn", "uniqueId": "RoleId"},
    defaults={"path": "/", "maxSessionDuration": 3600, "forceDetachPolicies": False},
    replace_on=frozenset({"name", "path"}),
    steps=(
        Step(
            ("assumeRolePolicy",),
            Call("update_assume_role_policy", {"RoleName": "{name}", "PolicyDocument": "{assumeRolePolicy}"}),
        ),
        Step(
            ("description", "maxSessionDuration"),
            Call(
                "update_role",
                {
                    "RoleName": "{name}",
                    "Description": "{description}",
                    "MaxSessionDuration": "{maxSessionDuration}",
                },
            ),
        ),
        Step(
            ("permissionsBoundary",),
            Call(
                "put_role_permissions_boundary",
                {"RoleName": "{name}", "PermissionsBoundary": "{permissionsBoundary}"},
            ),
            taken_off=Call("delete_role_permissions_boundary", {"RoleName": "{name}"}),
        ),
    ),
    tagging=tagging.of_iam("role", "RoleName"),
    unseen=("forceDetachPolicies",),
    named="name",
    gone=("NoSuchEntity",),
)
PUT_ROLE_POLICY = Call("put_role_policy", {"RoleName": "{role}", "PolicyName": "{name}", "PolicyDocument": "{policy}"})
ROLE_POLICY = Plain(
    "aws:iam/rolePolicy:RolePolicy",
    "iam",
    make=PUT_ROLE_POLICY,
    parts=("role", "name"),
    separator=":",
    look=Call("get_role_policy", {"RoleName": "{role}", "PolicyName": "{name}"}),
    found="@",
    drop=(Call("delete_role_policy", {"RoleName": "{role}", "PolicyName": "{name}"}),),
    sees={"policy": "to_string(PolicyDocument)"},
    replace_on=frozenset({"role", "name"}),
    steps=(Step(("policy",), PUT_ROLE_POLICY),),
    named="name",
    gone=("NoSuchEntity",),
)
ATTACHMENT = Plain(
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "iam",
    make=Call("attach_role_policy", {"RoleName": "{role}", "PolicyArn": "{policyArn}"}),
    parts=("role", "policyArn"),
    look=Call("list_attached_role_policies", {"RoleName": "{role}"}),
    found="AttachedPolicies[?PolicyArn=='{policyArn}'] | [0]",
    drop=(Call("detach_role_policy", {"RoleName": "{role}", "PolicyArn": "{policyArn}"}),),
    replace_on=ANY,
    gone=("NoSuchEntity",),
)
POLICY = Plain(
    "aws:iam/policy:Policy",
    "iam",
    make=Call(
        "create_policy",
        {
            "PolicyName": "{name}",
            "Path": "{path}",
            "PolicyDocument": "{policy}",
            "Description": "{description}",
        },
    ),
    identity="Policy.Arn",
    look=Call("get_policy", {"PolicyArn": "{id}"}),
    found="Policy",
    also=(
        (
            Call("get_policy_version", {"PolicyArn": "{id}", "VersionId": "{DefaultVersionId}"}),
            "{Document: PolicyVersion.Document}",
        ),
    ),
    drop=(Call("delete_policy", {"PolicyArn": "{id}"}),),
    sees={"name": "PolicyName", "path": "Path", "policy": "to_string(Document)"},
    outputs={"arn": "Arn", "policyId": "PolicyId"},
    defaults={"path": "/"},
    replace_on=frozenset({"name", "path", "description"}),
    steps=(
        Step(
            ("policy",),
            Call("create_policy_version", {"PolicyArn": "{id}", "PolicyDocument": "{policy}", "SetAsDefault": True}),
        ),
    ),
    tagging=tagging.of_iam("policy", "PolicyArn", "{id}"),
    named="name",
    gone=("NoSuchEntity",),
    note="Older versions are not pruned; AWS keeps five.",
)
TOKEN_ISSUER = Plain(
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
    "iam",
    make=Call(
        "create_open_id_connect_provider",
        {"Url": "{url}", "ClientIDList": "{clientIdLists}", "ThumbprintList": "{thumbprintLists}"},
    ),
    identity="OpenIDConnectProviderArn",
    look=Call("get_open_id_connect_provider", {"OpenIDConnectProviderArn": "{id}"}),
    found="@",
    drop=(Call("delete_open_id_connect_provider", {"OpenIDConnectProviderArn": "{id}"}),),
    sees={"clientIdLists": "ClientIDList"},
    fixed={"arn": "{id}"},
    replace_on=frozenset({"url", "clientIdLists"}),
    tagging=tagging.of_iam("open_id_connect_provider", "OpenIDConnectProviderArn", "{id}"),
    gone=("NoSuchEntity",),
    note="No token is ever checked.",
)
TYPES = (ROLE, ROLE_POLICY, ATTACHMENT, POLICY, TOKEN_ISSUER)
