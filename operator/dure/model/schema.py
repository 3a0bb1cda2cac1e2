"""JSON Schema of the workspace's files, for editors, and the reference of all keys in docs/workspace.md."""

from pathlib import Path
from typing import Literal

from pydantic import JsonValue

from dure.model.blueprint import Blueprint
from dure.model.blueprints import OWN_BLUEPRINTS, known_blueprints, load_blueprint
from dure.model.customer import Customer
from dure.model.machine_keys import MACHINE_KEYS
from dure.model.msp import Operator
from dure.model.waivers import Waivers

Kind = Literal["operator", "customer", "waivers"]
MODELS: dict[Kind, type[Operator] | type[Customer] | type[Waivers]] = {
    "operator": Operator,
    "customer": Customer,
    "waivers": Waivers,
}


def site_blueprints(toolkit: Path) -> list[Blueprint]:
    """The blueprints that a customer's site may follow."""
    return [load_blueprint(toolkit, name) for name in known_blueprints(toolkit) if name not in OWN_BLUEPRINTS]


def schema_of(kind: Kind, toolkit: Path) -> dict[str, JsonValue]:
    """JSON Schema of operator.yaml, waivers.yaml or of a customer's file, the blueprints' parameters included."""
    schema: dict[str, JsonValue] = MODELS[kind].model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    if kind == "customer":
        definitions = schema["$defs"]
        site = definitions["Site"] if isinstance(definitions, dict) else None
        if isinstance(site, dict):
            site["allOf"] = [_parameters_rule(blueprint) for blueprint in site_blueprints(toolkit)]
    return schema


def _parameters_rule(blueprint: Blueprint) -> JsonValue:
    """A site of this blueprint has these parameters: what an editor completes."""
    properties: dict[str, JsonValue] = dict(blueprint.parameters)
    parameters: JsonValue = {"type": "object", "additionalProperties": False, "properties": properties}
    then: dict[str, JsonValue] = {"properties": {"parameters": parameters}}
    if blueprint.roles:
        then["required"] = ["lan"]
    else:
        then["properties"] = {"parameters": parameters, **dict.fromkeys(MACHINE_KEYS, False)}
    return {"if": {"properties": {"blueprint": {"const": blueprint.id}}}, "then": then}


def schema_files(toolkit: Path) -> dict[str, dict[str, JsonValue]]:
    """Path in the workspace -> schema; the files' modelines point there."""
    return {f".schema/{kind}.schema.json": schema_of(kind, toolkit) for kind in MODELS}
