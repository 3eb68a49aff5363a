# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Prove that stored input and pinned versions give the same bytes again.

For each batch, from the verbatim messages: the adapters read them again (same contributions, byte for byte),
the contributions merge again (same canonical record), and the release is made again under the agreement that
the signed statement names (same record, salt and payload). Pinned are the digests of mapping tables, of the
agreement and of its treatments in the statement, and in the reason of facilitation flags those of their rules
and rates; what is not installed is named, and then nothing is proved.

Flags of facilitation and registered names are made again over the register as it was recorded when each
message came.

Only reads the store. What came from a partner is taken as it was received: its bytes are the partner's.
"""

import asyncio
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from gateway.agreement import Agreement, AgreementSet, Treat, compile_treatment, treatment_digest
from gateway.config import Config
from gateway.errors import GatewayError
from gateway.exchange.claims import unclaimed
from gateway.exchange.enterprise_ports import Judge
from gateway.exchange.growth import grown
from gateway.exchange.ports import Transaction
from gateway.exchange.reach import own_contributions
from gateway.exchange.release import prepare
from gateway.exchange.rows import BatchRow, ContributionRow, ItemRow, MessageRow, ShareRow, ToRelease
from gateway.jobs import load_trust, pack_message, pseudonym_key
from gateway.model import unpack_item
from gateway.registry import installed
from gateway.sdk import Adapter, Limits
from gateway.store import open_store
from gateway.trade.exchange_rates import Rates, load_rates
from gateway.trade.facilitation import Facilitator, declared_here
from gateway.trade.facilitation_pins import changed
from gateway.trade.facilitation_rules import Rules, load_rules
from gateway.trade.register_as_of import RegisterAsOf
from gateway.wire.convert import parse_batch_statement, unpack_envelope
from gateway.wire.payload import unpack_entries

SAME, DIFFERS, UNPROVED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Step:
    """One comparison; `verdict` is same, differs or unproved."""

    subject: str
    what: str
    verdict: str
    detail: str = ""


@dataclass(slots=True)
class Replay:
    """Everything that was compared."""

    steps: list[Step] = field(default_factory=list)

    def compare(self, subject: str, what: str, stored: bytes, again: bytes) -> bool:
        """Compare bytes, and note the digest of what is stored."""
        same = stored == again
        digest = hashlib.sha256(stored).hexdigest()
        detail = f"{len(stored)} bytes, sha256 {digest}"
        if not same:
            detail += f"; now {len(again)} bytes, sha256 {hashlib.sha256(again).hexdigest()}"
        self.steps.append(Step(subject, what, "same" if same else "differs", detail))
        return same

    def unproved(self, subject: str, what: str, why: str) -> None:
        """Note what could not be compared."""
        self.steps.append(Step(subject, what, "unproved", why))

    @property
    def code(self) -> int:
        """Return 0 if all is the same, 1 if anything differs, 2 if something could not be proved."""
        verdicts = {one.verdict for one in self.steps}
        if "differs" in verdicts:
            return DIFFERS
        return UNPROVED if "unproved" in verdicts or not verdicts else SAME


@dataclass(frozen=True, slots=True)
class Versions:
    """What is installed now."""

    adapters: Mapping[str, Adapter]
    tables: frozenset[bytes]
    agreements: AgreementSet
    limits: Limits
    config: Config
    rules: Rules | None
    rates: Rates

    @classmethod
    def of(cls, config: Config) -> "Versions":
        """Read what a node has installed; an adapter that does not load is as good as absent."""
        adapters = {one.name: one.adapter for one in installed() if one.adapter is not None}
        intake = config.intake
        return cls(
            adapters=adapters,
            tables=frozenset(
                bytes.fromhex(table.digest) for one in adapters.values() for table in one.tables().values()
            ),
            agreements=load_trust(config)[2],
            limits=Limits(
                max_bytes=intake.max_bytes, max_depth=intake.max_depth, max_elements=intake.max_elements
            ),
            config=config,
            rules=load_rules(config.enterprises.facilitation),
            rates=load_rates(config.statistics.rates),
        )

    def treatment(self, agreement: Agreement) -> Treat:
        """Return the compiled treatment of an agreement."""
        return compile_treatment(agreement, pseudonym_key(Path(self.config.keys), agreement.id))


async def replay(config: Config, *, item: str = "", batch: str = "") -> Replay:
    """Replay the batches that hold an item, or one batch by its id; with neither, every batch sent."""
    versions = await asyncio.to_thread(Versions.of, config)
    store = open_store(config.database.url, create=False, archive=config.archive.folder)
    try:
        return await store.read(lambda tx: _Run(tx, versions, Replay()).all(item, batch))
    finally:
        await store.close()


@dataclass(frozen=True, slots=True)
class _Run:
    """One replay; `messages` remembers what was read again."""

    tx: Transaction
    versions: Versions
    found: Replay
    messages: dict[int, list[ContributionRow] | None] = field(default_factory=dict)

    def all(self, item: str, batch: str) -> Replay:
        """Replay what was asked for."""
        if item:
            records = self.tx.items_by_tracking([item])
            for row in records:
                self._item(row)
            if not records:
                self.found.unproved(item, "item", "no message has named it")
            return self.found
        rows = [one for one in self._batches() if batch in ("", one.batch_id)]
        for one in rows:
            self._batch(one)
        if not rows:
            self.found.unproved(batch or "node", "batch", "no such batch was sent")
        return self.found

    def _batches(self) -> Iterator[BatchRow]:
        for channel in self.tx.channels():
            after = 0
            while channel.direction == "out" and (rows := self.tx.batches_after(channel.name, after, 64)):
                yield from rows
                after = rows[-1].sequence

    def _item(self, row: ItemRow) -> None:
        """Replay one record and its releases, each compared with its place in the stored payload."""
        subject = row.tracking_number
        states = self._states(row)
        if states is None:
            return
        self.found.compare(subject, f"canonical record, version {row.version}", row.body, _last(states))
        for share in self.tx.shares_of([row.id]):
            if not share.batch:
                continue
            stored = self.tx.batches([share.batch])[0]
            agreement = self._pinned(stored)
            if agreement is None:
                continue
            entry = unpack_entries(stored.payload)[share.position]
            again = self._released(agreement, [(share, row, states)], [entry.record])
            if again is not None:
                made = unpack_entries(again)[0]
                what = f"release {share.function.value} v{share.version} in batch {stored.batch_id}"
                self.found.compare(subject, f"{what}, record", entry.record, made.record)
                self.found.compare(subject, f"{what}, salt", entry.salt, made.salt)

    def _batch(self, stored: BatchRow) -> None:
        """Replay a whole batch: its payload must come out as it was signed."""
        agreement = self._pinned(stored)
        if agreement is None:
            return
        shares = self.tx.shares_in_batch(stored.id)
        rows = {one.id: one for one in self.tx.items([one.item for one in shares])}
        parts: list[tuple[ShareRow, ItemRow, list[bytes]]] = []
        for share in shares:
            states = self._states(rows[share.item]) if share.item in rows else None
            if states is None:
                self.found.unproved(stored.batch_id, "payload", "a record of it cannot be made again")
                return
            parts.append((share, rows[share.item], states))
        entries = [one.record for one in unpack_entries(stored.payload)]
        again = self._released(agreement, parts, entries)
        if again is None:
            return
        said = parse_batch_statement(unpack_envelope(stored.envelope).statement)
        self.found.compare(stored.batch_id, f"payload of {len(parts)} records", stored.payload, again)
        digest = hashlib.sha256(again).digest()
        self.found.compare(stored.batch_id, "payload digest as signed", said.payload_digest, digest)

    def _pinned(self, stored: BatchRow) -> Agreement | None:
        """Return the agreement that the signed statement names, none if something pinned is not installed."""
        said = parse_batch_statement(unpack_envelope(stored.envelope).statement)
        named = f"{said.agreement_id} version {said.agreement_version}"
        agreement = self.versions.agreements.get(said.agreement_id, said.agreement_version)
        absent = []
        if agreement is None:
            absent.append(f"agreement {named}")
        elif agreement.digest != said.agreement_digest:
            absent.append(f"agreement {named} with sha256 {said.agreement_digest.hex()}")
        elif said.treatment_digest and treatment_digest(agreement) != said.treatment_digest:
            absent.append(f"the treatment table of {named} with sha256 {said.treatment_digest.hex()}")
        gone = [one.hex() for one in said.mapping_digests if one not in self.versions.tables]
        absent += [f"mapping table with sha256 {one}" for one in gone]
        for one in absent:
            self.found.unproved(stored.batch_id, "pinned versions", f"no longer installed: {one}")
        if absent:
            return None
        detail = f"{named}, {len(said.mapping_digests)} mapping tables"
        self.found.steps.append(Step(stored.batch_id, "pinned versions", "same", detail))
        return agreement

    def _states(self, row: ItemRow) -> list[bytes] | None:
        """Return the record after each message that changed it, none if it cannot be made again."""
        if not row.body or not row.secret:
            self.found.unproved(row.tracking_number, "canonical record", "it was erased")
            return None
        contributions = own_contributions(self.tx, row)
        judged = row.record == "item" and declared_here(contributions)
        said = unpack_item(row.body).facilitation if judged else None
        if said is not None and not self._ruled(row, said.reason or ""):
            return None
        messages = self.tx.messages(sorted({one.message_row for one in contributions}))
        again: list[ContributionRow] = []
        for message in messages:
            own = [one for one in contributions if one.message_row == message.id]
            if not message.adapter:
                self._taken(message)
                again += own
                continue
            read = self._read(message)
            if read is None:
                return None
            again += [self._compared(message, one, read) for one in own]
        came = {one.id: one.received_at for one in messages}
        if judged and said is None:
            return list(grown(row, again))
        return list(grown(row, again, lambda message: self._judge(came[message])))

    def _ruled(self, row: ItemRow, reason: str) -> bool:
        """Say whether the rules and rates that flags rest on are those of the configuration; note it."""
        rules, rates = self.versions.rules, self.versions.rates.about.sha256
        digest = "" if rules is None else rules.sha256
        absent = list(changed(reason, digest, rates))
        for one in absent:
            self.found.unproved(row.tracking_number, "pinned rules", f"changed since: {one}")
        if not absent:
            detail = f"facilitation rules with sha256 {digest}"
            self.found.steps.append(Step(row.tracking_number, "pinned rules", "same", detail))
        return not absent

    def _judge(self, moment: int) -> Judge:
        """Return what judged items then: the rules over the register as it was recorded."""
        if self.versions.rules is None:
            return unclaimed
        facilitator = Facilitator(self.versions.rules, self.versions.rates)
        return facilitator.begin(RegisterAsOf(self.tx, moment), moment)

    def _taken(self, message: MessageRow) -> None:
        """Note that a record came from a partner."""
        what = f"{message.message_type} of {message.submitter}"
        self.found.steps.append(Step(message.message_id, what, "same", "taken as received from the partner"))

    def _compared(
        self, message: MessageRow, stored: ContributionRow, read: Sequence[ContributionRow]
    ) -> ContributionRow:
        """Compare a contribution with what was read again, and return that; an empty one if there is none."""
        body = next(
            (
                one.body
                for one in read
                if (one.position, one.kind) == (stored.position, stored.kind)
                and stored.reference.endswith(f"|{one.reference}")
            ),
            b"",
        )
        what = f"{message.message_type} {stored.kind.value} read by {message.adapter}"
        self.found.compare(_name(message), what, stored.body, body)
        return msgspec.structs.replace(stored, body=body)

    def _read(self, message: MessageRow) -> list[ContributionRow] | None:
        """Read a message again, once; none if that cannot be."""
        if message.id in self.messages:
            return self.messages[message.id]
        adapter = self.versions.adapters.get(message.adapter)
        rows: list[ContributionRow] | None = None
        if adapter is None or not message.raw:
            why = "it was erased" if adapter else f"adapter {message.adapter} is no longer installed"
            self.found.unproved(_name(message), message.message_type, why)
        else:
            digest = hashlib.sha256(message.raw).digest()
            what = f"{message.message_type} verbatim, by digest"
            self.found.compare(_name(message), what, message.digest, digest)
            rows = [
                ContributionRow(
                    id=0,
                    message_row=message.id,
                    position=document.position,
                    kind=one.kind,
                    function=one.function,
                    reference=one.reference,
                    join_key="",
                    keys=one.keys,
                    body=one.body,
                )
                for document in pack_message(adapter.decode(message.raw, self.versions.limits)).documents
                for one in document.contributions
            ]
        self.messages[message.id] = rows
        return rows

    def _released(
        self,
        agreement: Agreement,
        parts: Sequence[tuple[ShareRow, ItemRow, list[bytes]]],
        stored: Sequence[bytes],
    ) -> bytes | None:
        """Make a payload again; records stand at the version of their share, else at one that fits."""
        treat = self.versions.treatment(agreement)
        chosen = []
        for (share, row, states), record in zip(parts, stored, strict=True):
            bodies = [states[share.item_version - 1]] if 0 < share.item_version <= len(states) else []
            tries = [_to_release(share, row, body) for body in (*bodies, *reversed(states), b"")]
            fitting = (one for one in tries if _records(agreement, treat, [one]) == [record])
            chosen.append(next(fitting, tries[0]))
        try:
            done = prepare(agreement, treat, chosen)
        except GatewayError as error:
            self.found.unproved(agreement.id, "release", str(error))
            return None
        if done.failed:
            codes = ", ".join(one.code for _, findings in done.failed for one in findings)
            self.found.unproved(agreement.id, "release", f"{len(done.failed)} records fail: {codes}")
            return None
        return done.payload


def _records(agreement: Agreement, treat: Treat, shares: Sequence[ToRelease]) -> list[bytes]:
    return [one.record for one in unpack_entries(prepare(agreement, treat, shares).payload)]


def _to_release(share: ShareRow, row: ItemRow, body: bytes) -> ToRelease:
    return ToRelease(
        share=share.id,
        version=share.version,
        function=share.function,
        tracking_number=row.tracking_number,
        secret=row.secret,
        body=body,
    )


def _name(message: MessageRow) -> str:
    return message.message_id or f"message {message.id}"


def _last(states: Sequence[bytes]) -> bytes:
    return states[-1] if states else b""
