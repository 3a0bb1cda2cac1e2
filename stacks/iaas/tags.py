"""The tags that every resource must carry: who owns it, for whom it is, what made it."""

from collections.abc import Mapping

REQUIRED = ("dure:msp", "dure:customer", "dure:site", "dure:blueprint")
LONGEST_KEY = 128
LONGEST_VALUE = 256


def required_tags(given: Mapping[str, str]) -> dict[str, str]:
    """The given tags, checked; raises ValueError that names all that is wrong (limits: AWS, "Tag naming limits")."""
    wrong = [f"tag {key} is missing" for key in REQUIRED if not given.get(key)]
    wrong += [f"tag {key[:20]}… is longer than {LONGEST_KEY}" for key in given if len(key) > LONGEST_KEY]
    wrong += [f"tag {key}'s value is longer than {LONGEST_VALUE}" for key, v in given.items() if len(v) > LONGEST_VALUE]
    wrong += [f"tag {key} begins with aws:, which AWS keeps for itself" for key in given if key.startswith("aws:")]
    if wrong:
        raise ValueError("; ".join(wrong))
    return {**given, "dure:managed-by": "pulumi"}
