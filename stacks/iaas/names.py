"""Names on AWS and in PostgreSQL made of the workspace's ids: within every limit, and never the same for two tenants.

Readable words are cut to what fits; a digest of the exact ids follows. Without it `a-b/c` and `a/b-c` would both be
`a-b-c`, and two tenants would share a bucket, a role or a schema.
"""

import hashlib

DIGEST = 10
"""Hexadecimal digits; among 100,000 tenants two alike have a chance of 1 in 220."""
BUCKET = 63
ROLE = 64
TARGET_GROUP = 32
DATABASE = 63
"""Bytes of an identifier (PostgreSQL: NAMEDATALEN - 1)."""


def digest(*ids: str) -> str:
    return hashlib.sha256("/".join(ids).encode()).hexdigest()[:DIGEST]


def name(longest: int, *ids: str, account: str = "") -> str:
    """Ids joined by hyphens, cut, with a digest: `hanbit-it-hansol-erp-0123456789`.

    With `account` (its number) the digest differs by account, for names that all accounts share (buckets).
    """
    end = digest(account, *ids) if account else digest(*ids)
    readable = "-".join(ids)[: longest - DIGEST - 1].strip("-")
    return f"{readable}-{end}"


def bucket(account: str, *ids: str) -> str:
    return name(BUCKET, *ids, account=account)


def role(*ids: str) -> str:
    return name(ROLE, *ids)


def target_group(*ids: str) -> str:
    return name(TARGET_GROUP, *ids)


def database(*ids: str) -> str:
    """For roles, schemas and databases: begins with a letter, lower case, digits and underscores only."""
    end = digest(*ids)
    readable = "_".join(ids).replace("-", "_")[: DATABASE - DIGEST - 3].strip("_")
    return f"t_{readable}_{end}"
