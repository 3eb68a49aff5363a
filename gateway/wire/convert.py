# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Records of the model to and from the wire contract `customs.ead.v1`, without loss in either direction.

The converters are compiled once from the types of the model, so that no second list of fields exists.
Decimals are plain digits without exponent, dates ISO 8601 (dates `YYYY-MM-DD`, moments with their offset).
An empty text is an absent one and does not travel.
What cannot be carried or read is an `InputError` with findings. Knows nothing of signatures or agreements.
"""

import re
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

import msgspec
from google.protobuf.message import DecodeError, Message

from gateway.envelope.dsse import Envelope, Signature
from gateway.errors import InputError
from gateway.finding import Finding, finding
from gateway.model import FieldCommitment, Item, Release, ReleaseFunction
from gateway.model.record import Record
from gateway.wire.v1 import envelope_pb2, records_pb2

_FUNCTION_TO_WIRE = {one: number for number, one in enumerate(ReleaseFunction, 1)}
_FUNCTION_FROM_WIRE = {number: one for one, number in _FUNCTION_TO_WIRE.items()}
DECIMAL = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,20})?", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2}(:[0-9]{2})?)",
    re.ASCII,
)


def pack_release(release: Release) -> bytes:
    """Return the exact bytes of a record.

    Raises:
        InputError: a value cannot be carried (not a finite number, number out of range, broken text).
    """
    try:
        item = _writer(Item)(release.item)
    except (ValueError, OverflowError) as error:
        raise unwritable() from error
    commitments = [{"path": one.path, "digest": one.digest} for one in release.commitments]
    return pack_fields(release.reference, release.version, release.function, item, commitments)


def pack_fields(
    reference: str,
    version: int,
    function: ReleaseFunction,
    item: dict[str, Any],
    commitments: Sequence[dict[str, Any]],
) -> bytes:
    """Return the exact bytes of a record whose item and commitments are dictionaries of what travels.

    Values are as `TEXTS` makes them; what is none does not travel.

    Raises:
        InputError: a value cannot be carried (number out of range, broken text).
    """
    try:
        return records_pb2.Release(
            reference=reference,
            version=version,
            function=_FUNCTION_TO_WIRE[function],  # type: ignore[arg-type]  # the stub wants its own enum type
            item=item,  # type: ignore[arg-type]  # upb takes nested dictionaries
            commitments=commitments,  # type: ignore[arg-type]  # the same
        ).SerializeToString()
    except (ValueError, OverflowError) as error:  # UnicodeEncodeError is a ValueError
        raise unwritable() from error


def unwritable() -> InputError:
    """Return the error of a record with a value that cannot be carried."""
    return InputError("record cannot be written", (finding("WIRE-UNWRITABLE"),))


def unpack_release(record: bytes) -> Release:
    """Return the record that the bytes hold.

    Raises:
        InputError: not a Release, fields unknown to this version, or a value in the wrong form.
    """
    message = parse_whole(records_pb2.Release, record, "")
    function = _FUNCTION_FROM_WIRE.get(message.function)
    if function is None:
        fault = finding("WIRE-ENUM", path="function", actual=str(message.function))
        raise InputError("record has an unknown function", (fault,))
    try:
        item = _reader(Item)(message.item)
    except ValueError as error:
        faults = tuple(_faults(Item, message.item, ""))
        raise InputError("record has values in the wrong form", faults) from error
    return Release(
        reference=message.reference,
        version=message.version,
        function=function,
        item=item,
        commitments=tuple(FieldCommitment(path=one.path, digest=one.digest) for one in message.commitments),
    )


def pack_payload(entries: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Return the payload of a batch from its (salt, record) pairs."""
    return records_pb2.Payload(
        entries=[{"salt": salt, "record": record} for salt, record in entries]  # type: ignore[misc]  # upb takes dictionaries
    ).SerializeToString()


def parse_payload(payload: bytes) -> records_pb2.Payload:
    """Return the message of a payload.

    Raises:
        InputError: not a payload, or fields unknown to this version.
    """
    return parse_whole(records_pb2.Payload, payload, "payload")


def unpack_payload(payload: bytes) -> list[tuple[bytes, bytes]]:
    """Return the (salt, record) pairs of a payload, in order; both are empty where a record was erased.

    Raises:
        InputError: not a payload, or fields unknown to this version.
    """
    return [(entry.salt, entry.record) for entry in parse_payload(payload).entries]


def pack_envelope(envelope: Envelope) -> bytes:
    """Return the wire form of an envelope; the statement inside is the exact bytes that were signed."""
    return envelope_pb2.Envelope(
        payload_type=envelope.payload_type,
        statement=envelope.statement,
        signatures=[
            envelope_pb2.Envelope.Signature(key_id=one.key_id, signature=one.value)
            for one in envelope.signatures
        ],
    ).SerializeToString()


def unpack_envelope(raw: bytes) -> Envelope:
    """Return the envelope that the bytes hold.

    Raises:
        InputError: not an envelope, or fields unknown to this version.
    """
    message = parse_whole(envelope_pb2.Envelope, raw, "envelope")
    return Envelope(
        payload_type=message.payload_type,
        statement=message.statement,
        signatures=tuple(Signature(key_id=one.key_id, value=one.signature) for one in message.signatures),
    )


def parse_batch_statement(statement: bytes) -> envelope_pb2.BatchStatement:
    """Return a batch statement from bytes whose signatures were verified.

    Raises:
        InputError: not a batch statement, or fields unknown to this version.
    """
    return parse_whole(envelope_pb2.BatchStatement, statement, "statement")


def parse_receipt_statement(statement: bytes) -> envelope_pb2.ReceiptStatement:
    """Return a receipt statement from bytes whose signatures were verified.

    Raises:
        InputError: not a receipt statement, or fields unknown to this version.
    """
    return parse_whole(envelope_pb2.ReceiptStatement, statement, "receipt")


def parse_erasure_statement(statement: bytes) -> envelope_pb2.ErasureStatement:
    """Return an erasure statement from bytes whose signatures were verified.

    Raises:
        InputError: not an erasure statement, or fields unknown to this version.
    """
    return parse_whole(envelope_pb2.ErasureStatement, statement, "notice")


def parse_erasure_confirmation(statement: bytes) -> envelope_pb2.ErasureConfirmation:
    """Return an erasure confirmation from bytes whose signatures were verified.

    Raises:
        InputError: not an erasure confirmation, or fields unknown to this version.
    """
    return parse_whole(envelope_pb2.ErasureConfirmation, statement, "confirmation")


def parse_query_statement(statement: bytes) -> envelope_pb2.QueryStatement:
    """Return a question from bytes whose signatures were verified.

    Raises:
        InputError: not a question, or fields unknown to this version.
    """
    return parse_whole(envelope_pb2.QueryStatement, statement, "query")


def parse_query_answer(statement: bytes) -> envelope_pb2.QueryAnswer:
    """Return the answer to a question from bytes whose signatures were verified.

    Raises:
        InputError: not an answer, or fields unknown to this version.
    """
    return parse_whole(envelope_pb2.QueryAnswer, statement, "answer")


def parse_webhook_receipt(statement: bytes) -> envelope_pb2.WebhookReceipt:
    """Return what a sender attests of a partner's answers, from bytes whose signatures were verified.

    Raises:
        InputError: not such a statement, or fields unknown to this version.
    """
    return parse_whole(envelope_pb2.WebhookReceipt, statement, "attestation")


def parse_delivery_receipt(statement: bytes) -> envelope_pb2.WebhookDeliveryReceipt:
    """Return the receipt of a delivery by webhook from bytes whose signatures were verified.

    Raises:
        InputError: not such a receipt, or fields unknown to this version.
    """
    return parse_whole(envelope_pb2.WebhookDeliveryReceipt, statement, "receipt")


M = typing.TypeVar("M", bound=Message)


def parse_whole(kind: type[M], raw: bytes, path: str) -> M:
    """Parse a message and refuse what this version of the contract does not know, at any depth.

    Unknown fields are found by size: measured again without them, a message is shorter. The length of the
    bytes says nothing: a number that another writer has encoded shorter leaves room to hide something.
    """
    message = kind()
    try:
        message.ParseFromString(raw)
    except DecodeError as error:
        raise InputError("bytes are not the message expected", (finding("WIRE-PARSE", path=path),)) from error
    size = message.ByteSize()
    message.DiscardUnknownFields()
    if message.ByteSize() != size:
        raise InputError("message holds unknown fields", (finding("WIRE-UNKNOWN-FIELD", path=path),))
    return message


def _decimal_text(value: Decimal) -> str:
    """Write a decimal as plain digits."""
    text = str(value)
    if "E" in text or not value.is_finite():
        if not value.is_finite():
            raise ValueError("not a finite number")
        text = format(value, "f")
    return text


@lru_cache(8192)
def _read_decimal(text: str) -> Decimal:
    """Read plain digits."""
    if DECIMAL.fullmatch(text) is None:
        raise ValueError("a decimal number without exponent")
    return Decimal(text)


@lru_cache(1024)
def _read_date(text: str) -> date:
    """Read an ISO date."""
    if _DATE.fullmatch(text) is None:
        raise ValueError("YYYY-MM-DD")
    return date.fromisoformat(text)


def _read_moment(text: str) -> datetime:
    """Read an ISO moment with its offset."""
    if _MOMENT.fullmatch(text) is None:
        raise ValueError("YYYY-MM-DDThh:mm:ss with offset")
    return datetime.fromisoformat(text)


def _moment_text(value: datetime) -> str:
    """Write a moment with its offset."""
    if value.tzinfo is None:
        raise ValueError("moment without offset")
    return value.isoformat()


def _write_date(value: date) -> str:
    """Write an ISO date."""
    return value.isoformat()


_LEAVES: dict[type, tuple[Callable[[Any], Any] | None, Callable[[Any], Any] | None, str]] = {
    str: (None, None, ""),
    int: (None, None, ""),
    Decimal: (_decimal_text, _read_decimal, "a decimal number without exponent"),
    date: (_write_date, _read_date, "YYYY-MM-DD"),
    datetime: (_moment_text, _read_moment, "YYYY-MM-DDThh:mm:ss with offset"),
}


def plan(record: type[Record]) -> list[tuple[str, Any, bool]]:
    """Return (field, plain type, repeated) for every field of a record."""
    plan = []
    for field in msgspec.structs.fields(record):
        kind = field.type
        if isinstance(kind, types.UnionType):
            kind = next(one for one in typing.get_args(kind) if one is not type(None))
        repeated = typing.get_origin(kind) is tuple
        plan.append((field.name, typing.get_args(kind)[0] if repeated else kind, repeated))
    return plan


TEXTS: Mapping[type, Callable[[Any], str]] = {
    kind: write for kind, (write, _, _) in _LEAVES.items() if write is not None
}
"""What makes a text of a value of a type; types that are not in it travel as they are."""

READERS: Mapping[type, Callable[[str], Any]] = {
    kind: read for kind, (_, read, _) in _LEAVES.items() if read is not None
}
"""What reads such a text again, and raises `ValueError` if it has another form."""


@cache
def _writer(record: type[Record]) -> Callable[[Any], dict[str, Any]]:
    """Compile the function from a record to the dictionary of its present fields."""
    lines = ["def write(r):", "    d = {}"]
    scope: dict[str, Any] = {}
    for name, kind, repeated in plan(record):
        nested = issubclass(kind, Record)
        convert = _writer(kind) if nested else _LEAVES[kind][0]
        scope[f"w_{name}"] = convert
        present = "v" if repeated or kind is str else "v is not None"
        value = "v" if convert is None else f"[w_{name}(x) for x in v]" if repeated else f"w_{name}(v)"
        lines += [f"    v = r.{name}", f"    if {present}: d[{name!r}] = {value}"]
    lines.append("    return d")
    exec("\n".join(lines), scope)  # noqa: S102 - the text is made from the model's own field names
    return typing.cast("Callable[[Any], dict[str, Any]]", scope["write"])


@cache
def _reader(record: type[Record]) -> Callable[[Any], Any]:
    """Compile the function from a message to its record; a value in the wrong form raises `ValueError`.

    Reading a text costs 50 ns and asking for its presence 80, so presence is asked only where an empty value
    means something.
    """
    lines = ["def read(m):", "    has = m.HasField", "    return record("]
    scope: dict[str, Any] = {"record": record}
    for name, kind, repeated in plan(record):
        convert = _reader(kind) if issubclass(kind, Record) else _LEAVES[kind][1]
        scope[f"r_{name}"] = convert
        if repeated:
            value = f"tuple([r_{name}(x) for x in m.{name}])"
        elif kind is str:
            value = f"m.{name} or None"
        else:
            read = f"m.{name}" if convert is None else f"r_{name}(m.{name})"
            value = f"{read} if has({name!r}) else None"
        lines.append(f"        {name}={value},")
    lines.append("    )")
    exec("\n".join(lines), scope)  # noqa: S102 - the text is made from the model's own field names
    return typing.cast("Callable[[Any], Any]", scope["read"])


def _faults(record: type[Record], message: Any, parent: str) -> list[Finding]:
    """Return a finding for every value in the wrong form; the slow second look after a failed read."""
    findings = []
    kinds = {name: kind for name, kind, _ in plan(record)}
    for descriptor, value in message.ListFields():
        name, kind = descriptor.name, kinds[descriptor.name]
        if descriptor.is_repeated:
            for index, one in enumerate(value):
                findings += _faults(kind, one, f"{parent}{name}[{index}].")
        elif issubclass(kind, Record):
            findings += _faults(kind, value, f"{parent}{name}.")
        elif (convert := _LEAVES[kind][1]) is not None:
            try:
                convert(value)
            except ValueError:
                code = "WIRE-DECIMAL" if kind is Decimal else "WIRE-DATE"
                findings.append(finding(code, path=parent + name, expected=_LEAVES[kind][2]))
    return findings
