"""Customers' people and what watches over them: aws:cognito, aws:sns, aws:cloudwatch alarms."""

from dure.cloud.sandbox import tagging
from dure.cloud.sandbox.plain import ANY, Call, Plain, Step
from dure.cloud.sandbox.template import Template

POOL_SETTINGS: dict[str, Template] = {
    "Policies": {"PasswordPolicy": "{passwordPolicy|pascal}"},
    "DeletionProtection": "{deletionProtection}",
    "AdminCreateUserConfig": "{adminCreateUserConfig|pascal}",
}
USER_POOL = Plain(
    "aws:cognito/userPool:UserPool",
    "cognito-idp",
    make=Call("create_user_pool", {"PoolName": "{name}", **POOL_SETTINGS}),
    identity="UserPool.Id",
    look=Call("describe_user_pool", {"UserPoolId": "{id}"}),
    found="UserPool",
    drop=(Call("delete_user_pool", {"UserPoolId": "{id}"}),),
    sees={
        "name": "Name",
        "deletionProtection": "DeletionProtection",
        "passwordPolicy": "Policies.PasswordPolicy",
        "adminCreateUserConfig": "AdminCreateUserConfig",
    },
    outputs={"arn": "Arn"},
    guards={
        "DeletionProtection == 'ACTIVE'": "InvalidParameterException: The user pool cannot be deleted because"
        " deletion protection is activated. Deletion protection must be inactivated first"
    },
    defaults={"deletionProtection": "INACTIVE"},
    replace_on=frozenset({"name"}),
    steps=(
        Step(
            ("passwordPolicy", "deletionProtection", "adminCreateUserConfig"),
            Call("update_user_pool", {"UserPoolId": "{id}", **POOL_SETTINGS}),
        ),
    ),
    unseen=("mfaConfiguration", "softwareTokenMfaConfiguration", "tags"),
    named="name",
    gone=("ResourceNotFoundException",),
    note="Second factor and tags are taken as written; deletion protection is enforced by the sandbox.",
)
CLIENT_SETTINGS: dict[str, Template] = {
    "UserPoolId": "{userPoolId}",
    "ClientName": "{name}",
    "ExplicitAuthFlows": "{explicitAuthFlows}",
    "CallbackURLs": "{callbackUrls}",
    "AllowedOAuthFlows": "{allowedOauthFlows}",
    "AllowedOAuthScopes": "{allowedOauthScopes}",
    "AllowedOAuthFlowsUserPoolClient": "{allowedOauthFlowsUserPoolClient}",
    "PreventUserExistenceErrors": "{preventUserExistenceErrors}",
    "SupportedIdentityProviders": "{supportedIdentityProviders}",
}
CLIENT = {"UserPoolId": "{userPoolId}", "ClientId": "{id}"}
USER_POOL_CLIENT = Plain(
    "aws:cognito/userPoolClient:UserPoolClient",
    "cognito-idp",
    make=Call("create_user_pool_client", {**CLIENT_SETTINGS, "GenerateSecret": "{generateSecret}"}),
    identity="UserPoolClient.ClientId",
    look=Call("describe_user_pool_client", CLIENT),
    found="UserPoolClient",
    drop=(Call("delete_user_pool_client", CLIENT),),
    sees={
        "name": "ClientName",
        "explicitAuthFlows": "ExplicitAuthFlows",
        "callbackUrls": "CallbackURLs",
        "allowedOauthFlows": "AllowedOAuthFlows",
        "allowedOauthScopes": "AllowedOAuthScopes",
    },
    outputs={"clientSecret": "ClientSecret"},
    replace_on=frozenset({"userPoolId", "generateSecret"}),
    steps=(
        Step(
            (
                "name",
                "explicitAuthFlows",
                "callbackUrls",
                "allowedOauthFlows",
                "allowedOauthScopes",
                "allowedOauthFlowsUserPoolClient",
                "preventUserExistenceErrors",
                "supportedIdentityProviders",
            ),
            Call("update_user_pool_client", {**CLIENT, **CLIENT_SETTINGS}),
        ),
    ),
    named="name",
    gone=("ResourceNotFoundException",),
)
GROUP_SETTINGS: dict[str, Template] = {
    "UserPoolId": "{userPoolId}",
    "GroupName": "{name}",
    "Description": "{description}",
    "RoleArn": "{roleArn}",
}
GROUP = {"UserPoolId": "{userPoolId}", "GroupName": "{name}"}
USER_GROUP = Plain(
    "aws:cognito/userGroup:UserGroup",
    "cognito-idp",
    make=Call("create_group", GROUP_SETTINGS),
    parts=("userPoolId", "name"),
    look=Call("get_group", GROUP),
    found="Group",
    drop=(Call("delete_group", GROUP),),
    sees={"description": "Description", "roleArn": "RoleArn"},
    replace_on=frozenset({"userPoolId", "name"}),
    steps=(Step(("description", "roleArn"), Call("update_group", GROUP_SETTINGS)),),
    named="name",
    gone=("ResourceNotFoundException",),
)
TOPIC = Plain(
    "aws:sns/topic:Topic",
    "sns",
    make=Call("create_topic", {"Name": "{name}"}),
    identity="TopicArn",
    look=Call("get_topic_attributes", {"TopicArn": "{id}"}),
    found="Attributes",
    drop=(Call("delete_topic", {"TopicArn": "{id}"}),),
    sees={"kmsMasterKeyId": "KmsMasterKeyId"},
    outputs={"arn": "TopicArn", "owner": "Owner"},
    replace_on=frozenset({"name"}),
    steps=(
        Step(
            ("kmsMasterKeyId",),
            Call(
                "set_topic_attributes",
                {"TopicArn": "{id}", "AttributeName": "KmsMasterKeyId", "AttributeValue": "{kmsMasterKeyId}"},
            ),
            at_making=True,
        ),
    ),
    tagging=tagging.TOPIC,
    named="name",
    gone=("NotFound", "NotFoundException"),
    note="Nothing is sent.",
)
SUBSCRIPTION = Plain(
    "aws:sns/topicSubscription:TopicSubscription",
    "sns",
    make=Call(
        "subscribe",
        {"TopicArn": "{topic}", "Protocol": "{protocol}", "Endpoint": "{endpoint}", "ReturnSubscriptionArn": True},
    ),
    identity="SubscriptionArn",
    look=Call("get_subscription_attributes", {"SubscriptionArn": "{id}"}),
    found="Attributes",
    drop=(Call("unsubscribe", {"SubscriptionArn": "{id}"}),),
    sees={"topic": "TopicArn", "protocol": "Protocol", "endpoint": "Endpoint"},
    outputs={"arn": "SubscriptionArn"},
    replace_on=ANY,
    gone=("NotFound", "NotFoundException"),
    note="Confirmed at once; AWS waits for the reader of the mail.",
)
ALARM_SETTINGS = {
    "alarmDescription": "AlarmDescription",
    "comparisonOperator": "ComparisonOperator",
    "evaluationPeriods": "EvaluationPeriods",
    "metricName": "MetricName",
    "namespace": "Namespace",
    "period": "Period",
    "statistic": "Statistic",
    "threshold": "Threshold",
    "alarmActions": "AlarmActions",
    "okActions": "OKActions",
    "treatMissingData": "TreatMissingData",
}
PUT_ALARM = Call(
    "put_metric_alarm",
    {
        "AlarmName": "{name}",
        "Dimensions": "{dimensions|named}",
        **{theirs: f"{{{ours}}}" for ours, theirs in ALARM_SETTINGS.items()},
    },
)
ALARM = Plain(
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    "cloudwatch",
    make=PUT_ALARM,
    parts=("name",),
    separator="|",
    look=Call("describe_alarms", {"AlarmNames": ["{name}"]}),
    found="MetricAlarms[0]",
    drop=(Call("delete_alarms", {"AlarmNames": ["{name}"]}),),
    sees={**ALARM_SETTINGS, "dimensions": "Dimensions"},
    outputs={"arn": "AlarmArn"},
    replace_on=frozenset({"name"}),
    steps=(Step((*ALARM_SETTINGS, "dimensions"), PUT_ALARM),),
    tagging=tagging.ALARM,
    named="name",
    gone=("ResourceNotFound",),
    note="Never evaluated.",
)
TYPES = (USER_POOL, USER_POOL_CLIENT, USER_GROUP, TOPIC, SUBSCRIPTION, ALARM)
