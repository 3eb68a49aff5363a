# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The wire contract mirrors the records, name by name."""

import enum
import types
import typing
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from google.protobuf.descriptor import FieldDescriptor

from gateway import model
from gateway.model import Record, ReleaseFunction
from gateway.wire.v1 import records_pb2

WIRE_ONLY = {"Payload"}  # the frame around the bytes of releases; it has no record
SCALARS: dict[Any, set[int]] = {
    str: {FieldDescriptor.TYPE_STRING},
    Decimal: {FieldDescriptor.TYPE_STRING},
    date: {FieldDescriptor.TYPE_STRING},
    datetime: {FieldDescriptor.TYPE_STRING},
    bytes: {FieldDescriptor.TYPE_BYTES},
    int: {FieldDescriptor.TYPE_INT32, FieldDescriptor.TYPE_INT64, FieldDescriptor.TYPE_UINT32},
}
MESSAGES = records_pb2.DESCRIPTOR.message_types_by_name
MIRRORED = sorted(set(MESSAGES) - WIRE_ONLY)


def plain(annotation: Any) -> tuple[Any, bool]:
    """Strip optionality and repetition from an annotation; say whether it was repeated."""
    if isinstance(annotation, types.UnionType):
        annotation = next(one for one in typing.get_args(annotation) if one is not type(None))
    if typing.get_origin(annotation) is tuple:
        return typing.get_args(annotation)[0], True
    return annotation, False


def reachable(record: type[Record]) -> set[str]:
    """Return the names of a record and of all records inside it."""
    inner = (plain(one.type)[0] for one in msgspec.structs.fields(record))
    return {record.__name__}.union(*(reachable(one) for one in inner if issubclass(one, Record)))


def test_every_released_record_has_a_message() -> None:
    """What a release can hold is exactly what the contract can carry."""
    assert reachable(model.Release) == set(MIRRORED)


@pytest.mark.parametrize("name", MIRRORED)
def test_message_has_the_fields_of_its_record(name: str) -> None:
    """Message and record have the same fields in the same order, numbered without gaps."""
    record: type[Record] = getattr(model, name)
    fields = MESSAGES[name].fields
    assert [one.name for one in fields] == [one.name for one in msgspec.structs.fields(record)]
    assert [one.number for one in fields] == list(range(1, len(fields) + 1))


@pytest.mark.parametrize("name", MIRRORED)
def test_message_has_the_types_of_its_record(name: str) -> None:
    """Fields repeat where the record repeats, nest where it nests, and hold numbers as exact text."""
    for field in msgspec.structs.fields(getattr(model, name)):
        wire = MESSAGES[name].fields_by_name[field.name]
        kind, repeated = plain(field.type)
        assert wire.is_repeated is repeated, field.name
        if issubclass(kind, Record):
            assert wire.message_type is not None, field.name
            assert wire.message_type.name == kind.__name__, field.name
        elif issubclass(kind, enum.Enum):
            assert wire.type == FieldDescriptor.TYPE_ENUM, field.name
        else:
            assert wire.type in SCALARS[kind], field.name


@pytest.mark.parametrize("name", sorted(set(MIRRORED) - {"Release", "FieldCommitment"}))
def test_absence_is_told_apart_from_emptiness(name: str) -> None:
    """Every single field of the item's records has presence on the wire."""
    for field in MESSAGES[name].fields:
        assert field.is_repeated or field.has_presence, field.name


def test_release_functions_are_mirrored() -> None:
    """The enum of the contract has the functions of a release, after the unspecified zero."""
    names = [one.name for one in MESSAGES["Release"].enum_types_by_name["Function"].values]
    assert names == ["FUNCTION_UNSPECIFIED", *(f"FUNCTION_{one.name}" for one in ReleaseFunction)]
