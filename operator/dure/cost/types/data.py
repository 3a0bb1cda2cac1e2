"""What keeps data: databases, buckets, backups, keys, secrets, images."""

from dure.cost.line import Line, Lines, PricedType, Target, Unpriced, each, times
from dure.cost.price import Item
from dure.cost.usage import plain

RDS, S3 = "AmazonRDS", "AmazonS3"


def database(target: Target) -> Lines:
    """A PostgreSQL instance's hours and disk, both twice with a second zone, and the secret of its master user."""
    engine = target.text("engine")
    if engine != "postgres":
        return [Unpriced(f"{engine or 'its engine'} has no price here")]
    zones = "multi-az-" if target.flag("multiAz") else ""
    size = target.number("allocatedStorage")
    lines: list[Line | Unpriced] = [
        times(RDS, f"postgres-{zones}hour:{target.text('instanceClass')}", target.usage.hours())
    ]
    if size is None:
        lines.append(Unpriced("its disk's size is not known yet"))
    else:
        disk = Item(RDS, f"database-{zones}gb:{target.text('storageType', 'gp3')}")
        lines.append(Line(disk, size, f"{plain(size)} GB; a disk that grows is charged as it is then"))
    if target.flag("manageMasterUserPassword"):
        lines.append(each("AWSSecretsManager", "secret-month", 1, "the master user's password"))
    return lines


def bucket(target: Target) -> Lines:
    """What lies in a bucket and is written to it; one with an object lock is a backup vault."""
    vault = target.flag("objectLockEnabled")
    return [
        times(S3, "storage-gb", target.usage.of("backup_gb" if vault else "storage_gb")),
        times(S3, "write-request-thousand", target.usage.of("storage_requests_thousand")),
    ]


def backup_vault(target: Target) -> Lines:
    """Backups of databases."""
    return [times("AWSBackup", "database-gb", target.usage.of("database_backup_gb"))]


def key(target: Target) -> Lines:
    """A key that we manage; requests to it are a cent or two and not counted."""
    return [each("awskms", "key-month")]


def secret(target: Target) -> Lines:
    """A secret."""
    return [each("AWSSecretsManager", "secret-month")]


def parameter(target: Target) -> Lines:
    """Nothing for a standard parameter."""
    tier = target.text("tier", "Standard")
    return [] if tier in ("Standard", "") else [Unpriced(f"a parameter of tier {tier} has no price here")]


def images(target: Target) -> Lines:
    """A registry's images."""
    return [times("AmazonECR", "storage-gb", target.usage.of("image_gb"))]


TYPES: dict[str, PricedType] = {
    "aws:rds/instance:Instance": database,
    "aws:s3/bucket:Bucket": bucket,
    "aws:backup/vault:Vault": backup_vault,
    "aws:kms/key:Key": key,
    "aws:secretsmanager/secret:Secret": secret,
    "aws:ssm/parameter:Parameter": parameter,
    "aws:ecr/repository:Repository": images,
}
