# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Answer the auditor: what left, to whom, when, under which article, what was withheld, and is it proved.

One batch at a time, from what is stored, so that a report of any length needs the memory of one batch. A
record is named by its reference, which says nothing about a person; names are given only to those who may ask
for them, and that they asked is logged first.

A batch counts as proved when the root over its records, made anew, is the one that was signed, that root is
the one in its log entry, and the entry leads to the root of the stored checkpoint.
"""

import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from gateway.agreement import Agreement, AgreementSet, TreatmentKind
from gateway.audit import batch_root, inclusion, leaf_hash, root, verify_inclusion
from gateway.audit.entry import parse
from gateway.clock import milliseconds
from gateway.errors import InputError, VerificationError
from gateway.exchange.ports import Store, Transaction
from gateway.exchange.rows import BatchRow
from gateway.model import Release
from gateway.model.fields import leaf_values
from gateway.wire.convert import (
    parse_batch_statement,
    unpack_envelope,
    unpack_release,
)
from gateway.wire.payload import Entry, commitment_of, unpack_entries
from gateway.wire.receipts import is_attested, read_receipt
from gateway.wire.v1 import envelope_pb2

PAGE = 16
_INDEX = re.compile(r"\[[0-9]+\]")


@dataclass(frozen=True, slots=True)
class RecordLine:
    """One record that left; `persons` and `tracking_number` are empty unless they were allowed.

    `articles` gives the article of every field that left, `committed` the fields that were withheld but can
    be opened later. `outcome` is accepted, rejected, erased or pending.
    """

    position: int
    reference: str
    version: int
    function: str
    outcome: str
    codes: tuple[str, ...]
    articles: Mapping[str, str]
    treatments: Mapping[str, int]
    committed: tuple[str, ...]
    tracking_number: str = ""
    persons: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One batch that left. `withheld` are the fields that its agreement names only to hold them back.

    With `attested` the partner has signed no receipt: its HTTP answer is attested by the sender.
    """

    channel: str
    partner: str
    sequence: int
    batch_id: str
    created_at: int
    agreement: str
    agreement_version: int
    legal_basis: str
    withheld: tuple[str, ...]
    state: str
    receipted_at: int
    accepted: int
    rejected: int
    log: str
    log_index: int
    receipt_log_index: int
    proved: bool
    records: tuple[RecordLine, ...]
    attested: bool = False


class Report:
    """The report about what one gateway sent."""

    def __init__(self, organisation: str, store: Store, agreements: AgreementSet) -> None:
        """Take the doors."""
        self._organisation = organisation
        self._store = store
        self._agreements = agreements

    async def lines(
        self, partner: str, begin: datetime, end: datetime, *, personal: bool = False
    ) -> AsyncIterator[BatchLine]:
        """Walk the batches made for a partner in the half-open span, by channel and sequence."""
        start, stop = milliseconds(begin), milliseconds(end)
        ends = (self._organisation, partner)
        for name in sorted({one.channel for one in self._agreements.between(*ends)}):
            after = 0
            while page := await self._store.read(partial(_page, channel=name, after=after)):
                after = page[-1].sequence
                for batch in page:
                    if start <= batch.created_at < stop:
                        work = partial(self._line, batch=batch, partner=partner, personal=personal)
                        yield await self._store.read(work)
                if page[-1].created_at >= stop:
                    break

    def _line(self, tx: Transaction, *, batch: BatchRow, partner: str, personal: bool) -> BatchLine:
        """Read one batch."""
        statement = parse_batch_statement(unpack_envelope(batch.envelope).statement)
        agreement = self._agreements.get(statement.agreement_id, statement.agreement_version)
        entries = unpack_entries(batch.payload)
        outcomes = _outcomes(batch)
        log = f"{self._organisation}/{partner}"
        return BatchLine(
            channel=batch.channel,
            partner=partner,
            sequence=batch.sequence,
            batch_id=batch.batch_id,
            created_at=batch.created_at,
            agreement=statement.agreement_id,
            agreement_version=statement.agreement_version,
            legal_basis=agreement.legal_basis if agreement is not None else "",
            withheld=_withheld(agreement),
            state=batch.state,
            receipted_at=batch.receipted_at,
            accepted=batch.accepted,
            rejected=batch.rejected,
            log=log,
            log_index=batch.log_index,
            receipt_log_index=batch.receipt_log_index,
            proved=_proved(tx, batch, log, entries, statement),
            records=tuple(
                _record(position, entry, agreement, outcomes.get(position), batch.state, personal=personal)
                for position, entry in enumerate(entries)
            ),
            attested=bool(batch.receipt) and is_attested(unpack_envelope(batch.receipt)),
        )


def _page(tx: Transaction, *, channel: str, after: int) -> list[BatchRow]:
    """Return the next batches of a channel."""
    return tx.batches_after(channel, after, PAGE)


def _outcomes(batch: BatchRow) -> dict[int, envelope_pb2.RecordOutcome]:
    """Return what the receipt says of single records."""
    if not batch.receipt:
        return {}
    receipt = read_receipt(unpack_envelope(batch.receipt))
    return {one.index: one for one in receipt.records}


def _withheld(agreement: Agreement | None) -> tuple[str, ...]:
    """Return the fields that an agreement names to hold them back; what it does not name stays back too."""
    if agreement is None:
        return ()
    kinds = (TreatmentKind.OMIT, TreatmentKind.COMMIT)
    return tuple(path for path, one in agreement.fields.items() if one.kind in kinds)


def _proved(
    tx: Transaction,
    batch: BatchRow,
    log: str,
    entries: list[Entry],
    statement: envelope_pb2.BatchStatement,
) -> bool:
    """Say whether root, statement, log entry and checkpoint agree."""
    state = tx.log_state(log)
    try:
        made = batch_root([commitment_of(one) for one in entries])
        (entry,) = tx.log_entries(log, batch.log_index, batch.log_index + 1)
        path = inclusion(batch.log_index, state.size, partial(tx.log_hash, log))
        verify_inclusion(leaf_hash(entry.leaf), batch.log_index, state.size, path, root(state.frontier))
        return made == statement.commitment_root == parse(entry.leaf).batch_root
    except (ValueError, KeyError, InputError, VerificationError):
        return False


def _record(
    position: int,
    entry: Entry,
    agreement: Agreement | None,
    outcome: envelope_pb2.RecordOutcome | None,
    state: str,
    *,
    personal: bool,
) -> RecordLine:
    """Read one record."""
    rejected = outcome is not None and not outcome.accepted
    result = "pending" if state != "receipted" else "rejected" if rejected else "accepted"
    codes = tuple(one.code for one in outcome.findings) if outcome is not None else ()
    if entry.erased:
        return RecordLine(position, "", 0, "", "erased", codes, {}, {}, ())
    release = unpack_release(entry.record)
    articles, treatments = _treated(release, agreement)
    return RecordLine(
        position=position,
        reference=release.reference,
        version=release.version,
        function=release.function.value,
        outcome=result,
        codes=codes,
        articles=articles,
        treatments=treatments,
        committed=tuple(one.path for one in release.commitments),
        tracking_number=(release.item.tracking_number or "") if personal else "",
        persons=_persons(release) if personal else None,
    )


def _treated(release: Release, agreement: Agreement | None) -> tuple[dict[str, str], dict[str, int]]:
    """Return the article of every field that left, and how many values were treated in which way."""
    fields = agreement.fields if agreement is not None else {}
    articles: dict[str, str] = {}
    treatments: Counter[str] = Counter()
    for path, _ in leaf_values(release.item):
        leaf = _INDEX.sub("[]", path)
        treatment = fields.get(leaf)
        articles[leaf] = treatment.article if treatment is not None else ""
        treatments[treatment.kind.value if treatment is not None else "unknown"] += 1
    if release.commitments:
        treatments["commit"] = len(release.commitments)
    return articles, dict(treatments)


def _persons(release: Release) -> dict[str, str]:
    """Return the names in a record by role."""
    return {
        path.removesuffix(".name"): str(value)
        for path, value in leaf_values(release.item)
        if path.endswith(".name")
    }
