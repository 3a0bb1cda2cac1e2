"""What holds for a whole account or organization."""

from dure.cloud.sandbox import tagging
from dure.cloud.sandbox.plain import Call, Plain, Step
from dure.cloud.sandbox.template import Template

ORGANIZATION = Plain(
    "aws:organizations/organization:Organization",
    "organizations",
    make=Call("create_organization", {"FeatureSet": "{featureSet}"}),
    identity="Organization.Id",
    look=Call("describe_organization"),
    found="Organization",
    also=((Call("list_roots"), "{roots: Roots[].{id: Id, name: Name, arn: Arn}}"),),
    drop=(Call("delete_organization"),),
    sees={"featureSet": "FeatureSet"},
    outputs={"arn": "Arn", "roots": "roots", "masterAccountId": "MasterAccountId"},
    defaults={"featureSet": "ALL"},
    replace_on=frozenset({"featureSet"}),
    unseen=("awsServiceAccessPrincipals", "enabledPolicyTypes"),
    gone=("AWSOrganizationsNotInUseException",),
    note="Which services are trusted and which kinds of policies are on is taken as written.",
)
UNIT = Plain(
    "aws:organizations/organizationalUnit:OrganizationalUnit",
    "organizations",
    make=Call("create_organizational_unit", {"ParentId": "{parentId}", "Name": "{name}"}),
    identity="OrganizationalUnit.Id",
    look=Call("describe_organizational_unit", {"OrganizationalUnitId": "{id}"}),
    found="OrganizationalUnit",
    drop=(Call("delete_organizational_unit", {"OrganizationalUnitId": "{id}"}),),
    sees={"name": "Name"},
    outputs={"arn": "Arn"},
    replace_on=frozenset({"parentId"}),
    steps=(Step(("name",), Call("update_organizational_unit", {"OrganizationalUnitId": "{id}", "Name": "{name}"})),),
    tagging=tagging.ORGANIZATION,
    named="name",
    gone=("OrganizationalUnitNotFoundException",),
)
MOVE = {"AccountId": "{id}", "SourceParentId": "{parentNow}", "DestinationParentId": "{parentId}"}
ACCOUNT = Plain(
    "aws:organizations/account:Account",
    "organizations",
    make=Call("create_account", {"Email": "{email}", "AccountName": "{name}"}),
    identity="CreateAccountStatus.AccountId",
    look=Call("describe_account", {"AccountId": "{id}"}),
    found="Account",
    also=((Call("list_parents", {"ChildId": "{id}"}), "{Parent: Parents[0].Id}"),),
    drop=(Call("remove_account_from_organization", {"AccountId": "{id}"}),),
    sees={"email": "Email", "name": "Name", "parentId": "Parent"},
    outputs={"arn": "Arn", "status": "Status", "parentNow": "Parent"},
    replace_on=frozenset({"email", "iamUserAccessToBilling", "roleName"}),
    steps=(Step(("parentId",), Call("move_account", MOVE), at_making=True),),
    tagging=tagging.ORGANIZATION,
    unseen=("closeOnDeletion", "name"),
    named="name",
    gone=("AccountNotFoundException", "AWSOrganizationsNotInUseException", "ChildNotFoundException"),
    note="An account is a record: nothing can be made in it.",
)
BLOCK = {
    "BlockPublicAcls": "{blockPublicAcls}",
    "BlockPublicPolicy": "{blockPublicPolicy}",
    "IgnorePublicAcls": "{ignorePublicAcls}",
    "RestrictPublicBuckets": "{restrictPublicBuckets}",
}
PUT_BLOCK = Call("put_public_access_block", {"AccountId": "{accountId}", "PublicAccessBlockConfiguration": BLOCK})
PUBLIC_ACCESS_BLOCK = Plain(
    "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
    "s3control",
    make=PUT_BLOCK,
    parts=("accountId",),
    look=Call("get_public_access_block", {"AccountId": "{accountId}"}),
    found="PublicAccessBlockConfiguration",
    drop=(Call("delete_public_access_block", {"AccountId": "{accountId}"}),),
    sees={key[:1].lower() + key[1:]: key for key in BLOCK},
    replace_on=frozenset({"accountId"}),
    steps=(Step(tuple(key[:1].lower() + key[1:] for key in BLOCK), PUT_BLOCK),),
    gone=("NoSuchPublicAccessBlockConfiguration",),
)
DISK_ENCRYPTION = Plain(
    "aws:ebs/encryptionByDefault:EncryptionByDefault",
    "ec2",
    make=Call("enable_ebs_encryption_by_default"),
    identity="'ebs-encryption-by-default'",
    look=Call("get_ebs_encryption_by_default"),
    found="@",
    drop=(Call("disable_ebs_encryption_by_default"),),
    sees={"enabled": "EbsEncryptionByDefault"},
    defaults={"enabled": True},
    steps=(Step(("enabled",), Call("enable_ebs_encryption_by_default")),),
    note="Served only to switch it on; the double does not encrypt a volume for it.",
)
DETECTOR = Plain(
    "aws:guardduty/detector:Detector",
    "guardduty",
    make=Call("create_detector", {"Enable": "{enable}", "FindingPublishingFrequency": "{findingPublishingFrequency}"}),
    identity="DetectorId",
    look=Call("get_detector", {"DetectorId": "{id}"}),
    found="@",
    drop=(Call("delete_detector", {"DetectorId": "{id}"}),),
    sees={"enable": "Status == 'ENABLED'", "findingPublishingFrequency": "FindingPublishingFrequency"},
    defaults={"enable": True, "findingPublishingFrequency": "SIX_HOURS"},
    steps=(
        Step(
            ("enable", "findingPublishingFrequency"),
            Call(
                "update_detector",
                {
                    "DetectorId": "{id}",
                    "Enable": "{enable}",
                    "FindingPublishingFrequency": "{findingPublishingFrequency}",
                },
            ),
        ),
    ),
    unseen=("tags",),
    gone=("BadRequestException",),
    note="It finds nothing; tags are taken as written.",
)
TRAIL_PARAMETERS = {
    "Name": "{name}",
    "S3BucketName": "{s3BucketName}",
    "IsMultiRegionTrail": "{isMultiRegionTrail}",
    "IncludeGlobalServiceEvents": "{includeGlobalServiceEvents}",
    "EnableLogFileValidation": "{enableLogFileValidation}",
}
TRAIL = Plain(
    "aws:cloudtrail/trail:Trail",
    "cloudtrail",
    make=Call("create_trail", TRAIL_PARAMETERS),
    identity="TrailARN",
    look=Call("get_trail", {"Name": "{id}"}),
    found="Trail",
    also=((Call("get_trail_status", {"Name": "{id}"}), "{IsLogging: IsLogging}"),),
    drop=(Call("delete_trail", {"Name": "{id}"}),),
    sees={
        "name": "Name",
        "s3BucketName": "S3BucketName",
        "isMultiRegionTrail": "IsMultiRegionTrail",
        "includeGlobalServiceEvents": "IncludeGlobalServiceEvents",
        "enableLogFileValidation": "LogFileValidationEnabled",
        "enableLogging": "IsLogging",
    },
    outputs={"arn": "TrailARN", "homeRegion": "HomeRegion"},
    defaults={"enableLogging": True},
    replace_on=frozenset({"name"}),
    steps=(
        Step(
            ("s3BucketName", "isMultiRegionTrail", "includeGlobalServiceEvents", "enableLogFileValidation"),
            Call("update_trail", TRAIL_PARAMETERS),
        ),
        Step(("enableLogging",), Call("start_logging", {"Name": "{id}"}), at_making=True),
    ),
    tagging=tagging.TRAIL,
    named="name",
    gone=("TrailNotFoundException",),
    note="It writes no log; the bucket's policy is not looked at.",
)
RECORDER_PARAMETERS: dict[str, Template] = {
    "ConfigurationRecorder": {
        "name": "{name}",
        "roleARN": "{roleArn}",
        "recordingGroup": {
            "allSupported": "{recordingGroup.allSupported}",
            "includeGlobalResourceTypes": "{recordingGroup.includeGlobalResourceTypes}",
        },
    }
}
RECORDER = Plain(
    "aws:cfg/recorder:Recorder",
    "config",
    make=Call("put_configuration_recorder", RECORDER_PARAMETERS),
    parts=("name",),
    look=Call("describe_configuration_recorders", {"ConfigurationRecorderNames": ["{name}"]}),
    found="ConfigurationRecorders[0]",
    drop=(Call("delete_configuration_recorder", {"ConfigurationRecorderName": "{name}"}),),
    sees={"roleArn": "roleARN", "recordingGroup": "recordingGroup"},
    replace_on=frozenset({"name"}),
    steps=(Step(("roleArn", "recordingGroup"), Call("put_configuration_recorder", RECORDER_PARAMETERS)),),
    named="name",
    gone=("NoSuchConfigurationRecorderException",),
    note="It records nothing.",
)
CHANNEL_PARAMETERS: dict[str, Template] = {"DeliveryChannel": {"name": "{name}", "s3BucketName": "{s3BucketName}"}}
CHANNEL = Plain(
    "aws:cfg/deliveryChannel:DeliveryChannel",
    "config",
    make=Call("put_delivery_channel", CHANNEL_PARAMETERS),
    parts=("name",),
    look=Call("describe_delivery_channels", {"DeliveryChannelNames": ["{name}"]}),
    found="DeliveryChannels[0]",
    drop=(Call("delete_delivery_channel", {"DeliveryChannelName": "{name}"}),),
    sees={"s3BucketName": "s3BucketName"},
    replace_on=frozenset({"name"}),
    steps=(Step(("s3BucketName",), Call("put_delivery_channel", CHANNEL_PARAMETERS)),),
    named="name",
    gone=("NoSuchDeliveryChannelException",),
)
RECORDING = Plain(
    "aws:cfg/recorderStatus:RecorderStatus",
    "config",
    make=Call("start_configuration_recorder", {"ConfigurationRecorderName": "{name}"}),
    parts=("name",),
    look=Call("describe_configuration_recorder_status", {"ConfigurationRecorderNames": ["{name}"]}),
    found="ConfigurationRecordersStatus[0]",
    drop=(Call("stop_configuration_recorder", {"ConfigurationRecorderName": "{name}"}),),
    sees={"isEnabled": "recording"},
    replace_on=frozenset({"name"}),
    steps=(Step(("isEnabled",), Call("start_configuration_recorder", {"ConfigurationRecorderName": "{name}"})),),
    gone=("NoSuchConfigurationRecorderException",),
    note="Served only to switch it on.",
)
TYPES = (
    ORGANIZATION,
    UNIT,
    ACCOUNT,
    PUBLIC_ACCESS_BLOCK,
    DISK_ENCRYPTION,
    DETECTOR,
    TRAIL,
    RECORDER,
    CHANNEL,
    RECORDING,
)
