"""JMESPath, with two functions that ARNs need: `after(text, mark)` and `before(text, mark)`."""

import jmespath
from jmespath import functions
from pydantic import JsonValue


class Functions(functions.Functions):  # type: ignore[misc]  # jmespath has no types
    """The library's own, and ours; it finds them by their prefix."""

    @functions.signature({"types": ["string", "null"]}, {"types": ["string"]})  # type: ignore[untyped-decorator]
    def _func_after(self, text: str | None, mark: str) -> str | None:
        return None if text is None else text.partition(mark)[2]

    @functions.signature({"types": ["string", "null"]}, {"types": ["string"]})  # type: ignore[untyped-decorator]
    def _func_before(self, text: str | None, mark: str) -> str | None:
        return None if text is None else text.partition(mark)[0]


OPTIONS = jmespath.Options(custom_functions=Functions())


def search(path: str, value: object) -> JsonValue:
    """What the path finds in an answer; None where there is nothing."""
    found: JsonValue = jmespath.search(path, value, options=OPTIONS)
    return found
