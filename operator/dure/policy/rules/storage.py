"""Rules of what keeps data."""

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from dure.plan.subject import Resource, Subject
from dure.policy.around import BUCKET, on, part, parts, resource_policies, settings, text
from dure.policy.open import open_statement
from dure.policy.rule import Hit, rule, unproven

BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
SEAL = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
FOUR = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
DATABASES = ("aws:rds/instance:Instance", "aws:rds/cluster:Cluster")
KOREA = "ap-northeast-2"
GENERAL_TAG = ("dure:data", "general")
"""The tag by which a resource is declared to hold no personal data."""
SEALED_BY_INPUT = {
    "aws:rds/instance:Instance": "storageEncrypted",
    "aws:rds/cluster:Cluster": "storageEncrypted",
    "aws:ebs/volume:Volume": "encrypted",
    "aws:efs/fileSystem:FileSystem": "encrypted",
    "aws:elasticache/replicationGroup:ReplicationGroup": "atRestEncryptionEnabled",
}
HOLDS_DATA = (
    BUCKET,
    *DATABASES,
    "aws:efs/fileSystem:FileSystem",
    "aws:dynamodb/table:Table",
    "aws:backup/vault:Vault",
    "aws:cognito/userPool:UserPool",
    "aws:ebs/volume:Volume",
)


@rule(
    "no-public-bucket",
    "mandatory",
    reason="whoever finds its name reads what is in a public bucket",
    mend="give the bucket a BucketPublicAccessBlock with all four switches on, and no ACL or policy for everyone",
)
def no_public_bucket(subject: Subject) -> Iterator[Hit]:
    """No bucket is open to the public, by access block, ACL or policy."""
    for bucket in subject.planned(BUCKET):
        blocks = settings(subject, bucket, BLOCK)
        if not any(all(on(one.inputs, name) for name in FOUR) for one in blocks):
            yield Hit(bucket, "its public access is not blocked in all four ways")
        if text(bucket.inputs, "acl").startswith("public"):
            yield Hit(bucket, f"its ACL is {text(bucket.inputs, 'acl')}")
        for acl in settings(subject, bucket, "aws:s3/bucketAcl:BucketAcl"):
            if text(acl.inputs, "acl").startswith("public"):
                yield Hit(acl, f"the ACL is {text(acl.inputs, 'acl')}")
    for one in resource_policies(subject, "aws:s3/bucketPolicy:BucketPolicy"):
        if one.document is None:
            yield (
                Hit(one.resource, f"the policy is unreadable: {one.fault}")
                if one.fault
                else unproven(one.resource, "the bucket's policy")
            )
        elif found := open_statement(one.document):
            yield Hit(one.resource, f"the policy allows everyone {found}")


@rule(
    "encryption-at-rest",
    "mandatory",
    reason="a disk or a copy that leaves the data centre must tell nothing",
    mend="set the encryption of the resource on; for a bucket add a BucketServerSideEncryptionConfiguration",
)
def encryption_at_rest(subject: Subject) -> Iterator[Hit]:
    """Disks, databases, buckets and topics are encrypted at rest."""
    for bucket in subject.planned(BUCKET):
        if not settings(subject, bucket, SEAL):
            yield Hit(bucket, "it has no encryption of its own")
    for one in subject.planned(*SEALED_BY_INPUT):
        if not on(one.inputs, SEALED_BY_INPUT[one.type]):
            yield Hit(one, f"{SEALED_BY_INPUT[one.type]} is not on")
    for one in subject.planned("aws:ec2/instance:Instance"):
        disks = [part(one.inputs, "rootBlockDevice"), *parts(one.inputs, "ebsBlockDevices")]
        if not all(on(disk, "encrypted") for disk in disks):
            yield Hit(one, "a disk of it is not encrypted")
    for one in subject.planned("aws:sns/topic:Topic", "aws:sqs/queue:Queue"):
        if not (one.inputs.get("kmsMasterKeyId") or on(one.inputs, "sqsManagedSseEnabled")):
            yield Hit(one, "it is sealed with no key")


@rule(
    "deletion-protection",
    "mandatory",
    reason="data that was deleted by mistake is not had back",
    mend="protect the resource (`protect=True`), and set deletion protection on where AWS has it; to take the "
    "stack down, waive `deletion-protection` for its site in waivers.yaml (docs/stacks.md, Taking down)",
)
def deletion_protection(subject: Subject) -> Iterator[Hit]:
    """What holds data is protected from deletion, in the stack and at AWS."""
    if subject.program == "paas_sandbox":
        return  # it ends by itself, with what is in it
    for one in subject.planned(*HOLDS_DATA, "aws:kms/key:Key"):
        if not one.protect:
            yield Hit(one, "it is not protected in the stack")
        if why := _easily_lost(one):
            yield Hit(one, why)


def _easily_lost(one: Resource) -> str:
    if one.type in DATABASES and not on(one.inputs, "deletionProtection"):
        return "AWS would delete it: deletionProtection is not on"
    if one.type in DATABASES and on(one.inputs, "skipFinalSnapshot"):
        return "nothing would stay of it: skipFinalSnapshot is on"
    if one.type == BUCKET and on(one.inputs, "forceDestroy"):
        return "it would be deleted with its objects: forceDestroy is on"
    if one.type == "aws:dynamodb/table:Table" and not on(one.inputs, "deletionProtectionEnabled"):
        return "AWS would delete it: deletionProtectionEnabled is not on"
    if one.type == "aws:cognito/userPool:UserPool" and text(one.inputs, "deletionProtection") != "ACTIVE":
        return "AWS would delete it: deletionProtection is not ACTIVE"
    return ""


@rule(
    "personal-data-region",
    "mandatory",
    reason="personal data of Korean customers stays in Korea unless the customer agreed otherwise (PIPA, article 28-8)",
    mend=f"lay the stack in {KOREA}, or tag what holds no personal data with dure:data=general",
)
def personal_data_region(subject: Subject) -> Iterator[Hit]:
    """Vaults and databases with personal data lie in ap-northeast-2 only."""
    for one in subject.planned(*HOLDS_DATA):
        tags: Mapping[str, JsonValue] = part(one.inputs, "tags")
        region = text(one.inputs, "region") or subject.region
        if region != KOREA and tags.get(GENERAL_TAG[0]) != GENERAL_TAG[1]:
            yield Hit(one, f"it lies in {region}")
    for one in subject.planned("aws:s3/bucketReplicationConfig:BucketReplicationConfig"):
        yield Hit(one, "it copies objects to a bucket whose region the plan does not tell", "advisory")
