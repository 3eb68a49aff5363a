# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A release as one agreement has it: the wire contract without the fields that the agreement does not name.

Parsed by such a contract, whatever is not named is an unknown field, wherever it stands; so the parser finds
what must not be there, and nobody has to look for it leaf by leaf.
"""

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import DecodeError, Message

from gateway.wire.v1 import records_pb2

PACKAGE = "narrow"


def narrow_release(leaves: frozenset[str]) -> type[Message]:
    """Return the class of a release whose item has these leaf paths alone.

    A record that occurs in several places becomes a type for each of them.
    """
    file = descriptor_pb2.FileDescriptorProto(name="narrow.proto", package=PACKAGE, syntax="proto3")
    whole = records_pb2.Release.DESCRIPTOR
    release = file.message_type.add()
    whole.CopyToProto(release)
    _place_in(release, whole)
    commitment = file.message_type.add()
    records_pb2.FieldCommitment.DESCRIPTOR.CopyToProto(commitment)
    _add(file, "Item", records_pb2.Item.DESCRIPTOR, leaves, "")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.Release"))


def parse_narrow(kind: type[Message], record: bytes) -> Any:
    """Return the message, or none if the bytes are no such message or hold anything that it does not name."""
    message = kind()
    try:
        message.ParseFromString(record)
    except DecodeError:
        return None
    size = message.ByteSize()
    message.DiscardUnknownFields()
    return message if message.ByteSize() == size else None


def _add(
    file: descriptor_pb2.FileDescriptorProto,
    name: str,
    whole: Descriptor,
    leaves: frozenset[str],
    prefix: str,
) -> None:
    """Add the type of one place, and those of the places in it."""
    proto = descriptor_pb2.DescriptorProto()
    whole.CopyToProto(proto)
    kept = []
    for field, described in zip(proto.field, whole.fields, strict=True):
        path = f"{prefix}{field.name}{'[]' if described.is_repeated else ''}"
        if described.message_type is not None:
            if not any(one.startswith(path + ".") for one in leaves):
                continue
            inner = f"{name}_{field.name}"
            _add(file, inner, described.message_type, leaves, path + ".")
            field.type_name = f".{PACKAGE}.{inner}"
        elif path not in leaves:
            continue
        kept.append(field)
    made = file.message_type.add(name=name)
    for field in kept:
        optional = field.proto3_optional
        field.ClearField("oneof_index")
        field.ClearField("proto3_optional")
        copy = made.field.add()
        copy.CopyFrom(field)
        if optional:
            copy.proto3_optional = True
            copy.oneof_index = len(made.oneof_decl)
            made.oneof_decl.add(name=f"_{field.name}")


def _place_in(proto: descriptor_pb2.DescriptorProto, whole: Descriptor) -> None:
    """Let the fields of a release point to the types of this package."""
    for field, described in zip(proto.field, whole.fields, strict=True):
        kind = described.message_type or described.enum_type
        if kind is not None:
            field.type_name = f".{PACKAGE}.{kind.full_name.removeprefix(whole.file.package + '.')}"
