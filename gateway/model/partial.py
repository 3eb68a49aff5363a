# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Read some leaves of a stored item and pass over all others.

What an agreement does not name need not become an object: a record of a few fields costs a third of a whole
one. Derived from the types of the model, so that no second list of fields exists.
"""

import functools
from collections.abc import Callable
from typing import Any

import msgspec

from gateway.model.fields import plain
from gateway.model.item import Item
from gateway.model.record import Record


@functools.lru_cache(maxsize=1024)
def partial_reader(leaves: frozenset[str]) -> Callable[[bytes], Any]:
    """Return what reads a stored item as a record that has these leaves, under their names, and no others.

    The reader raises `msgspec.MsgspecError` if the bytes are none, or a leaf is not of its type.
    """
    return msgspec.msgpack.Decoder(_partial(Item, leaves, "")).decode


def _partial(record: type[Record], leaves: frozenset[str], prefix: str) -> type[msgspec.Struct]:
    """Return the type of a record with some of its leaves."""
    fields: list[tuple[str, Any, Any]] = []
    inner: Any
    for field in msgspec.structs.fields(record):
        inner, repeated = plain(field.type)
        path = f"{prefix}{field.encode_name}{'[]' if repeated else ''}"
        if any(one.startswith(path + ".") for one in leaves):
            inner = _partial(inner, leaves, path + ".")
        elif path not in leaves:
            continue
        fields.append((field.name, tuple[inner, ...], ()) if repeated else (field.name, inner | None, None))
    return msgspec.defstruct(record.__name__, fields, frozen=True, kw_only=True, gc=False)
