# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Mutations of what a gateway stores, answers and shows: each takes one check out, or breaks one promise."""

import hashlib
import itertools

from gateway.audit import cosign, hybrid, proof, witness
from gateway.audit.compare import Comparison, Verdict
from gateway.audit.entry import Event
from gateway.audit.note import signature_line
from gateway.audit.witness import Decision, Outcome
from gateway.exchange import inquiry, journal, receive
from gateway.exchange.alarm import Alarm
from gateway.exchange.inquiry import Inquiry
from gateway.exchange.journal import Journal
from gateway.exchange.notice import NoticeTaker
from gateway.exchange.publish import Publisher
from gateway.exchange.receive import Receiver
from gateway.exchange.reconcile import Books, Told
from gateway.exchange.sealing import Sealer
from gateway.exchange.trust import Proved
from gateway.exchange.witness import Answer, NoteKeys, Witness
from gateway.finding import finding
from gateway.server import interceptors, peer, status
from gateway.server.logs import PartnerLogs
from gateway.store.erasures import Erasures
from gateway.store.incoming import Incoming
from gateway.store.inquiries import InquiryTables
from gateway.wire.v1 import envelope_pb2, peer_pb2

_Confirmation = envelope_pb2.ErasureConfirmation
TAMPERED = b"\x01" * 32


def after(kind, name, change):
    """Return the mutation that changes what an asynchronous method returns."""

    def mutation(patch):
        method = getattr(kind, name)

        async def changed(*arguments, **named):
            return change(await method(*arguments, **named))

        patch.setattr(kind, name, changed)

    return mutation


def instead(kind, name, result):
    """Return the mutation that makes an asynchronous method return one thing, whatever it is asked."""

    def mutation(patch):
        async def changed(*_, **__):
            return result

        patch.setattr(kind, name, changed)

    return mutation


def forgotten(kind, name):
    """Return the mutation that makes the store forget what it was given."""
    return lambda patch: patch.setattr(kind, name, lambda *_: None)


def order_not_checked(patch):
    """Take batches in any order."""
    patch.setattr(receive, "check_sequence", lambda *_: [])


def every_turn_wrong(patch):
    """Refuse every batch for its number."""
    patch.setattr(receive, "check_sequence", lambda *_: [finding("TRUST-SEQUENCE-GAP")])


def every_second_turn_wrong(patch):
    """Refuse the second of two batches."""
    check, turns = receive.check_sequence, itertools.count()
    wrong = finding("TRUST-SEQUENCE-GAP")
    patch.setattr(receive, "check_sequence", lambda *two: [wrong] if next(turns) % 2 else check(*two))


def refusals_stick(patch):
    """Refuse for ever what was refused once, by its id."""
    settle, poisoned = Receiver._settle, set()

    def careless(receiver, tx, arrival):
        if arrival.said.batch_id in poisoned:
            return receiver._refuse(tx, arrival, [finding("RECEIVE-CONFLICT")])
        answer = settle(receiver, tx, arrival)
        if answer[1]:
            poisoned.add(arrival.said.batch_id)
        return answer

    patch.setattr(Receiver, "_settle", careless)


def hello_counts_on(patch):
    """Confirm another number each time."""
    numbers = itertools.count(10_000)

    async def careless(*_):
        return next(numbers)

    patch.setattr(Receiver, "hello", careless)


def receipts(**values):
    """Return the mutation that writes other values into every receipt."""

    def mutation(patch):
        begin = Receiver._receipt

        def careless(*arguments):
            receipt = begin(*arguments)
            for name, value in values.items():
                setattr(receipt, name, value)
            return receipt

        patch.setattr(Receiver, "_receipt", careless)

    return mutation


def receipts_of_another_state(patch):
    """Let receipts name a state that the log is not in."""
    begin = Receiver._receipt

    def careless(*arguments):
        receipt = begin(*arguments)
        receipt.own_checkpoint.size += 5
        return receipt

    patch.setattr(Receiver, "_receipt", careless)


def receipts_of_another_root(patch):
    """Let receipts name a root that the log never had."""
    begin = Receiver._receipt

    def careless(*arguments):
        receipt = begin(*arguments)
        receipt.own_checkpoint.root = TAMPERED
        return receipt

    patch.setattr(Receiver, "_receipt", careless)


def receipts_sealed_as_batches(patch):
    """Seal receipts with the keys for batches."""
    seal_receipt = Sealer.seal_receipt

    def careless(sealer, receipt):
        patch.setattr(sealer, "_receipt", sealer._seal)
        return seal_receipt(sealer, receipt)

    patch.setattr(Sealer, "seal_receipt", careless)


def receipts_before_publication(patch):
    """Let receipts leave while nothing is published."""
    instead(Publisher, "published", None)(patch)
    instead(Publisher, "publish_all", None)(patch)


def leaking_finding(one):
    """Return a finding with the value that was wrong."""
    return envelope_pb2.WireFinding(code=one.code, expected=f"{one.expected} {one.actual}")


def values_in_refusals(patch):
    """Repeat in receipts what was wrong."""
    patch.setattr(receive, "wire_finding", leaking_finding)


def values_in_statuses(patch):
    """Repeat in statuses what was wrong."""
    patch.setattr(status, "wire_finding", leaking_finding)


def deadlines_not_asked(patch):
    """Serve calls that could wait for ever."""
    patch.setattr(interceptors.DeadlineLayer, "around", lambda _, __, ___, call: call())


def nonces_not_measured(patch):
    """Take a nonce of any length."""
    patch.setattr(peer, "NONCE_BYTES", 1 << 20)


def noise_is_a_frame(patch):
    """Take what cannot be read for an empty frame."""
    patch.setattr(peer, "parse_frame", lambda _: peer_pb2.Frame())


def every_frame_a_transfer(patch):
    """Take any frame for a transfer."""
    patch.setattr(peer, "_body", lambda *_: peer_pb2.Frame(transfer=peer_pb2.Transfer()))


def entries_of_another_event(patch):
    """Log something else than what happened."""
    record = Journal.record_event

    def careless(one, tx, partner, _, **named):
        return record(one, tx, partner, Event.ACCESS, **named)

    patch.setattr(Journal, "record_event", careless)


def entries_without_salt(patch):
    """Log digests that can be guessed."""
    patch.setattr(journal, "salted_digest", lambda _, said: hashlib.sha256(said).digest())


def logs_open_to_all(patch):
    """Show every log to everybody."""
    patch.setattr(PartnerLogs, "_check", lambda *_: None)


def sizes_not_checked(patch):
    """Prove what was never published."""
    patch.setattr(PartnerLogs, "_check_size", lambda *_: None)


def ranges_not_checked(patch):
    """Answer questions about entries and sizes that are not there."""
    patch.setattr(proof, "inclusion", lambda *_: [])
    patch.setattr(proof, "consistency", lambda *_: [])


def cosignatures_wrong(patch):
    """Cosign with noise."""
    noise = {64: bytes(64)}
    patch.setattr(
        cosign,
        "cosign",
        lambda _, key, __, time: signature_line(key, time.to_bytes(8, "big") + noise.get(64, b"")),
    )


def witness_always_stale(patch):
    """Cosign nothing twice."""
    patch.setattr(witness, "consider", lambda state, *_, **__: Decision(Outcome.STALE, state))


def old_size_not_compared(patch):
    """Take a request from any size as one from the last."""
    judge = witness._judge

    def careless(state, request, *rest):
        return judge(state, witness.Request(state.size, request.proof, request.checkpoint), *rest)

    patch.setattr(witness, "_judge", careless)


def heads_not_compared(patch):
    """Cosign whatever its log has signed."""
    consistent = lambda _, new, *__, **___: Comparison(Verdict.CONSISTENT, new)  # noqa: E731
    patch.setattr(witness, "compare", consistent)


def notes_not_verified(patch):
    """Take a checkpoint under any signature."""
    patch.setattr(witness, "_verify", lambda *_: None)
    patch.setattr(hybrid, "verify_second", lambda *_: None)


def logs_of_all_witnessed(patch):
    """Let one partner bring the checkpoints of another."""
    log_keys = NoteKeys.log_keys

    def careless(keys, partner, at):
        return [*log_keys(keys, partner, at), *log_keys(keys, "kit-bystander", at)]

    patch.setattr(NoteKeys, "log_keys", careless)


def no_alarm(patch):
    """Let a contradiction stop nothing."""
    patch.setattr(Alarm, "contradiction", lambda *_, **__: False)


def every_number_held(patch):
    """Say of every number that it was sent before."""
    held = envelope_pb2.QueryAnswer.OUTCOME_HELD
    patch.setattr(Inquiry, "_find", lambda *_: held)


def questions_not_judged(patch):
    """Answer every question under the one agreement there is for them."""
    patch.setattr(Inquiry, "_allowed", lambda one, *_: (one._agreements.get("kit-answers"), []))


def questions_not_proved(patch):
    """Answer questions under any seal."""

    def careless(envelope, **_):
        said = inquiry.parse_query_statement(envelope.statement)
        return Proved(envelope.statement, tuple(sorted(said.key_ids)), "p256+mldsa65")

    patch.setattr(inquiry, "prove", careless)


def made_ours(module, name):
    """Return the mutation that takes a statement to another recipient for one to us."""

    def mutation(patch):
        parse = getattr(module, name)

        def careless(raw):
            said = parse(raw)
            said.recipient = "customs-nl"
            return said

        patch.setattr(module, name, careless)

    return mutation


def erased(outcome):
    """Return the mutation that says one thing of every notice, and does nothing."""
    return lambda patch: patch.setattr(NoticeTaker, "_one", lambda *_: (outcome, 0))


hello_confirms_nothing = instead(Receiver, "hello", 0)
batches_forgotten = forgotten(Incoming, "inbound_by_batch")
questions_forgotten = forgotten(InquiryTables, "inquiry")
notices_forgotten = forgotten(Erasures, "erasure_by_notice")
checkpoints_tampered = after(PartnerLogs, "checkpoint", lambda note: note.replace(b"\n", b"x\n", 1))
inclusion_tampered = after(PartnerLogs, "inclusion", lambda hashes: [*hashes, TAMPERED])
consistency_tampered = after(PartnerLogs, "consistency", lambda hashes: [*hashes, TAMPERED])
tiles_tampered = after(PartnerLogs, "tile", lambda raw: bytes([raw[0] ^ 1]) + raw[1:])
every_tile_served = instead(PartnerLogs, "tile", b"x")
lists_of_another = after(Books, "reconcile", lambda told: Told(told.places, told.count, TAMPERED))
lists_open_to_all = instead(Books, "reconcile", Told(range(0)))
noise_cosigned = instead(Witness, "add_checkpoint", Answer(Outcome.COSIGN, 1, b"x"))
says_erased, says_unknown = erased(_Confirmation.OUTCOME_ERASED), erased(_Confirmation.OUTCOME_UNKNOWN)
