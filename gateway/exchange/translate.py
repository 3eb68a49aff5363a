# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Write the released records of a batch in the format of a partner without a gateway. Pure; runs in a worker.

The rules:

1. What is written is what the payload holds: the releases, after field treatment, never the stored items.
2. Records of one function make one document, for formats say by the message type whether they announce,
   change or cancel. A function that the partner's configuration names no message type for cannot be written.
3. A record that the format cannot hold is found by halving, and left out by itself. What fits into no one
   document goes in several.
4. The same payload and time give the same bytes, so a repeated attempt repeats its words.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from gateway.errors import AdapterError, InputError
from gateway.exchange.webhook_rows import WrittenBatch, WrittenDocument
from gateway.finding import Finding, finding, has_errors
from gateway.model import Encoded, Item, ReleaseFunction
from gateway.wire.convert import unpack_release
from gateway.wire.payload import unpack_entries

MAX_FINDINGS = 100
Rejected: TypeAlias = list[tuple[int, tuple[Finding, ...]]]
Piece: TypeAlias = tuple[tuple[int, ...], Encoded]


class Writes(Protocol):
    """The part of an adapter that writes."""

    def encode(self, message_type: str, items: Sequence[Item], now: datetime) -> Encoded:
        """Write items as one document."""


def write_batch(adapter: Writes, types: Mapping[str, str], payload: bytes, now: datetime) -> WrittenBatch:
    """Write a payload; `types` are the message types by function.

    Raises:
        AdapterError: the adapter writes no such message type, so nothing can ever be written.
    """
    rejected: Rejected = []
    by_function: dict[str, list[tuple[int, Item]]] = {one.value: [] for one in ReleaseFunction}
    for index, entry in enumerate(unpack_entries(payload)):
        if entry.erased:
            rejected.append((index, (finding("RELEASE-ERASED"),)))
            continue
        release = unpack_release(entry.record)
        by_function[release.function.value].append((index, release.item))
    documents: list[WrittenDocument] = []
    for function, records in by_function.items():
        message_type = types.get(function, "")
        if not message_type:
            absent = finding("WEBHOOK-FUNCTION", expected="a message type", actual=function)
            rejected += [(index, (absent,)) for index, _ in records]
            continue
        pieces = _Writing(adapter, message_type, now, rejected).pieces(records)
        documents += [_document(function, indexes, encoded) for indexes, encoded in pieces]
    return WrittenBatch(documents=tuple(documents), rejected=tuple(sorted(rejected, key=lambda one: one[0])))


@dataclass(frozen=True, slots=True)
class _Writing:
    """The writing of records of one function; `rejected` receives those that cannot be written."""

    adapter: Writes
    message_type: str
    now: datetime
    rejected: Rejected

    def pieces(self, records: Sequence[tuple[int, Item]]) -> list[Piece]:
        """Return as few documents as hold all records that can be written."""
        if not records:
            return []
        done = self._try(records)
        if not isinstance(done, tuple):
            return [(tuple(index for index, _ in records), done)]
        if len(records) == 1:
            self.rejected.append((records[0][0], done))
            return []
        before, half = len(self.rejected), len(records) // 2
        found = [*self.pieces(records[:half]), *self.pieces(records[half:])]
        if len(found) > 1 and len(self.rejected) > before:
            inside = {index for indexes, _ in found for index in indexes}
            rest = [one for one in records if one[0] in inside]
            together = self._try(rest)
            if not isinstance(together, tuple):
                return [(tuple(index for index, _ in rest), together)]
        return found

    def _try(self, records: Sequence[tuple[int, Item]]) -> Encoded | tuple[Finding, ...]:
        """Return a document, or why it cannot be written.

        Raises:
            AdapterError: the adapter writes no such message type.
        """
        try:
            encoded = self.adapter.encode(self.message_type, [item for _, item in records], self.now)
        except AdapterError:
            raise
        except InputError as error:
            return error.findings[:MAX_FINDINGS] or (finding("WEBHOOK-UNWRITABLE"),)
        except Exception:  # noqa: BLE001 - an adapter that breaks over one record must not stop the others
            return (finding("WEBHOOK-UNWRITABLE"),)
        if has_errors(encoded.findings):
            return encoded.findings[:MAX_FINDINGS]
        return encoded


def _document(function: str, indexes: tuple[int, ...], encoded: Encoded) -> WrittenDocument:
    """Return a document with what its writing lost and found."""
    losses = (
        finding("WEBHOOK-LOSS", path=one.path, expected=one.kind, actual=one.outside_path)
        for one in encoded.losses
    )
    return WrittenDocument(
        function=function,
        body=encoded.body,
        content_type=encoded.content_type,
        indexes=indexes,
        findings=tuple(itertools.islice((*encoded.findings, *losses), MAX_FINDINGS)),
    )
