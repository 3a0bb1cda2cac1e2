"""The tags that every resource must carry: who owns it, for whom it is, who pays, what made it.

Enforced here and nowhere else: the program is run only after `tag_everything`, which adds them to each resource that
takes tags, whatever component makes it.
"""

import re
from collections.abc import Mapping

import pulumi

REQUIRED = (
    "dure:msp",
    "dure:customer",
    "dure:site",
    "dure:tier",
    "dure:owner",
    "dure:cost-centre",
    "dure:blueprint",
)
LONGEST_KEY = 128
LONGEST_VALUE = 256
TAKEN = re.compile(r"[\w\s.:/=+\-@]*")
"""Characters that every service takes (AWS: "Tag naming limits and requirements")."""


def required_tags(given: Mapping[str, str]) -> dict[str, str]:
    """The given tags, checked; raises ValueError that names all that is wrong (limits: AWS, "Tag naming limits")."""
    wrong = [f"tag {key} is missing" for key in REQUIRED if not given.get(key)]
    wrong += [f"tag {key[:20]}… is longer than {LONGEST_KEY}" for key in given if len(key) > LONGEST_KEY]
    wrong += [f"tag {key}'s value is longer than {LONGEST_VALUE}" for key, v in given.items() if len(v) > LONGEST_VALUE]
    wrong += [f"tag {key} begins with aws:, which AWS keeps for itself" for key in given if key.startswith("aws:")]
    wrong += [
        f"tag {key}'s value has a character that AWS refuses" for key, v in given.items() if not TAKEN.fullmatch(v)
    ]
    if wrong:
        raise ValueError("; ".join(wrong))
    return {**given, "dure:managed-by": "pulumi"}


def tag_everything(given: Mapping[str, str]) -> None:
    """From here on each resource that takes tags gets these; its own come on top. Raises ValueError as above."""
    tag_also(required_tags(given))


def tag_also(tags: Mapping[str, str]) -> None:
    """More tags for each resource that is made from here on."""

    def add(
        args: pulumi.ResourceTransformationArgs,
    ) -> pulumi.ResourceTransformationResult | None:
        if not args.type_.startswith("aws:") or "tags" not in args.props:
            return None
        own = args.props["tags"] or {}
        return pulumi.ResourceTransformationResult({**args.props, "tags": {**tags, **own}}, args.opts)

    pulumi.runtime.register_stack_transformation(add)
