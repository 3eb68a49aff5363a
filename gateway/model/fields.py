# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The list of every leaf of a record, derived from the types so that no second list can disagree.

A leaf path is dotted; `[]` marks a repeated group: `sender.address.city`, `content[].value.amount`.
"""

import functools
import types
import typing
from collections.abc import Iterator
from typing import Any

import msgspec

from gateway.model.item import Item
from gateway.model.record import Record


@functools.cache
def leaf_types(record: type[Record] = Item) -> dict[str, type]:
    """Return each leaf path with the plain type of its value, in declaration order."""
    leaves: dict[str, type] = {}
    for field in msgspec.structs.fields(record):
        inner, repeated = plain(field.type)
        path = field.encode_name + ("[]" if repeated else "")
        if isinstance(inner, type) and issubclass(inner, Record):
            leaves.update({f"{path}.{rest}": kind for rest, kind in leaf_types(inner).items()})
        else:
            leaves[path] = inner
    return leaves


def plain(annotation: Any) -> tuple[Any, bool]:
    """Strip `| None` and `tuple[..., ...]` from an annotation; say whether it was a tuple."""
    if isinstance(annotation, types.UnionType):
        annotation = next(one for one in typing.get_args(annotation) if one is not type(None))
    if typing.get_origin(annotation) is tuple:
        return typing.get_args(annotation)[0], True
    return annotation, False


def values(record: Record | None, path: str) -> list[Any]:
    """Return the values at a leaf path, one per repetition, `None` where absent.

    A path through `content[]` of an item without content gives an empty list.
    """
    if record is None:
        return [None]
    head, _, rest = path.partition(".")
    value = getattr(record, head.removesuffix("[]"))
    if head.endswith("[]"):
        return [one for piece in value for one in (values(piece, rest) if rest else [piece])]
    return values(value, rest) if rest else [value]


def is_present(record: Record, path: str) -> bool:
    """Say whether a leaf has a value in every repetition, and at least once."""
    found = values(record, path)
    return bool(found) and all(one is not None and one != "" for one in found)


def leaf_values(record: Record, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Walk the present leaves with their concrete paths (`content[0].hs`), in declaration order."""
    for name in record.__struct_fields__:
        value = getattr(record, name)
        if isinstance(value, Record):
            yield from leaf_values(value, f"{prefix}{name}.")
        elif isinstance(value, tuple):
            for index, piece in enumerate(value):
                yield from leaf_values(piece, f"{prefix}{name}[{index}].")
        elif value is not None:
            yield prefix + name, value
