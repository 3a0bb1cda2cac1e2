"""Where alarms go: a topic that mails the MSP."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from iaas.component import Component, refuse


@dataclass(frozen=True)
class NoticesArgs:
    topic: str
    email: str
    key_arn: pulumi.Input[str]
    """A key that CloudWatch may use: with the one that SNS keeps, alarms could not be sent."""

    def __post_init__(self) -> None:
        refuse("notices", [] if self.email.count("@") == 1 else [f"email {self.email!r} is no address"])


class Notices(Component):
    """Outputs: `topic_arn`."""

    def __init__(self, name: str, args: NoticesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        topic = aws.sns.Topic(name, name=args.topic, kms_master_key_id=args.key_arn, opts=self._part())
        aws.sns.TopicSubscription(
            f"{name}-mail", topic=topic.arn, protocol="email", endpoint=args.email, opts=self._part()
        )
        self.topic_arn = topic.arn
        self._done({"topic_arn": self.topic_arn})
