"""The cloud layer's driver: stacks through Pulumi's Automation API, and the AWS double of the lab."""
