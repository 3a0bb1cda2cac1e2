"""Pulumi's resource provider protocol for package `aws`, served by handlers."""

from typing import NoReturn

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2
from typing_extensions import override

from dure.cloud.sandbox.calls import Connections
from dure.cloud.sandbox.failure import explain
from dure.cloud.sandbox.handler import Calls, Handler, Made, PartlyMade
from dure.cloud.sandbox.properties import (
    Properties,
    differences,
    text,
    to_plain,
    to_struct,
)
from dure.cloud.sandbox.types import FUNCTIONS, HANDLERS

KINDS = {"add": "ADD", "delete": "DELETE", "update": "UPDATE"}


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """Serves any number of engines at once: what one configured is kept by its connection.

    Method names are the protocol's. An error of AWS becomes the call's status, so that the engine reports it
    with the resource.
    """

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    @override
    def Handshake(self, request: object, context: grpc.ServicerContext) -> object:
        return provider_pb2.ProviderHandshakeResponse()

    @override
    def Attach(self, request: object, context: grpc.ServicerContext) -> Empty:
        return Empty()

    @override
    def GetPluginInfo(self, request: object, context: grpc.ServicerContext) -> object:
        return plugin_pb2.PluginInfo(version="7.51.1")

    @override
    def CheckConfig(self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext) -> object:
        return provider_pb2.CheckResponse(inputs=request.news)

    @override
    def Cancel(self, request: object, context: grpc.ServicerContext) -> Empty:
        """Every call here is short: what is under way ends, and the engine asks for nothing more."""
        return Empty()

    @override
    def Configure(self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext) -> object:
        self._connections.configure(context.peer(), to_plain(request.args), dict(request.variables))
        return provider_pb2.ConfigureResponse(acceptSecrets=False, supportsPreview=True, acceptResources=False)

    @override
    def Invoke(self, request: provider_pb2.InvokeRequest, context: grpc.ServicerContext) -> object:
        function = FUNCTIONS.get(request.tok)
        if function is None:
            _abort(context, f"the sandbox has no function {request.tok}; add one to dure.cloud.sandbox.types")
        try:
            answer = function(self._calls(context), to_plain(request.args))
        except Exception as error:
            _abort(context, explain(request.tok, "", "Invoke", error, self._connections.endpoint))
        return provider_pb2.InvokeResponse(**{"return": to_struct(answer)})

    @override
    def Check(self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext) -> object:
        kind, name = _type_and_name(request.urn)
        handler = self._handler(kind, context)
        old = text(to_plain(request.olds), handler.named) if handler.named else ""
        autonamed = old or f"{name}-{request.randomSeed.hex()[:7]}"
        inputs = handler.check(to_plain(request.news), autonamed)
        return provider_pb2.CheckResponse(inputs=to_struct(inputs))

    @override
    def Diff(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> object:
        handler = self._handler(_type_and_name(request.urn)[0], context)
        old, new = to_plain(request.old_inputs if request.old_inputs.fields else request.olds), to_plain(request.news)
        changed = differences(old, new)
        kept = {
            path: kind
            for path, kind in changed.items()
            if not any(_within(path, ignored) for ignored in request.ignoreChanges)
        }
        replaces = sorted(_replacing({_top(path) for path in kept}, handler.replace_on))
        same_name = bool(handler.named) and old.get(handler.named) == new.get(handler.named)
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if kept else provider_pb2.DiffResponse.DIFF_NONE,
            diffs=sorted({_top(path) for path in kept}),
            replaces=replaces,
            deleteBeforeReplace=bool(replaces) and same_name,
            hasDetailedDiff=True,
            detailedDiff={path: _difference(kind, _top(path) in replaces) for path, kind in kept.items()},
        )

    @override
    def Create(self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext) -> object:
        kind, name = _type_and_name(request.urn)
        handler = self._handler(kind, context)
        inputs = to_plain(request.properties)
        if request.preview:  # what is absent here the engine takes as not yet known
            return provider_pb2.CreateResponse(properties=to_struct(inputs))
        try:
            made = handler.create(self._calls(context), inputs)
        except PartlyMade as partly:
            reason = explain(kind, name, "create", partly.__cause__ or partly, self._connections.endpoint)
            _abort_partly(context, partly.made, inputs, reason)
        except Exception as error:
            _abort(context, explain(kind, name, "create", error, self._connections.endpoint))
        return provider_pb2.CreateResponse(id=made.id, properties=to_struct({**inputs, **made.outputs}))

    @override
    def Read(self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext) -> object:
        kind, name = _type_and_name(request.urn)
        handler = self._handler(kind, context)
        old_inputs, old = to_plain(request.inputs), to_plain(request.properties)
        try:
            seen = handler.read(self._calls(context), request.id, old_inputs)
        except Exception as error:
            _abort(context, explain(kind, name, "read", error, self._connections.endpoint))
        if seen is None:
            return provider_pb2.ReadResponse()
        wanted = old_inputs.keys() or handler.inputs or seen.keys()
        inputs = {key: value for key, value in seen.items() if key in wanted}
        kept = {key: value for key, value in old.items() if key in seen or key not in old_inputs}
        return provider_pb2.ReadResponse(
            id=request.id, properties=to_struct({**kept, **seen}), inputs=to_struct(inputs)
        )

    @override
    def Update(self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext) -> object:
        kind, name = _type_and_name(request.urn)
        handler = self._handler(kind, context)
        olds, news = to_plain(request.olds), to_plain(request.news)
        if request.preview:
            return provider_pb2.UpdateResponse(properties=to_struct({**olds, **news}))
        try:
            outputs = handler.update(self._calls(context), request.id, olds, news)
        except Exception as error:
            _abort(context, explain(kind, name, "update", error, self._connections.endpoint))
        return provider_pb2.UpdateResponse(properties=to_struct({**news, **outputs}))

    @override
    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> Empty:
        kind, name = _type_and_name(request.urn)
        handler = self._handler(kind, context)
        try:
            handler.delete(self._calls(context), request.id, to_plain(request.properties))
        except Exception as error:
            _abort(context, explain(kind, name, "delete", error, self._connections.endpoint))
        return Empty()

    def _calls(self, context: grpc.ServicerContext) -> Calls:
        return self._connections.calls(context.peer())

    def _handler(self, kind: str, context: grpc.ServicerContext) -> Handler:
        handler = HANDLERS.get(kind)
        if handler is None:
            _abort(context, f"the sandbox has no handler for {kind}; add one to dure.cloud.sandbox.types")
        return handler


def _type_and_name(urn: str) -> tuple[str, str]:
    """`urn:pulumi:stack::project::parent$type::name` -> type, name."""
    parts = urn.split("::")
    return parts[2].rpartition("$")[2], "::".join(parts[3:])


def _replacing(changed: set[str], replace_on: frozenset[str]) -> set[str]:
    return changed - {"tags"} if "*" in replace_on else changed & replace_on


def _difference(kind: str, replaces: bool) -> provider_pb2.PropertyDiff:
    name = KINDS[kind] + ("_REPLACE" if replaces else "")
    return provider_pb2.PropertyDiff(kind=provider_pb2.PropertyDiff.Kind.Value(name), inputDiff=True)


def _top(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]


def _within(path: str, ignored: str) -> bool:
    return path == ignored or path.startswith((f"{ignored}.", f"{ignored}["))


def _abort(context: grpc.ServicerContext, reason: str) -> NoReturn:
    context.abort(grpc.StatusCode.UNKNOWN, reason)
    raise AssertionError("abort raises")


def _abort_partly(context: grpc.ServicerContext, made: Made, inputs: Properties, reason: str) -> NoReturn:
    """Fail with the id, so that the engine keeps the resource in its state and mends it next time."""
    detail = provider_pb2.ErrorResourceInitFailed(
        id=made.id,
        properties=to_struct({**inputs, **made.outputs}),
        inputs=to_struct(inputs),
        reasons=[reason],
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=reason)
    status.details.add().Pack(detail)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    _abort(context, reason)
