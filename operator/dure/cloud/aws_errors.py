"""What mends a refusal of AWS, by the code that AWS gives; the same for its double and for the real plugin's words.

Codes: AWS, "Common Error Types" of each service, and "Error responses" of Amazon S3 and Amazon EC2.
"""

import re

AGAIN = "then give the same command again: it goes on"
CORRECT = "correct the cause, then give the same command again"
THROTTLED = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestLimitExceeded",
        "TooManyRequestsException",
        "PriorRequestNotComplete",
        "SlowDown",
    }
)
"""AWS wants to be asked more slowly; nothing was done."""
EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "ExpiredCredentials"})
UNKNOWN_KEY = frozenset(
    {
        "InvalidClientTokenId",
        "InvalidAccessKeyId",
        "UnrecognizedClientException",
        "SignatureDoesNotMatch",
        "AuthFailure",
    }
)
FORBIDDEN = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"})
LIMIT = re.compile(
    r"(LimitExceeded(Exception|Fault)?|QuotaExceeded(Exception|Fault)?|TooMany[A-Z]\w+|^LimitExceeded\w*)$"
)
"""`VpcLimitExceeded`, `ServiceQuotaExceededException`, `TooManyBuckets`: each service has its own."""
MOVED_IN_TWO_ZONES = (
    "leave `isolation:` as it was, add `database_zones: one` to the site's parameters and `up`; then change"
    " `isolation:` and `up`; then remove `database_zones:` and `up` (docs/stacks.md, Between bridge and silo)"
)
"""InvalidVPCNetworkStateFault of RDS."""
KEPT_BALANCER = (
    "waive deletion-protection for the site in waivers.yaml, set `deletion_protection: false` and `up` with all else"
    " (`isolation:` too) as it was applied; then do this again (docs/stacks.md, Between bridge and silo)"
)
"""OperationNotPermitted of Elastic Load Balancing, which has many reasons; its words tell this one."""
KEPT_BALANCER_WORDS = re.compile(r"[Ll]oad balancer\b.*\bdeletion protection is enabled")
WORD = re.compile(r"\b[A-Z][A-Za-z]+\b")


def mend_of(code: str) -> str:
    """Empty for a code that says nothing of what to do."""
    if code in THROTTLED:
        return f"wait a few minutes, {AGAIN}; with --parallel 1 it asks less often"
    if code in EXPIRED:
        return f"sign in to AWS again (`aws sso login`; in CI take the role anew), {AGAIN}"
    if code in UNKNOWN_KEY:
        return f"check the platform's AWS credentials (`aws sts get-caller-identity`), {AGAIN}"
    if code in FORBIDDEN:
        return f"have the role that you took allowed to do that, {AGAIN}"
    if code in ("InvalidVPCNetworkStateFault", "InvalidVPCNetworkState"):
        return MOVED_IN_TWO_ZONES
    if LIMIT.search(code):
        return f"ask AWS for a higher limit (Service Quotas), or remove what nobody uses, {AGAIN}"
    return ""


def mend_in(words: str) -> str:
    """For a sentence that quotes AWS's answer, as the real plugin's do; empty when it names no such code."""
    if KEPT_BALANCER_WORDS.search(words):
        return KEPT_BALANCER
    return next((mend for word in WORD.findall(words) if (mend := mend_of(word))), "")


def without_request_ids(words: str) -> str:
    """AWS's answer as the SDK quotes it, without what only AWS's support can read."""
    return re.sub(r"(, )?(RequestID|HostID): [^,]*", "", " ".join(words.split()))
