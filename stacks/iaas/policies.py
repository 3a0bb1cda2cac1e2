"""IAM policy documents as text, made by pure functions, so that a preview shows them whole."""

import json
from collections.abc import Mapping, Sequence

Statement = Mapping[str, object]


def document(*statements: Statement) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(sid: str, actions: Sequence[str], resources: Sequence[str], **conditions: Mapping[str, object]) -> Statement:
    """A statement that allows; conditions by operator: `StringEquals={"aws:SourceAccount": "…"}`."""
    stated: dict[str, object] = {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": list(resources)}
    return {**stated, "Condition": conditions} if conditions else stated


def deny(sid: str, actions: Sequence[str], resources: Sequence[str], **conditions: Mapping[str, object]) -> Statement:
    return {**allow(sid, actions, resources, **conditions), "Effect": "Deny"}


def assumed_by(service: str) -> str:
    """A role's trust document: an AWS service takes the role."""
    return document(
        {"Sid": "Service", "Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    )


def assumed_by_people(account: str) -> str:
    """People of the account take the role, with a second factor, for an hour."""
    return document(
        {
            "Sid": "PeopleWithSecondFactor",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
            "Action": "sts:AssumeRole",
            "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        }
    )


def assumed_by_token(provider_arn: str, issuer: str, subjects: Sequence[str]) -> str:
    """A CI job takes the role with its OIDC token, when the token speaks of one of these; `*` stands for any text."""
    audience, subject = {f"{issuer}:aud": "sts.amazonaws.com"}, {f"{issuer}:sub": list(subjects)}
    patterns = any("*" in one for one in subjects)
    conditions = {"StringEquals": audience, "StringLike": subject} if patterns else {"StringEquals": audience | subject}
    return document(
        {
            "Sid": "CiJob",
            "Effect": "Allow",
            "Principal": {"Federated": provider_arn},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": conditions,
        }
    )
