# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Account for every parcel of the demonstration, from the stores of both gateways.

Every parcel is in exactly one state here, and what was accepted there is there exactly once. Proofs are
checked with the published log key alone.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from gateway.audit import NoteKey, leaf_hash, verify_inclusion
from gateway.audit import checkpoint as checkpoints
from gateway.audit.entry import parse
from gateway.config import load_config
from gateway.demo.stage import Party
from gateway.envelope.identity import KeySet
from gateway.exchange.evidence import Evidence, RecordProof
from gateway.exchange.ports import Transaction
from gateway.exchange.rows import LedgerRow, ShareRow
from gateway.finding import Finding, Severity
from gateway.model import ShareState
from gateway.store import SqlStore, open_store

PROOFS = 200
_findings = msgspec.msgpack.Decoder(list[Finding])
NOT_SHARED = "no agreement"
LIST_REFUSED = "list refused"


@dataclass(slots=True)
class Account:
    """Where every parcel of one direction is, and whether the books agree."""

    parcels: int = 0
    states: Counter[str] = field(default_factory=Counter)
    lacking: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Books:
    """What one gateway counts: its ledger and the sizes of its logs."""

    counts: LedgerRow
    logs: dict[str, int]


def open_books(party: Party) -> SqlStore:
    """Open the store of a gateway beside its running process."""
    return open_store(load_config(party.config).database.url, create=False)


def books(store: SqlStore, party: Party, partner: Party) -> Books:
    """Read ledger and log size."""
    log = f"{party.organisation}/{partner.organisation}"
    counts, size = store.run_read(lambda tx: (tx.ledger(), tx.log_state(log).size))
    return Books(counts, {log: size})


def account(
    here: SqlStore, there: SqlStore, parcels: Sequence[str], spoilt_messages: Sequence[int]
) -> Account:
    """Say where each parcel is; a parcel without place, or with two, is a fault."""
    result = Account(parcels=len(parcels))
    here.run_read(lambda tx: _here(tx, parcels, result))
    there.run_read(lambda tx: _there(tx, result))
    here.run_read(lambda tx: _reasons(tx, spoilt_messages, result))
    return result


def _here(tx: Transaction, parcels: Sequence[str], result: Account) -> None:
    """Find the state of each parcel at the sender."""
    rows = tx.items_by_tracking(list(parcels))
    items = {row.tracking_number: row for row in rows if row.record == "item"}
    shares: dict[int, ShareRow] = {}
    for share in tx.shares_of([row.id for row in items.values()]):
        if share.item in shares:
            result.faults.append(f"item {share.item} has two shares")
        shares[share.item] = share
    for number in parcels:
        row = items.get(number)
        if row is None:
            result.faults.append(f"{number} is unknown")
            continue
        held = shares.get(row.id)
        if held is None:
            result.states[NOT_SHARED if row.order_key else LIST_REFUSED] += 1
        else:
            result.states[held.state] += 1
            result.lacking.update(held.missing)
            if held.state is ShareState.ACCEPTED:
                result.accepted.append(number)


def _there(tx: Transaction, result: Account) -> None:
    """Check that what was accepted is at the partner exactly once."""
    for number in result.accepted:
        records = tx.inbound_records(number)
        if len(records) != 1 or records[0][0].state == "rejected":
            result.faults.append(f"{number} is {len(records)} times at the partner")


def _reasons(tx: Transaction, messages: Sequence[int], result: Account) -> None:
    """Count why documents and messages were refused."""
    for row in tx.messages(sorted(messages)):
        for one in _findings.decode(row.findings):
            if one.severity is Severity.ERROR:
                result.reasons[one.code] += 1


async def check_proofs(
    party: Party, partner: Party, store: SqlStore, numbers: Sequence[str], *, sent: bool
) -> int:
    """Check the proof of each record against the checkpoint of the party's log; return how many held.

    Raises:
        VerificationError: a proof does not hold.
    """
    evidence = Evidence(party.organisation, store)
    name = f"{party.organisation}/{partner.organisation}"
    key = NoteKey.of(name, KeySet.load(party.folder / "keys").log_ed25519.public_key)
    checked = 0
    for number in numbers[:PROOFS]:
        for proof in await (evidence.sent_record(number) if sent else evidence.received_record(number)):
            check_proof(proof, key)
            checked += 1
    return checked


def check_proof(proof: RecordProof, key: NoteKey) -> None:
    """Check one record: commitment, path to the batch root, entry, path to the signed checkpoint.

    Raises:
        VerificationError: it does not hold.
    """
    signed = checkpoints.verify(proof.checkpoint, key)
    entry = parse(proof.entry)
    verify_inclusion(
        leaf_hash(proof.commitment), proof.position, proof.count, proof.batch_path, entry.batch_root
    )
    verify_inclusion(leaf_hash(proof.entry), proof.log_index, signed.size, proof.log_path, signed.root)
