# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The description of this interface (OpenAPI 3.1): what `openapi.json` says, and the shapes of records.

Routes, parameters and what an act takes are written by hand. Shapes of what is only answered come from the
records that are answered, so that a field added there is described here.
"""

import functools
import json
from importlib import resources
from typing import Any

import msgspec

from gateway.evidence import Bundle
from gateway.exchange.query import Balance, ReceivedRecord, Status, Trace
from gateway.finding import FindingCode
from gateway.trade.postal_quality import Quality

ANSWERED = (Trace, ReceivedRecord, Status, Balance, Bundle, Quality, FindingCode)
_PLACE = "#/components/schemas/{name}"


@functools.cache
def description() -> bytes:
    """Return the whole document as JSON."""
    written = json.loads(resources.files("gateway.web").joinpath("openapi.json").read_bytes())
    schemas = written["components"]["schemas"]
    _, shapes = msgspec.json.schema_components(ANSWERED, ref_template=_PLACE)
    for way in (way for path in written["paths"].values() for way in path.values()):
        # Whoever is locked out, or has no turn left, hears so whatever is asked.
        way["responses"].setdefault("429", {"$ref": "#/components/responses/Later"})
    # What is written by hand may say more of a record than its shape does.
    written["components"]["schemas"] = {name: _closed(one) for name, one in shapes.items()} | schemas
    return msgspec.json.encode(written)


def _closed(shape: dict[str, Any]) -> dict[str, Any]:
    """Return a shape that has the members it names and no others."""
    if "description" in shape:
        shape["description"] = " ".join(shape["description"].split())
    return {"additionalProperties": False} | _plain(shape) if "properties" in shape else shape


def _plain(shape: Any) -> Any:
    """Return a shape in which tuples of like parts are lists of that length, which every reader knows."""
    if isinstance(shape, list):
        return [_plain(one) for one in shape]
    if not isinstance(shape, dict):
        return shape
    heads = shape.get("prefixItems")
    if heads and all(one == heads[0] for one in heads):
        shape = {name: one for name, one in shape.items() if name != "prefixItems"} | {"items": heads[0]}
    return {name: _plain(one) for name, one in shape.items()}
