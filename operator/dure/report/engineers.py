"""Engineers as customers read of them."""

from collections.abc import Mapping, Sequence

from dure.model.words import WordPair


def named(ids: Sequence[str], engineers: Mapping[str, WordPair]) -> tuple[WordPair, ...]:
    """The engineers' names; the id of one who is no longer in operator.yaml."""
    return tuple(engineers.get(by) or WordPair(ko=by) for by in ids)
