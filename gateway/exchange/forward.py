# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Hand accepted records on to the domestic side: one JSON file per received batch, in a folder.

A file appears whole (written aside, flushed, renamed) and is then marked in the store. A crash between the
two writes the same file again under the same name, so a reader that goes by names sees each batch once. File
names hold ids only. Without a folder the records stay to be queried.
"""

import asyncio
import os
import re
from collections.abc import Sequence
from pathlib import Path

import msgspec
import structlog

from gateway.errors import GatewayError
from gateway.exchange.ports import Store
from gateway.exchange.rows import InboundRow
from gateway.model.record import Record
from gateway.wire.convert import parse_receipt_statement, unpack_envelope, unpack_release
from gateway.wire.payload import unpack_entries

IDLE_SECONDS = 1.0
AT_ONCE = 32
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")
_log = structlog.get_logger()


class Forwarder:
    """The way from the store to a folder."""

    def __init__(self, *, store: Store, folder: Path) -> None:
        """Write into a folder, which is made if it does not exist."""
        self._store = store
        self._folder = folder

    async def run(self) -> None:
        """Forward until cancelled."""
        while True:
            try:
                forwarded = await self.forward()
            except (GatewayError, OSError) as error:
                _log.error("forward.failed", error=type(error).__name__)
                forwarded = 0
            if not forwarded:
                await asyncio.sleep(IDLE_SECONDS)

    async def forward(self) -> int:
        """Forward what is there now; return how many batches that was."""
        rows = await self._store.read(lambda tx: tx.inbound_to_forward(0, AT_ONCE))
        for row in rows:
            await asyncio.to_thread(write_file, self._folder, row)
            await self._store.transact(lambda tx, number=row.id: tx.mark_forwarded(number))  # type: ignore[misc]  # the default binds the loop's value
            now = await self._store.read(lambda tx, number=row.id: tx.inbound(number))  # type: ignore[misc]  # the same
            if now is not None and now.payload != row.payload:  # something was erased meanwhile
                await asyncio.to_thread(write_file, self._folder, now)
            _log.info("forward.batch", inbound=row.id, channel=row.channel, accepted=row.accepted)
        return len(rows)


def write_file(folder: Path, row: InboundRow) -> Path:
    """Write the accepted records of a batch as one JSON file that appears whole."""
    folder.mkdir(parents=True, exist_ok=True)
    document = {
        "batch": row.batch_id,
        "channel": row.channel,
        "sequence": row.sequence,
        "sender": row.partner,
        "agreement": row.agreement,
        "received_at": row.received_at,
        "records": accepted_records(row),
    }
    return write_whole(folder, file_name(row), msgspec.json.encode(document))


def accepted_records(row: InboundRow) -> list[Record]:
    """Return the accepted records of a batch, in order; rejected and erased ones are left out."""
    receipt = parse_receipt_statement(unpack_envelope(row.receipt).statement)
    rejected = {one.index for one in receipt.records if not one.accepted}
    return [
        unpack_release(entry.record)
        for position, entry in enumerate(unpack_entries(row.payload))
        if position not in rejected and not entry.erased
    ]


def erase_forwarded(folder: Path, row: InboundRow, references: Sequence[str]) -> None:
    """Take erased records out of the file of a batch if it is still there, and tell the domestic side.

    `<file>.erased.json` names the references; who has taken the records deletes them by it. Repeating this
    adds what is new.
    """
    if (folder / file_name(row)).exists():
        write_file(folder, row)
    told = folder / f"{file_name(row).removesuffix('.json')}.erased.json"
    before = msgspec.json.decode(told.read_bytes())["references"] if told.exists() else []
    if not set(references) <= set(before):
        folder.mkdir(parents=True, exist_ok=True)
        said = {"batch": row.batch_id, "channel": row.channel, "sequence": row.sequence}
        said["references"] = sorted({*before, *references})
        write_whole(folder, told.name, msgspec.json.encode(said))


def file_name(row: InboundRow) -> str:
    """Return the name of the file of a batch."""
    return f"{_UNSAFE.sub('_', row.channel)}-{row.sequence:012d}.json"


def write_whole(folder: Path, name: str, raw: bytes) -> Path:
    """Write a file that appears whole and is durable when this returns."""
    aside = folder / f".{name}.part"
    with aside.open("wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    target = aside.rename(folder / name)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return target
