"""Most types of AWS: made by one call, described by another, taken away by a third. One handler, told by a table."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import JsonValue

from dure.cloud.sandbox import record
from dure.cloud.sandbox.expression import search
from dure.cloud.sandbox.handler import Calls, Made, PartlyMade, error_code, unless_gone
from dure.cloud.sandbox.properties import Properties, mapping, tags, text
from dure.cloud.sandbox.tagging import Tagging
from dure.cloud.sandbox.template import Template, fill, parameters

ANY = frozenset({"*"})
"""For `replace_on`: AWS changes nothing of such a resource but its tags."""


@dataclass(frozen=True)
class Call:
    operation: str
    template: Template = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """A call that sets some inputs: after the making when they are given, and whenever one of them changes."""

    inputs: tuple[str, ...]
    call: Call
    at_making: bool = False
    """True where AWS takes these inputs only by a call of their own."""
    taken_off: Call | None = None
    """Where AWS has another call for when none of them is given any more."""


class RefusedByAws(Exception):
    """AWS would refuse where the double does not."""


class Unchangeable(Exception):
    """An input changed of which this table does not say how."""


@dataclass(frozen=True)
class Plain:
    """One type. Templates know the inputs, `{id}`, `{region}`, and after the making the outputs."""

    type: str
    service: str
    make: Call
    look: Call
    found: str
    """JMESPath of the resource in the look's answer; nothing there: it is gone."""
    drop: tuple[Call, ...] = ()
    """Empty: AWS keeps it; it ends with what it belongs to."""
    also: tuple[tuple[Call, str], ...] = ()
    """More looks, whose finds are merged into the first; their templates know what was found so far."""
    alive: str = ""
    """JMESPath in what was found; false: it is going, which is as good as gone."""
    guards: Mapping[str, str] = field(default_factory=dict)
    """JMESPath in what was found -> what AWS says when it refuses to delete; for what the double lets pass."""
    of_account: bool = False
    """Whether templates need `{account}`, the number of the account."""
    identity: str = ""
    """JMESPath of the id in the making's answer; empty: it is the inputs of `parts`."""
    parts: tuple[str, ...] = ()
    separator: str = "/"
    sees: Mapping[str, str] = field(default_factory=dict)
    """Input -> JMESPath in what was found: where a change by somebody else is noticed."""
    outputs: Mapping[str, str] = field(default_factory=dict)
    made_outputs: Mapping[str, str] = field(default_factory=dict)
    """Output -> JMESPath in the making's answer: what AWS tells only once."""
    fixed: Mapping[str, str] = field(default_factory=dict)
    """Output -> text template: what AWS makes of names."""
    defaults: Mapping[str, JsonValue] = field(default_factory=dict)
    replace_on: frozenset[str] = frozenset()
    steps: tuple[Step, ...] = ()
    tagging: Tagging | None = None
    made_with: Template = None
    """Parameters with `{tags}` of the making call, where only tags tell that a lost one is ours."""
    unseen: tuple[str, ...] = ()
    """Inputs that the double ignores: taken as written, changed without a call."""
    named: str = ""
    """The input that AWS, or Pulumi, names when nobody does."""
    gone: tuple[str, ...] = ()
    note: str = ""
    """For docs/cloud.md: what the double does not do."""

    @property
    def checked(self) -> tuple[str, ...]:
        return (*self.sees, "tags") if self.tagging else tuple(self.sees)

    @property
    def inputs(self) -> frozenset[str]:
        return frozenset({*self.parts, *self.checked, *self.defaults, *self._settable, *(self.replace_on - ANY)})

    def check(self, inputs: Properties, autonamed: str) -> Properties:
        name: Properties = {self.named: autonamed} if self.named else {}
        return {**name, **self.defaults, **inputs}

    def create(self, calls: Calls, inputs: Properties) -> Made:
        values = self._values(calls, "", inputs)
        wanted = calls.default_tags | tags(inputs.get("tags"))
        given = parameters(self.made_with, {"tags": dict(wanted)}) if wanted else {}
        answer = calls.call(self.service, self.make.operation, **parameters(self.make.template, values), **given)
        identity = self._identity(answer, values)
        told = {key: search(path, answer) for key, path in self.made_outputs.items()}
        try:
            outputs = self._look(calls, identity, {**inputs, **told}) or {}
            values = self._values(calls, identity, {**inputs, **told, **outputs})
            for step in self.steps:
                if step.at_making and any(key in inputs for key in step.inputs):
                    calls.call(self.service, step.call.operation, **parameters(step.call.template, values))
            if self.tagging and self.made_with is None:
                self.tagging.write(calls, self.service, values, {}, wanted)
            return Made(identity, told | self._settled(calls, identity, {**inputs, **told}))
        except (BotoCoreError, ClientError) as error:
            raise PartlyMade(Made(identity, told), error) from error

    def read(self, calls: Calls, identity: str, inputs: Properties) -> Properties | None:
        found = self._find(calls, identity, inputs)
        if found is None:
            return None
        known = {**self._parsed(identity), **inputs}
        settled = mapping((record.read(calls, self.type, identity) or {}).get("seen"))
        seen = {key: _unchanged(known, settled, found, key, path) for key, path in self.sees.items()}
        outputs = self._outputs(calls, identity, known, found)
        if self.tagging:
            every = self.tagging.read(calls, self.service, self._values(calls, identity, {**known, **outputs}))
            own = {key: value for key, value in every.items() if key not in calls.default_tags}
            outputs["tagsAll"] = dict(every)
            if own or "tags" in inputs:
                outputs["tags"] = dict(own)
        taken_off = {key for key in known if key in seen and seen[key] is None and settled.get(key) is not None}
        kept = {key: value for key, value in known.items() if key not in taken_off}
        return kept | {key: value for key, value in seen.items() if value is not None} | outputs

    def update(self, calls: Calls, identity: str, olds: Properties, news: Properties) -> Properties:
        kept = {key: value for key, value in olds.items() if key in self.made_outputs}
        values = self._values(calls, identity, {**olds, **news})
        told = self.made_outputs.keys() | self.outputs.keys()
        known = news.keys() | ((self._settable & olds.keys()) - told)
        changed = {key for key in known if olds.get(key) != news.get(key)}
        unknown = changed - self._settable - {"tags"}
        if unknown:
            raise Unchangeable(f"the sandbox does not know how to change {', '.join(sorted(unknown))}")
        for step in self.steps:
            if changed & set(step.inputs):
                gone = not any(news.get(key) for key in step.inputs)
                call = step.taken_off if gone and step.taken_off else step.call
                calls.call(self.service, call.operation, **parameters(call.template, values))
        if self.tagging:
            wanted = calls.default_tags | tags(news.get("tags"))
            self.tagging.write(calls, self.service, values, tags(olds.get("tagsAll")), wanted)
        return kept | self._settled(calls, identity, {**news, **kept})

    def delete(self, calls: Calls, identity: str, outputs: Properties) -> None:
        if self.guards:
            found = self._find(calls, identity, outputs) or {}
            for path, words in self.guards.items():
                if search(path, found):
                    raise RefusedByAws(words)
        values = self._values(calls, identity, outputs)
        going = bool(self.alive) and self._find(calls, identity, outputs) is None
        for drop in () if going else self.drop:
            call = partial(calls.call, self.service, drop.operation, **parameters(drop.template, values))
            unless_gone(call, *self.gone)
        record.forget(calls, self.type, identity)

    @property
    def _settable(self) -> set[str]:
        """The inputs that this table knows how to change."""
        return {*self.unseen, *(key for step in self.steps for key in step.inputs)}

    def _identity(self, answer: Properties, inputs: Properties) -> str:
        if self.identity:
            return str(search(self.identity, answer))
        return self.separator.join(text(inputs, key) for key in self.parts)

    def _parsed(self, identity: str) -> Properties:
        """The inputs that the id tells, for a resource that is taken over."""
        if not self.parts or not identity:
            return {}
        pieces = identity.split(self.separator, len(self.parts) - 1)
        return dict(zip(self.parts, pieces, strict=False))

    def _values(self, calls: Calls, identity: str, known: Properties) -> Properties:
        account: Properties = {"account": calls.account()} if self.of_account else {}
        return {"region": calls.region, **account, **self._parsed(identity), **known, "id": identity}

    def _find(self, calls: Calls, identity: str, known: Properties) -> Properties | None:
        values = self._values(calls, identity, known)
        found: Properties = {}
        for look, path in ((self.look, self.found), *self.also):
            try:
                answer = calls.call(self.service, look.operation, **parameters(look.template, values))
            except ClientError as error:
                if error_code(error) in self.gone:
                    return None
                raise
            more = search(str(fill(path, values)), answer)
            if not isinstance(more, dict) or (self.alive and not search(self.alive, {**found, **more})):
                return None
            found |= more
            values = {**values, **found}
        return found

    def _look(self, calls: Calls, identity: str, known: Properties) -> Properties | None:
        found = self._find(calls, identity, known)
        return None if found is None else self._outputs(calls, identity, known, found)

    def _outputs(self, calls: Calls, identity: str, known: Properties, found: Properties) -> Properties:
        outputs = {key: search(path, found) for key, path in self.outputs.items()}
        values = self._values(calls, identity, {**known, **outputs})
        fixed = {key: parameters({"is": template}, values).get("is") for key, template in self.fixed.items()}
        every = calls.default_tags | tags(known.get("tags"))
        taggable = self.tagging is not None or "tags" in self.unseen
        return outputs | fixed | ({"tagsAll": dict(every)} if taggable else {})

    def _settled(self, calls: Calls, identity: str, known: Properties) -> Properties:
        """The outputs after a write; what the double now says of the inputs is recorded."""
        found = self._find(calls, identity, known)
        if found is None:
            return {}
        seen = {key: search(path, found) for key, path in self.sees.items()}
        record.write(calls, self.type, identity, {"seen": seen})
        return self._outputs(calls, identity, known, found)


def _unchanged(known: Properties, settled: Properties, found: Properties, key: str, path: str) -> JsonValue:
    """The input as it was given while the double says what it said after our last write; else what it says."""
    now: JsonValue = search(path, found)
    if key in settled and _text(settled[key]) == _text(now) and key in known:
        return known[key]
    return now


def _text(value: JsonValue) -> str:
    """Dates come as dates from AWS and as text from the record."""
    return json.dumps(value, sort_keys=True, default=str)
