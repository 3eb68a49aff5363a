# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Make the payload of a batch: treat each item as the agreement says, write it, salt it, commit to it.

Pure: the same shares, agreement and key give the same bytes, so a release can be replayed years later. A
share that cannot be released fails alone. A cancellation carries identification only. Runs in a worker.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from gateway.agreement import Agreement, Write, compile_writing, named
from gateway.audit.commitment import batch_root, commit, derive_salt
from gateway.errors import GatewayError
from gateway.exchange.rows import PreparedBatch, ToRelease
from gateway.finding import Finding, finding, has_errors
from gateway.model import (
    IDENTIFICATION,
    FieldCommitment,
    Item,
    Release,
    ReleaseFunction,
    partial_reader,
    unpack_item,
)
from gateway.wire.convert import TEXTS, pack_fields, pack_payload, pack_release, unwritable

MAX_PAYLOAD_BYTES = 4 * 1024 * 1024
REFERENCE_LENGTH = 26


class Treated(Protocol):
    """What a treatment returns."""

    @property
    def item(self) -> Item:
        """What leaves."""

    @property
    def commitments(self) -> tuple[FieldCommitment, ...]:
        """What is withheld but can be opened later."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was cut or withheld."""


class Refused(GatewayError):
    """One share cannot be released; its findings say why."""


@dataclass(frozen=True, slots=True)
class ShortWay:
    """From a stored item to its record: only what the agreement names becomes an object."""

    read: Callable[[bytes], Any]
    write: Write


def compile_short_way(agreement: Agreement, pseudonym_key: bytes) -> ShortWay:
    """Compile the short way of an agreement; it gives the same bytes as treatment and writing in turn.

    Raises:
        ValueError: the agreement pseudonymises and the key is shorter than 32 bytes.
    """
    return ShortWay(partial_reader(named(agreement)), compile_writing(agreement, pseudonym_key, TEXTS))


def prepare(
    agreement: Agreement,
    treat: Callable[[Item, bytes], Treated],
    shares: Sequence[ToRelease],
    *,
    short: ShortWay | None = None,
    max_payload_bytes: int = MAX_PAYLOAD_BYTES,
) -> PreparedBatch:
    """Make a payload of as many of the shares, in order, as fit into it.

    Shares beyond the size are neither in `shares` nor in `failed`: they belong to a later batch. Without a
    `short` way, and for cancellations, items are treated and written in turn.
    """
    inside: list[int] = []
    failed: list[tuple[int, tuple[Finding, ...]]] = []
    entries: list[tuple[bytes, bytes]] = []
    room = max_payload_bytes
    for share in shares:
        try:
            salt, record = _entry(agreement, treat, short, share)
            if len(record) > max_payload_bytes:
                raise Refused("too large", (finding("RELEASE-TOO-LARGE"),))
        except GatewayError as error:
            failed.append((share.share, error.findings or (finding("RELEASE-FAILED"),)))
            continue
        room -= len(record)
        if room < 0:
            break
        inside.append(share.share)
        entries.append((salt, record))
    payload = pack_payload(entries)
    return PreparedBatch(
        agreement=agreement.id,
        shares=tuple(inside),
        failed=tuple(failed),
        payload=payload,
        payload_digest=hashlib.sha256(payload).digest(),
        commitment_root=batch_root([commit(salt, record) for salt, record in entries]),
        salts=b"".join(salt for salt, _ in entries),
    )


def reference(secret: bytes, agreement: str) -> str:
    """Return the opaque id under which a partner knows an item; other agreements see another one."""
    digest = hmac.digest(secret, f"reference|{agreement}".encode(), "sha256")
    # 20 bytes are 32 letters; encoding is done in Python and costs by length.
    return base64.b32encode(digest[:20]).decode("ascii")[:REFERENCE_LENGTH]


def _entry(
    agreement: Agreement,
    treat: Callable[[Item, bytes], Treated],
    short: ShortWay | None,
    share: ToRelease,
) -> tuple[bytes, bytes]:
    """Return salt and record of one share.

    Raises:
        GatewayError: it cannot be released.
    """
    if not share.secret:
        raise Refused("erased", (finding("RELEASE-ERASED"),))
    salt = derive_salt(share.secret, f"record|{agreement.id}|{share.version}")
    try:
        if short is None or share.function is ReleaseFunction.CANCELLATION:
            return salt, _long(agreement, treat, share)
        return salt, _short(agreement, short, share)
    except msgspec.MsgspecError as error:
        raise Refused("unreadable", (finding("RELEASE-FAILED"),)) from error


def _long(agreement: Agreement, treat: Callable[[Item, bytes], Treated], share: ToRelease) -> bytes:
    """Treat a whole item and write what leaves of it."""
    item = unpack_item(share.body)
    ends = share.function is ReleaseFunction.CANCELLATION
    if ends:
        item = Item(**{name: getattr(item, name) for name in IDENTIFICATION})
    treated = treat(item, share.secret)
    if has_errors(treated.findings):
        raise Refused("not releasable", treated.findings)
    return pack_release(
        Release(
            reference=reference(share.secret, agreement.id),
            version=share.version,
            function=share.function,
            item=treated.item,
            commitments=() if ends else treated.commitments,
        )
    )


def _short(agreement: Agreement, short: ShortWay, share: ToRelease) -> bytes:
    """Treat and write in one step."""
    item = short.read(share.body)
    try:
        fields, commitments, findings = short.write(item, share.secret)
    except (ValueError, OverflowError) as error:
        raise unwritable() from error
    if has_errors(findings):
        raise Refused("not releasable", tuple(findings))
    name = reference(share.secret, agreement.id)
    return pack_fields(name, share.version, share.function, fields, commitments)
