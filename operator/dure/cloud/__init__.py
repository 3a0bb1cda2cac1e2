"""The cloud layer's driver: stacks through Pulumi's Automation API, and the AWS double of the lab."""

from dure.cloud.preview import Preview, PropertyChange, ResourceChange, StackEvent, UpResult
from dure.cloud.stack import Stack

__all__ = ["Preview", "PropertyChange", "ResourceChange", "Stack", "StackEvent", "UpResult"]
