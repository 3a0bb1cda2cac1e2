"""Types that the double lacks: the sandbox's own record is the resource."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from dure.cloud.sandbox import record
from dure.cloud.sandbox.handler import Calls, Made
from dure.cloud.sandbox.plain import Call
from dure.cloud.sandbox.properties import Properties, text
from dure.cloud.sandbox.template import fill, parameters


@dataclass(frozen=True)
class Recorded:
    """A type whose calls the double answers with an error. Nothing of it takes effect.

    `needs` are looks at what AWS wants to exist first; the double refuses them as AWS does.
    """

    type: str
    parts: tuple[str, ...]
    """Inputs of which the id is made."""
    needs: tuple[tuple[str, Call], ...] = ()
    fixed: Mapping[str, str] = field(default_factory=dict)
    """Output -> text template over the inputs and `{id}`."""
    defaults: Mapping[str, JsonValue] = field(default_factory=dict)
    replace_on: frozenset[str] = frozenset()
    named: str = ""
    note: str = ""
    checked: tuple[str, ...] = ()
    inputs: frozenset[str] = frozenset()
    unseen: tuple[str, ...] = ("everything",)

    def check(self, inputs: Properties, autonamed: str) -> Properties:
        name: Properties = {self.named: autonamed} if self.named else {}
        return {**name, **self.defaults, **inputs}

    def create(self, calls: Calls, inputs: Properties) -> Made:
        values = self._values(calls, inputs)
        for service, call in self.needs:
            calls.call(service, call.operation, **parameters(call.template, values))
        identity = "/".join(text(inputs, key) for key in self.parts)
        record.write(calls, self.type, identity, inputs)
        return Made(identity, self._outputs(calls, identity, inputs))

    def read(self, calls: Calls, identity: str, inputs: Properties) -> Properties | None:
        kept = record.read(calls, self.type, identity)
        return None if kept is None else kept | self._outputs(calls, identity, kept)

    def update(self, calls: Calls, identity: str, olds: Properties, news: Properties) -> Properties:
        record.write(calls, self.type, identity, news)
        return self._outputs(calls, identity, news)

    def delete(self, calls: Calls, identity: str, outputs: Properties) -> None:
        record.forget(calls, self.type, identity)

    def _values(self, calls: Calls, inputs: Properties) -> Properties:
        return {"account": calls.account(), "region": calls.region, **inputs}

    def _outputs(self, calls: Calls, identity: str, inputs: Properties) -> Properties:
        values = {**self._values(calls, inputs), "id": identity}
        return {key: fill(template, values) for key, template in self.fixed.items()}
