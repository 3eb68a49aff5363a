# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Open one withheld field of a record that was sent, for a referral, and log that it was opened.

Reading the value, signing the opening and the log entry are one transaction: no log, no opening. The item may
have changed since; every value that was ever said of the field is tried, and only one that opens the
commitment in the batch can come out. The salt opens this field of this item alone.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime

from gateway.agreement import committed_bytes, salt_label
from gateway.agreement.paths import template
from gateway.audit.commitment import commit, derive_salt
from gateway.audit.entry import Event
from gateway.clock import milliseconds
from gateway.envelope.signer import Signer
from gateway.errors import InputError, PolicyRefusal, VerificationError
from gateway.evidence.field import FieldOpening, OriginalRecord, check_opening, make_opening, sign_opening
from gateway.exchange.journal import Journal
from gateway.exchange.ports import Store, Transaction
from gateway.exchange.rows import BatchRow, InboundRow, ItemRow, ShareRow
from gateway.finding import finding
from gateway.model import Item, unpack_contribution, unpack_item, values
from gateway.wire.convert import parse_batch_statement, unpack_envelope, unpack_release
from gateway.wire.payload import unpack_entries


class FieldOpener:
    """The opening of withheld fields at their sender."""

    def __init__(self, store: Store, journal: Journal, signers: tuple[Signer, ...]) -> None:
        """Take the doors and the seal keys."""
        self._store = store
        self._journal = journal
        self._signers = signers

    async def open(
        self, tracking_number: str, path: str, now: datetime, *, agreement: str = "", version: int = 0
    ) -> list[bytes]:
        """Return the files that open a field, one for each record that committed to it, in order of sending.

        `agreement` and `version` (of the release) choose among the records if they are given.

        Raises:
            PolicyRefusal: no record of the item has a commitment to the field.
            VerificationError: no stored value opens it, because it was erased.
        """

        def work(tx: Transaction) -> list[bytes]:
            made: list[bytes] = []
            for item in tx.items_by_tracking([tracking_number]):
                for share in tx.shares_of([item.id]):
                    if share.batch and agreement in ("", share.agreement) and version in (0, share.version):
                        made += self._record(tx, item, share, path, now)
            if not made:
                found = finding("AUDIT-FIELD-PATH", path=path)
                raise PolicyRefusal("no record of this item has a commitment to the field", (found,))
            return made

        return await self._store.transact(work)

    def _record(
        self, tx: Transaction, item: ItemRow, share: ShareRow, path: str, now: datetime
    ) -> Iterator[bytes]:
        """Open the field in one record, if it was committed there, and log it."""
        batch = tx.batches([share.batch])[0]
        original = original_record(batch, share.position)
        digests = {} if original is None else {one.path: one.digest for one in original.release.commitments}
        if original is None or path not in digests:
            return
        if not item.secret:
            raise _lost(path)
        salt = derive_salt(item.secret, salt_label(original.batch.agreement_id, path))
        value = next((one for one in _said(tx, item, path) if commit(salt, one) == digests[path]), None)
        if value is None:
            raise _lost(path)
        opening = make_opening(original, path=path, value=value, salt=salt, now=now)
        check_opening(opening, original)
        statement, file = sign_opening(opening, self._signers)
        self._journal.record_event(
            tx,
            original.batch.recipient,
            Event.ACCESS,
            statement=statement,
            subject=f"batch:{batch.id}",
            now=milliseconds(now),
        )
        yield file


async def find_original(store: Store, organisation: str, opening: FieldOpening) -> OriginalRecord | None:
    """Return the record that an opening is about, sent or received here; none if there is none."""

    def find(tx: Transaction) -> OriginalRecord | None:
        row: BatchRow | InboundRow | None = None
        if opening.sender == organisation:
            row = tx.batch(int(opening.batch_id, 16)) if _is_own(opening.batch_id) else None
        else:
            row = tx.inbound_by_batch(opening.sender, opening.batch_id)
        return None if row is None else original_record(row, opening.position)

    return await store.read(find)


def original_record(row: BatchRow | InboundRow, position: int) -> OriginalRecord | None:
    """Return a record of a stored batch; none if it was erased or is not there."""
    statement = unpack_envelope(row.envelope).statement
    entries = unpack_entries(row.payload)
    if position >= len(entries) or entries[position].erased:
        return None
    try:
        release = unpack_release(entries[position].record)
    except InputError:
        return None
    return OriginalRecord(
        batch=parse_batch_statement(statement),
        statement_digest=hashlib.sha256(statement).digest(),
        position=position,
        release=release,
    )


def _said(tx: Transaction, item: ItemRow, path: str) -> Iterator[bytes]:
    """Yield every value that was said of a field: by the item now, then by its contributions."""
    leaf, _ = template(path)
    items: list[Item] = [unpack_item(item.body)] if item.body else []
    items += [unpack_contribution(one.body).item for one in tx.contributions_of_item(item) if one.body]
    for one in items:
        for value in values(one, leaf):
            if value is not None and value != "":
                yield committed_bytes(value)


def _is_own(batch_id: str) -> bool:
    """Say whether a batch id has the form of ours."""
    try:
        return f"{int(batch_id, 16):016x}" == batch_id
    except ValueError:
        return False


def _lost(path: str) -> VerificationError:
    """Return the error of a value that is gone."""
    return VerificationError(
        "no stored value opens the commitment", (finding("AUDIT-FIELD-LOST", path=path),)
    )
