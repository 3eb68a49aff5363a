# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The structure of the model, walked once: what each record holds, and whether it repeats."""

import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from gateway.sdk import Record


@dataclass(frozen=True, slots=True)
class Member:
    """One field of a record; `kind` is a record type or the plain type of a leaf."""

    name: str
    kind: type
    repeats: bool

    @property
    def record(self) -> type[Record] | None:
        """The record type, `None` for a leaf."""
        return self.kind if issubclass(self.kind, Record) else None


def members(record: type[Record]) -> Iterator[Member]:
    """Yield the fields of a record in declaration order."""
    for one in msgspec.structs.fields(record):
        kind, repeats = _plain(one.type)
        yield Member(one.encode_name, kind, repeats)


def _plain(annotation: Any) -> tuple[type, bool]:
    """Strip `| None` and `tuple[..., ...]` from an annotation; say whether it was a tuple."""
    if isinstance(annotation, types.UnionType):
        annotation = next(one for one in typing.get_args(annotation) if one is not type(None))
    if typing.get_origin(annotation) is tuple:
        return typing.get_args(annotation)[0], True
    return annotation, False
