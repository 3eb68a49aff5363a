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
from pathlib import Path

import msgspec
import structlog

from gateway.errors import GatewayError
from gateway.exchange.ports import Store
from gateway.exchange.rows import InboundRow
from gateway.model.item import Record
from gateway.wire.convert import parse_receipt_statement, unpack_envelope, unpack_payload, unpack_release

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
            _log.info("forward.batch", inbound=row.id, channel=row.channel, accepted=row.accepted)
        return len(rows)


def write_file(folder: Path, row: InboundRow) -> Path:
    """Write the accepted records of a batch as one JSON file that appears whole."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{_UNSAFE.sub('_', row.channel)}-{row.sequence:012d}.json"
    document = {
        "batch": row.batch_id,
        "channel": row.channel,
        "sequence": row.sequence,
        "sender": row.partner,
        "agreement": row.agreement,
        "received_at": row.received_at,
        "records": accepted_records(row),
    }
    aside = folder / f".{name}.part"
    with aside.open("wb") as file:
        file.write(msgspec.json.encode(document))
        file.flush()
        os.fsync(file.fileno())
    target = aside.rename(folder / name)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return target


def accepted_records(row: InboundRow) -> list[Record]:
    """Return the accepted records of a batch, in order; what the receipt rejected is left out."""
    receipt = parse_receipt_statement(unpack_envelope(row.receipt).statement)
    rejected = {one.index for one in receipt.records if not one.accepted}
    return [
        unpack_release(record)
        for position, (_, record) in enumerate(unpack_payload(row.payload))
        if position not in rejected
    ]
