# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Rows of the exchange as tuples of driver values, and back.

Verbatim messages and payloads are compressed here and nowhere else (zstd, RFC 8878, level 3); their bytes
come back identical.
"""

from typing import Any

import msgspec
import zstandard

from gateway.exchange.rows import (
    BatchRow,
    ChannelRow,
    ContributionRow,
    InboundRecordRow,
    InboundRow,
    ItemRow,
    LogEntryRow,
    LogState,
    MessageRow,
    RefusalRow,
    SeenRow,
    ShareRow,
)
from gateway.model import ContributionKind, Function, ReleaseFunction, ShareState

_LEVEL = 3
_KINDS = {member.value: member for member in ContributionKind}
_FUNCTIONS = {member.value: member for member in Function}
_RELEASES = {member.value: member for member in ReleaseFunction}
_STATES = {member.value: member for member in ShareState}

Values = tuple[Any, ...]

pack_names = msgspec.json.Encoder().encode
_names = msgspec.json.Decoder(tuple[str, ...]).decode
_pack_hashes = msgspec.msgpack.Encoder().encode
_hashes = msgspec.msgpack.Decoder(tuple[bytes, ...]).decode


class Compression:
    """Compresses large bytes; belongs to one thread."""

    def __init__(self) -> None:
        """Make the contexts once, they are dear."""
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL)
        self._decompressor = zstandard.ZstdDecompressor()

    def pack(self, data: bytes) -> bytes:
        """Return the stored bytes."""
        return self._compressor.compress(data)

    def unpack(self, stored: bytes) -> bytes:
        """Return the original bytes; of a head whose rest is in the archive nothing is stored."""
        return self._decompressor.decompress(stored) if stored else b""


def names_text(names: tuple[str, ...]) -> str:
    """Return a list of names as JSON."""
    return pack_names(names).decode() if names else "[]"


def text_names(text: str) -> tuple[str, ...]:
    """Return the names of a JSON list."""
    return () if text == "[]" else _names(text)


def message_values(row: MessageRow, compression: Compression) -> Values:
    """Return a message in table order."""
    return msgspec.structs.astuple(msgspec.structs.replace(row, raw=compression.pack(row.raw)))


def message_row(values: Values, compression: Compression) -> MessageRow:
    """Read a message; of one whose rest is in the archive, the answer is compressed."""
    fields = dict(zip(MessageRow.__struct_fields__, values, strict=True))
    if not fields["raw"]:
        return MessageRow(**fields | {"acknowledgement": compression.unpack(fields["acknowledgement"])})
    return MessageRow(**fields | {"raw": compression.unpack(fields["raw"])})


def contribution_values(row: ContributionRow) -> Values:
    """Return a contribution in table order.

    A member of these enumerations is its text; asking it for its value takes ten times as long.
    """
    return (
        row.id,
        row.message_row,
        row.position,
        str(row.kind),
        str(row.function),
        row.reference,
        row.join_key,
        names_text(row.keys),
        row.body,
        row.retired,
    )


def contribution_row(values: Values) -> ContributionRow:
    """Read a contribution."""
    key, message, position, kind, function, reference, join_key, keys, body, retired = values
    return ContributionRow(
        id=key,
        message_row=message,
        position=position,
        kind=_KINDS[kind],
        function=_FUNCTIONS[function],
        reference=reference,
        join_key=join_key,
        keys=text_names(keys),
        body=body,
        retired=bool(retired),
    )


def item_row(values: Values) -> ItemRow:
    """Read an item; its values need no form of their own when written."""
    (
        key,
        tracking,
        order,
        number,
        state,
        version,
        created,
        updated,
        secret,
        body,
        findings,
        record,
        ucr,
        mrn,
        counted,
    ) = values
    return ItemRow(
        id=key,
        tracking_number=tracking,
        order_key=order,
        list_key=number,
        state=state,
        version=version,
        created_at=created,
        updated_at=updated,
        secret=secret,
        body=body,
        findings=findings,
        record=record,
        ucr=ucr,
        mrn=mrn,
        counted=counted,
    )


def share_values(row: ShareRow) -> Values:
    """Return a share in table order."""
    return (
        row.id,
        row.item,
        row.agreement,
        row.channel,
        str(row.state),
        row.version,
        str(row.function),
        row.deadline,
        names_text(row.missing),
        row.batch,
        row.position,
        row.updated_at,
        row.item_version,
    )


def share_row(values: Values) -> ShareRow:
    """Read a share."""
    (
        key,
        item,
        agreement,
        channel,
        state,
        version,
        function,
        deadline,
        missing,
        batch,
        position,
        updated,
        item_version,
    ) = values
    return ShareRow(
        id=key,
        item=item,
        agreement=agreement,
        channel=channel,
        state=_STATES[state],
        version=version,
        function=_RELEASES[function],
        deadline=deadline,
        missing=text_names(missing),
        batch=batch,
        position=position,
        updated_at=updated,
        item_version=item_version,
    )


def channel_row(values: Values) -> ChannelRow:
    """Read a channel."""
    return ChannelRow(**dict(zip(ChannelRow.__struct_fields__, values, strict=True)))


def batch_values(row: BatchRow, compression: Compression) -> Values:
    """Return an outgoing batch in table order."""
    return msgspec.structs.astuple(msgspec.structs.replace(row, payload=compression.pack(row.payload)))


def batch_row(values: Values, compression: Compression) -> BatchRow:
    """Read an outgoing batch."""
    fields = dict(zip(BatchRow.__struct_fields__, values, strict=True))
    return BatchRow(**fields | {"payload": compression.unpack(fields["payload"])})


def inbound_values(row: InboundRow, compression: Compression) -> Values:
    """Return a received batch in table order."""
    return msgspec.structs.astuple(msgspec.structs.replace(row, payload=compression.pack(row.payload)))


def inbound_row(values: Values, compression: Compression) -> InboundRow:
    """Read a received batch."""
    fields = dict(zip(InboundRow.__struct_fields__, values, strict=True))
    return InboundRow(
        **fields
        | {
            "payload": compression.unpack(fields["payload"]),
            "forwarded": bool(fields["forwarded"]),
            "restated": bool(fields["restated"]),
        }
    )


def inbound_record_row(values: Values) -> InboundRecordRow:
    """Read the place of a received record."""
    return InboundRecordRow(**dict(zip(InboundRecordRow.__struct_fields__, values, strict=True)))


def refusal_values(row: RefusalRow) -> Values:
    """Return a refusal in table order."""
    key, partner, channel, received, codes, envelope, receipt, index = msgspec.structs.astuple(row)
    return key, partner, channel, received, names_text(codes), envelope, receipt, index


def refusal_row(values: Values) -> RefusalRow:
    """Read a refusal."""
    fields = dict(zip(RefusalRow.__struct_fields__, values, strict=True))
    return RefusalRow(**fields | {"codes": text_names(fields["codes"])})


def log_values(state: LogState) -> Values:
    """Return the state of a log in table order."""
    return state.name, state.size, _pack_hashes(state.frontier), state.checkpoint


def log_state(values: Values) -> LogState:
    """Read the state of a log."""
    name, size, frontier, checkpoint = values
    return LogState(name=name, size=size, frontier=_hashes(frontier), checkpoint=checkpoint)


def log_entry_row(values: Values) -> LogEntryRow:
    """Read an entry of a log."""
    log, index, event, subject, leaf, salt, created_at = values
    return LogEntryRow(
        log=log, index=index, event=event, subject=subject, leaf=leaf, salt=salt, created_at=created_at
    )


def seen_row(values: Values) -> SeenRow:
    """Read a checkpoint of a partner."""
    return SeenRow(**dict(zip(SeenRow.__struct_fields__, values, strict=True)))
