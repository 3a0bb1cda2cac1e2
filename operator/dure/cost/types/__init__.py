"""Priced resource types: one small function each, from inputs and expectations to lines."""

from collections.abc import Mapping
from types import MappingProxyType

from dure.cost.line import PricedType
from dure.cost.types import compute, data, network, operation

PRICED: Mapping[str, PricedType] = MappingProxyType({**network.TYPES, **compute.TYPES, **data.TYPES, **operation.TYPES})
"""Pulumi's type -> its function."""
