# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Cases of receipts: signed, about exactly what was received, with the state of the log, and without data."""

from datetime import timedelta
from functools import partial

from gateway.clock import moment
from gateway.conformance.builders import Words, case
from gateway.conformance.case import Case, Family, require
from gateway.conformance.kit import MAIN
from gateway.conformance.stage import SECONDS, Answer, Stage, told
from gateway.conformance.transfer import Transfer, item, records, release
from gateway.envelope.keys import Purpose
from gateway.model import Party
from gateway.wire.v1 import envelope_pb2, peer_pb2, records_pb2

_words = partial(Words, family=Family.RECEIPT, clause="envelope.proto ReceiptStatement")
_Receipt = envelope_pb2.ReceiptStatement
BOTH = 2
SKEW = timedelta(minutes=5)
# It must come back nowhere.
MARK = "Q7ZX-invented-mark"


def _require_named(stage: Stage, one: Transfer, answer: Answer) -> None:
    """Check that a receipt is about one transfer and between the two."""
    said, sent = answer.said, one.statement
    pairs = {
        "version": (said.version, 1),
        "issuer": (said.issuer, stage.target),
        "recipient": (said.recipient, stage.own),
        "batch_id": (said.batch_id, sent.batch_id),
        "channel": (said.channel, sent.channel),
        "sequence": (said.sequence, sent.sequence),
        "statement_digest": (said.statement_digest, one.digest),
        "payload_digest": (said.payload_digest, sent.payload_digest),
        "signature_policy": (said.signature_policy, sent.signature_policy),
    }
    wrong = [name for name, (came, wanted) in pairs.items() if came != wanted]
    require(not wrong, f"another {', '.join(wrong)}")


async def _signed(stage: Stage) -> str:
    _, answer = await stage.deliver()
    own = {one.key_id for one in stage.keyring.of(stage.target, Purpose.RECEIPT)}
    named = {*answer.said.key_ids}
    require(named <= own and len(named) == BOTH, "a receipt that names keys for something else")
    return f"{len(named)} receipt keys"


async def _names(stage: Stage) -> str:
    one, answer = await stage.deliver()
    _require_named(stage, one, answer)
    same = (answer.said.commitment_root, answer.said.count)
    require(same == (one.statement.commitment_root, one.statement.count), "another commitment_root or count")
    return answer.text


async def _refusal_names(stage: Stage) -> str:
    one = stage.transfer().but(commitment_root=b"x" * 32)
    answer = await stage.send(one)
    require(answer.said.outcome == _Receipt.OUTCOME_REFUSED, answer.text)
    _require_named(stage, one, answer)
    return answer.text


async def _time(stage: Stage) -> str:
    _, answer = await stage.deliver()
    apart = abs(moment(answer.said.received_at_ms) - stage.now)
    require(apart < SKEW, f"{apart.total_seconds():.0f} seconds apart")
    return "about now"


async def _checkpoint(stage: Stage) -> str:
    _, answer = await stage.deliver()
    own, index = answer.said.own_checkpoint, answer.said.log_index
    require(own.origin == stage.log(), "a checkpoint of another log")
    require(own.size == index + 1 and len(own.root) == 32, f"size {own.size}, entry {index}")  # noqa: PLR2004 - SHA-256
    return f"size {own.size}, entry {index}"


async def _published(stage: Stage) -> str:
    _, answer = await stage.deliver()
    newest = await stage.checkpoint()
    needed = answer.said.log_index + 2
    require(newest.size >= needed, f"published {newest.size}, the receipt needs {needed}")
    return f"published {newest.size}"


async def _one_each(stage: Stage) -> str:
    first, second = stage.transfer(), stage.transfer().but(commitment_root=b"x" * 32)
    pairs = [(stage.packed(one), one.payload) for one in (second, first)]
    answers = await stage.offer(*pairs)
    outcomes = [one.said.outcome for one in answers]
    require(
        outcomes == [_Receipt.OUTCOME_REFUSED, _Receipt.OUTCOME_ACCEPTED],
        "; ".join(one.text for one in answers),
    )
    return "; ".join(one.text for one in answers)


async def _no_data_of_records(stage: Stage) -> str:
    wired = records_pb2.Release.FromString(records(release())[0])
    wired.item.posting_date = MARK
    exact = [
        records(release(item(sender=Party(name=MARK), addressee=Party(name=MARK * 3))))[0],
        wired.SerializeToString(),
    ]
    answer = await stage.send(stage.transfer(exact))
    bad = [one.index for one in answer.said.records if not one.accepted]
    require(bad == [0, 1], answer.text)
    require(MARK.encode() not in answer.envelope, "a receipt that holds a value of a record")
    return answer.text


async def _no_data_of_statement(stage: Stage) -> str:
    answer = await stage.send(stage.transfer().but(sender=MARK))
    require(answer.said.outcome == _Receipt.OUTCOME_REFUSED, answer.text)
    require(MARK.encode() not in answer.envelope, "a receipt that holds a value that was wrong")
    return answer.text


async def _no_data_in_status(stage: Stage) -> str:
    calls = (
        ("Checkpoint", peer_pb2.CheckpointRequest(log=MARK)),
        ("Tile", peer_pb2.TileRequest(log=stage.log(), path=f"tile/{MARK}")),
        ("Reconcile", peer_pb2.ReconcileRequest(channel=MARK)),
    )
    ends = [await stage.ask(method, message.SerializeToString()) for method, message in calls]
    hello = peer_pb2.Frame(hello=peer_pb2.Hello(organisation=stage.own, channel=MARK)).SerializeToString()
    ends.append(await stage.peers[MAIN].stream("Deliver", [hello], seconds=SECONDS))
    leaks = [one.status for one in ends if MARK.encode() in one.said]
    require(
        not leaks and all(one.status != "OK" for one in ends),
        f"{len(leaks)} statuses that repeat what was sent",
    )
    return ", ".join(told(one) for one in ends)


CASES: tuple[Case, ...] = (
    case(
        _words(
            "receipt-signed", "A receipt is sealed by both receipt keys of the target.", "a good transfer"
        ),
        "two signatures of receipt keys, which the receipt names",
        _signed,
    ),
    case(
        _words(
            "receipt-names-the-transfer",
            "A receipt is about one transfer, by every name it has.",
            "a good transfer",
        ),
        "ends, batch, channel, number, digests, root, count and policy of the transfer",
        _names,
    ),
    case(
        _words(
            "refusal-names-the-transfer",
            "A refusal is signed too, and names what it refuses.",
            "a transfer with a wrong root",
        ),
        "ends, batch, channel, number, digests and policy of the transfer",
        _refusal_names,
    ),
    case(
        _words(
            "receipt-for-each",
            "A refusal in between leaves every transfer its own receipt.",
            "a bad and a good transfer on one stream",
        ),
        "two receipts in order, refused and accepted",
        _one_each,
    ),
    case(
        _words("receipt-time", "A receipt says when the transfer came.", "a good transfer"),
        "a time within five minutes of ours",
        _time,
    ),
    case(
        _words(
            "receipt-carries-checkpoint",
            "A receipt carries the state of the log about us in which the transfer is the last entry.",
            "a good transfer",
        ),
        "origin of our log, size one above the entry of the transfer",
        _checkpoint,
    ),
    case(
        _words(
            "receipt-after-publication",
            "A receipt leaves only after a checkpoint that includes its own entry is published.",
            "a good transfer, then the newest checkpoint",
        ),
        "a checkpoint of at least two entries more than before the transfer",
        _published,
    ),
    case(
        _words(
            "no-data-of-records",
            "A receipt says what is wrong with a record, never what it holds.",
            "records with an invented mark in a forbidden, a too long and a malformed field",
        ),
        "rejections that do not hold the mark",
        _no_data_of_records,
    ),
    case(
        _words(
            "no-data-of-statements",
            "A refusal does not repeat the value that was wrong.",
            "an invented mark as sender of the statement",
        ),
        "a refusal that does not hold the mark",
        _no_data_of_statement,
    ),
    case(
        _words(
            "no-data-in-statuses",
            "A status does not repeat what was sent.",
            "an invented mark as name of a log, tile and channel",
            clause="peer.proto; google.rpc.Status",
        ),
        "statuses whose text and details do not hold the mark",
        _no_data_in_status,
    ),
)
