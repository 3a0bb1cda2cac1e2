"""Our own provider process for Pulumi's package `aws`, which serves the lab's AWS double.

The real engine talks to it as to any provider; each resource type it knows is a handler in a small file.
The same stacks run on real AWS with the real plugin.
"""
