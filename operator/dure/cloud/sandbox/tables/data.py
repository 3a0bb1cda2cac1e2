"""What holds data and what seals it: aws:rds, aws:kms, aws:secretsmanager, aws:ssm."""

from dataclasses import dataclass

from typing_extensions import override

from dure.cloud.sandbox import tagging
from dure.cloud.sandbox.handler import Calls
from dure.cloud.sandbox.plain import Call, Plain, RefusedByAws, Step
from dure.cloud.sandbox.properties import Properties

DATABASE_SETTINGS = {
    "instanceClass": "DBInstanceClass",
    "allocatedStorage": "AllocatedStorage",
    "maxAllocatedStorage": "MaxAllocatedStorage",
    "engineVersion": "EngineVersion",
    "storageType": "StorageType",
    "publiclyAccessible": "PubliclyAccessible",
    "multiAz": "MultiAZ",
    "backupRetentionPeriod": "BackupRetentionPeriod",
    "copyTagsToSnapshot": "CopyTagsToSnapshot",
    "autoMinorVersionUpgrade": "AutoMinorVersionUpgrade",
    "deletionProtection": "DeletionProtection",
}
"""Settings that AWS takes at making and by a change, and tells under the same name."""
DATABASE_WINDOWS = {"backupWindow": "PreferredBackupWindow", "maintenanceWindow": "PreferredMaintenanceWindow"}
DATABASE_CHANGES = {
    **{theirs: f"{{{ours}}}" for ours, theirs in (DATABASE_SETTINGS | DATABASE_WINDOWS).items()},
    "VpcSecurityGroupIds": "{vpcSecurityGroupIds}",
    "DBParameterGroupName": "{parameterGroupName}",
}


@dataclass(frozen=True)
class Database(Plain):
    """With three refusals of AWS that the double lacks (Amazon RDS User Guide: "Updating the VPC for a DB instance",
    "Working with storage", "Managing capacity automatically with Amazon RDS storage autoscaling")."""

    @override
    def update(self, calls: Calls, identity: str, olds: Properties, news: Properties) -> Properties:
        if olds.get("dbSubnetGroupName") != news.get("dbSubnetGroupName") and olds.get("multiAz"):
            raise RefusedByAws("InvalidVPCNetworkStateFault: a database in two zones is not moved to another network")
        before, after = olds.get("allocatedStorage"), news.get("allocatedStorage")
        if isinstance(before, int) and isinstance(after, int) and after < before:
            raise RefusedByAws(f"InvalidParameterCombination: storage of {before} GB does not shrink to {after} GB")
        most = news.get("maxAllocatedStorage")
        if isinstance(after, int) and isinstance(most, int) and most <= after:
            raise RefusedByAws(
                f"InvalidParameterCombination: storage of {after} GB is not below its maximum, {most} GB"
            )
        return super().update(calls, identity, olds, news)


DATABASE = Database(
    "aws:rds/instance:Instance",
    "rds",
    make=Call(
        "create_db_instance",
        {
            "DBInstanceIdentifier": "{identifier}",
            "Engine": "{engine}",
            "MasterUsername": "{username}",
            "MasterUserPassword": "{password}",
            "ManageMasterUserPassword": "{manageMasterUserPassword}",
            "MasterUserSecretKmsKeyId": "{masterUserSecretKmsKeyId}",
            "StorageEncrypted": "{storageEncrypted}",
            "KmsKeyId": "{kmsKeyId}",
            "DBName": "{dbName}",
            "DBSubnetGroupName": "{dbSubnetGroupName}",
            **DATABASE_CHANGES,
        },
    ),
    parts=("identifier",),
    look=Call("describe_db_instances", {"DBInstanceIdentifier": "{identifier}"}),
    found="DBInstances[0]",
    drop=(
        Call(
            "delete_db_instance",
            {
                "DBInstanceIdentifier": "{identifier}",
                "SkipFinalSnapshot": "{skipFinalSnapshot}",
                "FinalDBSnapshotIdentifier": "{finalSnapshotIdentifier}",
            },
        ),
    ),
    sees={
        **DATABASE_SETTINGS,
        "engine": "Engine",
        "storageEncrypted": "StorageEncrypted",
        "kmsKeyId": "KmsKeyId",
        "dbSubnetGroupName": "DBSubnetGroup.DBSubnetGroupName",
        "parameterGroupName": "DBParameterGroups[0].DBParameterGroupName",
        "vpcSecurityGroupIds": "VpcSecurityGroups[].VpcSecurityGroupId",
    },
    outputs={
        "arn": "DBInstanceArn",
        "address": "Endpoint.Address",
        "resourceId": "DbiResourceId",
        "status": "DBInstanceStatus",
        "masterUserSecrets": "[MasterUserSecret.{secretArn: SecretArn, secretStatus: SecretStatus,"
        " kmsKeyId: KmsKeyId}]",
    },
    replace_on=frozenset({"identifier", "engine", "storageEncrypted", "kmsKeyId", "username", "dbName"}),
    steps=(
        Step(
            (*DATABASE_SETTINGS, *DATABASE_WINDOWS, "vpcSecurityGroupIds", "parameterGroupName", "dbSubnetGroupName"),
            Call(
                "modify_db_instance",
                {
                    "DBInstanceIdentifier": "{identifier}",
                    "DBSubnetGroupName": "{dbSubnetGroupName}",
                    "ApplyImmediately": True,
                    **DATABASE_CHANGES,
                },
            ),
        ),
    ),
    tagging=tagging.RDS,
    unseen=(
        "applyImmediately",
        "skipFinalSnapshot",
        "finalSnapshotIdentifier",
        "manageMasterUserPassword",
        "masterUserSecretKmsKeyId",
    ),
    named="identifier",
    gone=("DBInstanceNotFound", "DBInstanceNotFoundFault"),
    note="No database runs; a change takes effect at once; what AWS refuses to change the sandbox refuses.",
)
SUBNET_GROUP = Plain(
    "aws:rds/subnetGroup:SubnetGroup",
    "rds",
    make=Call(
        "create_db_subnet_group",
        {
            "DBSubnetGroupName": "{name}",
            "DBSubnetGroupDescription": "{description}",
            "SubnetIds": "{subnetIds}",
        },
    ),
    parts=("name",),
    look=Call("describe_db_subnet_groups", {"DBSubnetGroupName": "{name}"}),
    found="DBSubnetGroups[0]",
    drop=(Call("delete_db_subnet_group", {"DBSubnetGroupName": "{name}"}),),
    sees={"description": "DBSubnetGroupDescription", "subnetIds": "Subnets[].SubnetIdentifier"},
    outputs={"arn": "DBSubnetGroupArn", "vpcId": "VpcId"},
    defaults={"description": "Managed by Pulumi"},
    replace_on=frozenset({"name"}),
    steps=(
        Step(
            ("description", "subnetIds"),
            Call(
                "modify_db_subnet_group",
                {
                    "DBSubnetGroupName": "{name}",
                    "DBSubnetGroupDescription": "{description}",
                    "SubnetIds": "{subnetIds}",
                },
            ),
        ),
    ),
    tagging=tagging.RDS,
    named="name",
    gone=("DBSubnetGroupNotFoundFault", "DBSubnetGroupNotFound"),
)
PUT_PARAMETERS = Call(
    "modify_db_parameter_group",
    {"DBParameterGroupName": "{name}", "Parameters": "{parameters|settings}"},
)
PARAMETER_GROUP = Plain(
    "aws:rds/parameterGroup:ParameterGroup",
    "rds",
    make=Call(
        "create_db_parameter_group",
        {"DBParameterGroupName": "{name}", "DBParameterGroupFamily": "{family}", "Description": "{description}"},
    ),
    parts=("name",),
    look=Call("describe_db_parameter_groups", {"DBParameterGroupName": "{name}"}),
    found="DBParameterGroups[0]",
    also=(
        (
            Call("describe_db_parameters", {"DBParameterGroupName": "{name}"}),
            "{Parameters: Parameters[].[ParameterName, ParameterValue]}",
        ),
    ),
    drop=(Call("delete_db_parameter_group", {"DBParameterGroupName": "{name}"}),),
    sees={"family": "DBParameterGroupFamily", "parameters": "Parameters"},
    outputs={"arn": "DBParameterGroupArn"},
    defaults={"description": "Managed by Pulumi"},
    replace_on=frozenset({"name", "family", "description"}),
    steps=(Step(("parameters",), PUT_PARAMETERS, at_making=True),),
    tagging=tagging.RDS,
    named="name",
    gone=("DBParameterGroupNotFound",),
    note="Names and values of parameters are not checked.",
)
KEY = Plain(
    "aws:kms/key:Key",
    "kms",
    make=Call("create_key", {"Description": "{description}", "Policy": "{policy}"}),
    identity="KeyMetadata.KeyId",
    look=Call("describe_key", {"KeyId": "{id}"}),
    found="KeyMetadata",
    also=(
        (Call("get_key_rotation_status", {"KeyId": "{id}"}), "{Rotation: KeyRotationEnabled}"),
        (Call("get_key_policy", {"KeyId": "{id}", "PolicyName": "default"}), "{Policy: Policy}"),
    ),
    alive="KeyState != 'PendingDeletion'",
    drop=(Call("schedule_key_deletion", {"KeyId": "{id}", "PendingWindowInDays": "{deletionWindowInDays}"}),),
    sees={"description": "Description", "enableKeyRotation": "Rotation", "policy": "Policy"},
    outputs={"arn": "Arn", "keyId": "KeyId"},
    defaults={"deletionWindowInDays": 30, "enableKeyRotation": False},
    steps=(
        Step(("enableKeyRotation",), Call("enable_key_rotation", {"KeyId": "{id}"}), at_making=True),
        Step(("policy",), Call("put_key_policy", {"KeyId": "{id}", "PolicyName": "default", "Policy": "{policy}"})),
        Step(("description",), Call("update_key_description", {"KeyId": "{id}", "Description": "{description}"})),
    ),
    tagging=tagging.KMS,
    made_with={"Tags": "{tags|tag_pairs}"},
    unseen=("deletionWindowInDays",),
    gone=("NotFoundException", "KMSInvalidStateException"),
    note="Rotation is served only to switch it on; a key's policy stops nobody.",
)
ALIAS = Plain(
    "aws:kms/alias:Alias",
    "kms",
    make=Call("create_alias", {"AliasName": "{name}", "TargetKeyId": "{targetKeyId}"}),
    parts=("name",),
    separator="|",
    look=Call("list_aliases", {"Limit": 100, "KeyId": "{targetKeyId}"}),
    found="Aliases[?AliasName=='{name}'] | [0]",
    drop=(Call("delete_alias", {"AliasName": "{name}"}),),
    sees={"targetKeyId": "TargetKeyId"},
    outputs={"arn": "AliasArn"},
    replace_on=frozenset({"name"}),
    steps=(Step(("targetKeyId",), Call("update_alias", {"AliasName": "{name}", "TargetKeyId": "{targetKeyId}"})),),
    named="name",
    gone=("NotFoundException",),
)
SECRET = Plain(
    "aws:secretsmanager/secret:Secret",
    "secretsmanager",
    make=Call("create_secret", {"Name": "{name}", "Description": "{description}", "KmsKeyId": "{kmsKeyId}"}),
    identity="ARN",
    look=Call("describe_secret", {"SecretId": "{id}"}),
    found="@",
    alive="DeletedDate == `null`",
    drop=(Call("delete_secret", {"SecretId": "{id}", "RecoveryWindowInDays": "{recoveryWindowInDays}"}),),
    sees={"name": "Name", "description": "Description", "kmsKeyId": "KmsKeyId"},
    outputs={"arn": "ARN"},
    defaults={"recoveryWindowInDays": 30},
    replace_on=frozenset({"name"}),
    steps=(
        Step(
            ("description", "kmsKeyId"),
            Call("update_secret", {"SecretId": "{id}", "Description": "{description}", "KmsKeyId": "{kmsKeyId}"}),
        ),
    ),
    tagging=tagging.SECRET,
    unseen=("recoveryWindowInDays",),
    named="name",
    gone=("ResourceNotFoundException",),
)


def _put(*, overwrite: bool) -> Call:
    kept = {"Name": "{name}", "Value": "{value}", "Type": "{type}", "Description": "{description}"}
    return Call("put_parameter", {**kept, "KeyId": "{keyId}", "Overwrite": overwrite})


PARAMETER = Plain(
    "aws:ssm/parameter:Parameter",
    "ssm",
    make=_put(overwrite=False),
    parts=("name",),
    separator="|",
    look=Call("get_parameter", {"Name": "{name}", "WithDecryption": True}),
    found="Parameter",
    drop=(Call("delete_parameter", {"Name": "{name}"}),),
    sees={"value": "Value", "type": "Type"},
    outputs={"arn": "ARN", "version": "Version"},
    replace_on=frozenset({"name"}),
    steps=(Step(("value", "type", "description", "keyId"), _put(overwrite=True)),),
    tagging=tagging.PARAMETER,
    named="name",
    gone=("ParameterNotFound",),
)
TYPES = (DATABASE, SUBNET_GROUP, PARAMETER_GROUP, KEY, ALIAS, SECRET, PARAMETER)
