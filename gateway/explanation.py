# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Tell the way of every field of one item to one partner: who said it, what the agreement does, what left.

What left is read from the stored payload. If nothing left yet, it is what would leave now. The partner's own
paths come from writing the release in the partner's format.
"""

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.agreement import Agreement, AgreementSet, Treatment, TreatmentKind, compile_treatment
from gateway.clock import system_clock
from gateway.config import Config
from gateway.conversion import Change, convert
from gateway.errors import GatewayError
from gateway.exchange.ports import Store, Transaction
from gateway.exchange.query import Query, Trace
from gateway.exchange.rows import MessageRow
from gateway.jobs import load_trust, pseudonym_key
from gateway.mapping import Table
from gateway.mapping import explain as rows_of
from gateway.model import FieldCommitment, Item, leaf_values
from gateway.registry import installed, load_adapters
from gateway.sdk import Adapter
from gateway.store import open_store
from gateway.wire.convert import parse_batch_statement, unpack_envelope, unpack_release
from gateway.wire.payload import unpack_entries

_INDEX = re.compile(r"\[\d+\]")
_OMITTED = Treatment(TreatmentKind.OMIT, "")


@dataclass(frozen=True, slots=True)
class Place:
    """A field of an outside message, with the rule that maps it."""

    message_type: str
    outside_path: str
    rule: str
    cite: str


@dataclass(frozen=True, slots=True)
class FieldWay:
    """One field; `outcome` is released, committed or withheld. `change` is what the partner's format did.

    `masked` says that the values do not stand here, and neither does what the change quotes.
    """

    path: str
    value: str
    said_by: str
    sources: tuple[Place, ...]
    treatment: str
    article: str
    outcome: str
    released: str
    partner: tuple[Place, ...] = ()
    change: str = ""
    masked: bool = False


@dataclass(frozen=True, slots=True)
class Explanation:
    """One item under one agreement; `state` is of the share, `sent` says whether it has left."""

    tracking_number: str
    partner: str
    agreement: str
    version: int
    state: str
    sent: bool
    partner_type: str
    fields: tuple[FieldWay, ...]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Sent:
    """What the newest batched share of an agreement holds; without `item` the record was erased."""

    version: int
    item: Item | None
    commitments: tuple[FieldCommitment, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """What the store knows of an item."""

    trace: Trace
    messages: Mapping[int, MessageRow]
    secret: bytes
    sent: Mapping[str, _Sent]


@dataclass(frozen=True, slots=True)
class _Outside:
    """The release as the partner has it."""

    message_type: str = ""
    table: Table | None = None
    changes: tuple[Change, ...] = ()
    problems: tuple[str, ...] = ()


async def explain_item(
    config: Config, tracking: str, partner: str, adapter: str = "", message_type: str = ""
) -> list[Explanation]:
    """Return one explanation for each agreement under which an item goes or would go to a partner.

    Raises:
        ConfigError: the partner's adapter is not installed.
    """
    writer = load_adapters((adapter,))[adapter] if adapter else None
    store = open_store(config.database.url, create=False, archive=config.archive.folder)
    try:
        trace = await Query(store).trace(tracking)
        if trace is None:
            return []
        agreements = (await asyncio.to_thread(load_trust, config))[2]
        readers = {one.name: one.adapter for one in installed() if one.adapter is not None}
        forms = {partner: (writer, message_type)}
        found = await explain_trace(config, store, agreements, trace, readers=readers, forms=forms)
        return [one for one in found if one.partner == partner]
    finally:
        await store.close()


async def explain_trace(
    config: Config,
    store: Store,
    agreements: AgreementSet,
    trace: Trace,
    *,
    readers: Mapping[str, Adapter],
    forms: Mapping[str, tuple[Adapter | None, str]],
) -> list[Explanation]:
    """Return one explanation for each agreement under which we share a traced item, with whatever partner.

    `readers` are the adapters by name, `forms` adapter and message type of partners with a form of their own.
    """
    item = trace.item
    if item is None:
        return []
    known = await store.read(lambda tx: _known(tx, trace))
    names = {one.agreement for one in trace.shares}
    names |= {
        one.id for one in agreements.matching(item, system_clock()) if one.sender == config.node.organisation
    }
    found = []
    for name in sorted(names):
        sent = known.sent.get(name)
        agreement = agreements.get(name, sent.version if sent else None)
        if agreement is None:
            continue
        writer, message_type = forms.get(agreement.recipient, (None, ""))
        left = sent or _would_leave(config, agreement, item, known.secret)
        outside = _outside(writer, message_type, known, left.item)
        found.append(_explained(known, agreement, left, outside, readers))
    return found


def lines(one: Explanation) -> Iterator[str]:
    """Tell an explanation for people."""
    state = one.state if one.sent else f"{one.state}; not sent, this is what would leave now"
    yield f"{one.tracking_number} to {one.partner} under {one.agreement} version {one.version}: {state}"
    for field in one.fields:
        yield f"{field.path} = {field.value}  [{field.said_by}]"
        for place in field.sources:
            yield f"    source     {place.message_type} {place.outside_path}  [{place.rule}; {place.cite}]"
        article = f"  [{field.article}]" if field.article else ""
        yield f"    treatment  {field.treatment}{article} -> {field.outcome} {field.released}".rstrip()
        for place in field.partner:
            yield f"    partner    {place.message_type} {place.outside_path}  [{place.rule}; {place.cite}]"
        if field.change:
            yield f"    partner    {field.change}"
    for problem in one.problems:
        yield f"  {problem}"


def _known(tx: Transaction, trace: Trace) -> _Known:
    """Return what else is stored about a traced item."""
    row = tx.items([trace.item_id])[0]
    sent: dict[str, _Sent] = {}
    for share in tx.shares_of([trace.item_id]):
        if not share.batch:
            continue
        batch = tx.batches([share.batch])[0]
        said = parse_batch_statement(unpack_envelope(batch.envelope).statement)
        entry = unpack_entries(batch.payload)[share.position]
        release = None if entry.erased else unpack_release(entry.record)
        sent[share.agreement] = _Sent(
            said.agreement_version,
            release.item if release else None,
            release.commitments if release else (),
        )
    messages = tx.messages(sorted({one.message for one in trace.sources}))
    return _Known(trace, {one.id: one for one in messages}, row.secret, sent)


def _would_leave(config: Config, agreement: Agreement, item: Item, secret: bytes) -> _Sent:
    """Treat an item as it would be treated now."""
    key = pseudonym_key(Path(config.keys), agreement.id)
    treated = compile_treatment(agreement, key)(item, secret)
    return _Sent(agreement.version, treated.item, treated.commitments)


def _outside(writer: Adapter | None, message_type: str, known: _Known, item: Item | None) -> _Outside:
    """Write what left in the partner's format, to see where each field goes."""
    if writer is None or item is None:
        return _Outside()
    kinds = frozenset(one.kind for one in known.trace.sources)
    try:
        done = convert(writer, message_type, [item], kinds, system_clock())
    except GatewayError as error:
        told = (f"{one.code} {one.path}: {one.remedy}" for one in error.findings)
        return _Outside(problems=(f"{writer.name}: {error}", *told))
    return _Outside(done.message_type, writer.tables().get(done.message_type), done.changes)


def _explained(
    known: _Known,
    agreement: Agreement,
    left: _Sent,
    outside: _Outside,
    readers: Mapping[str, Adapter],
) -> Explanation:
    """Put the way of every field together."""
    trace = known.trace
    shares = [one for one in trace.shares if one.agreement == agreement.id]
    released = {path: str(value) for path, value in leaf_values(left.item)} if left.item else {}
    committed = {one.path: one.digest.hex() for one in left.commitments}
    ways = []
    for path, value in leaf_values(trace.item or Item()):
        leaf = _INDEX.sub("[]", path)
        kind, contribution = _said(trace, path)
        treatment = agreement.fields.get(leaf, _OMITTED)
        outcome = "released" if path in released else "committed" if path in committed else "withheld"
        ways.append(
            FieldWay(
                path=path,
                value=str(value),
                said_by=kind,
                sources=_sources(known, contribution, leaf, readers),
                treatment=treatment.text,
                article=treatment.article,
                outcome=outcome,
                released=released.get(path) or committed.get(path, ""),
                partner=_places(outside.message_type, outside.table, leaf) if path in released else (),
                change=_changes(outside.changes, path, leaf),
            )
        )
    state = f"{shares[-1].function} v{shares[-1].version}, {shares[-1].state}" if shares else "no share"
    return Explanation(
        tracking_number=trace.tracking_number,
        partner=agreement.recipient,
        agreement=agreement.id,
        version=agreement.version,
        state=state,
        sent=agreement.id in known.sent,
        partner_type=outside.message_type,
        fields=tuple(ways),
        problems=outside.problems if left.item else ("the record that left was erased",),
    )


def _said(trace: Trace, path: str) -> tuple[str, int]:
    """Return kind and contribution that said a leaf; repeated groups are said as a whole."""
    shorter = path
    while shorter:
        if shorter in trace.provenance:
            return trace.provenance[shorter]
        shorter = re.sub(r"(\[\d+\]|\.[^.\[]+|^[^.\[]+)$", "", shorter)
    return "", 0


def _sources(
    known: _Known, contribution: int, leaf: str, readers: Mapping[str, Adapter]
) -> tuple[Place, ...]:
    """Return the fields of the source message that feed a leaf."""
    source = next((one for one in known.trace.sources if one.contribution == contribution), None)
    message = known.messages.get(source.message) if source else None
    reader = readers.get(message.adapter) if message else None
    if source is None or message is None or reader is None:
        return ()
    tables = reader.tables()
    named = {message.message_type: tables[message.message_type]} if message.message_type in tables else {}
    chosen = named or {name: one for name, one in tables.items() if one.kind == source.kind}
    return tuple(
        place for name, table in chosen.items() for place in _places(f"{message.adapter} {name}", table, leaf)
    )


def _places(message_type: str, table: Table | None, leaf: str) -> tuple[Place, ...]:
    """Return the fields of a table that take a leaf."""
    return tuple(
        Place(
            message_type,
            f"{row.group}/{row.outside}".strip("/") or f'always "{row.constant}"',
            row.rule,
            row.cite,
        )
        for row in (rows_of(table, leaf) if table else ())
        if row.path == leaf
    )


def _changes(changes: Sequence[Change], path: str, leaf: str) -> str:
    """Return what writing did to a field; loss reports count repetitions from 1 or not at all."""
    told = [one for one in changes if one.path in {path, leaf} or _INDEX.sub("[]", one.path) == leaf]
    return "; ".join(f"{one.kind} [{one.rule or one.cite}] {one.detail}".rstrip() for one in told[:1])
