# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Two gateways witness each other; whoever shows two pasts is stopped, whoever is silent is not."""

import pytest
from msgspec.structs import replace

from gateway.audit import NoteKey, Outcome, Request, cosignatures, read_key, tree
from gateway.audit import checkpoint as checkpoints
from gateway.audit.note import read_note
from gateway.audit.witness import format_request
from gateway.envelope.keys import verify_ml_dsa_44
from gateway.errors import DeliveryError, InputError, PolicyRefusal
from gateway.exchange.anchor import Anchor
from gateway.exchange.channels import Channels, stopped
from gateway.exchange.rows import LogState
from tests.partner_messages import contribution
from tests.partner_simulator import Running, until

LOG, OURS = "beta/alpha", "alpha/beta"


async def exchange(pair, number=1):
    """Send one batch and wait for its receipt."""
    await pair.alpha.submit(contribution(number), number=f"m{number}")
    courier, batcher = pair.alpha.courier(pair.channel, pair.link), pair.alpha.batcher(pair.channel)

    async def confirmed():
        row = await pair.alpha.store.read(lambda tx: tx.channel(pair.channel))
        return row is not None and (row.confirmed >= number or row.stopped)

    async with Running(courier, batcher):
        await until(confirmed)


def rewrite(gateway, log, leaves):
    """Give a log another past, and publish it as if it had always been so."""
    grown = tree.append(0, (), [tree.leaf_hash(one) for one in leaves])
    signer = gateway.own.log_ed25519
    claimed = checkpoints.Checkpoint(log, grown.size, tree.root(grown.frontier))
    note = checkpoints.sign(claimed, NoteKey.of(log, signer.public_key), signer)
    tables = gateway.store.tables
    entries = [row for (name, _), row in sorted(tables.entries.items()) if name == log]
    tables.logs[log] = LogState(name=log, size=grown.size, frontier=grown.frontier, checkpoint=note)
    for index, one in enumerate(leaves):
        tables.entries[log, index] = replace(entries[min(index, len(entries) - 1)], index=index, leaf=one)
    for key in [key for key in tables.hashes if key[0] == log]:
        del tables.hashes[key]
    tables.hashes.update({(log, level, index): one for level, index, one in grown.hashes})
    gateway.checkpoints.rows.pop(log)
    gateway.tiles.files.clear()
    gateway.publisher._lines.clear()


def leaves_of(gateway, log):
    """Return the entries of a log."""
    return [row.leaf for (name, _), row in sorted(gateway.store.tables.entries.items()) if name == log]


ATTACKS = {
    "rolled back": lambda leaves: leaves[:1],
    "forked": lambda leaves: [*leaves[:-1], b"other"],
    "edited": lambda leaves: [b"other", *leaves[1:]],
    "grown elsewhere": lambda leaves: [b"other", *leaves[1:], b"more"],
}


async def test_logs_are_cosigned_in_both_directions(pair):
    """After an exchange and a round each holds the other's cosignature and has cosigned itself."""
    gossip = pair.alpha.gossip(pair.beta)
    await exchange(pair)
    await pair.alpha.publisher.publish_all()
    await gossip.round()
    seen = pair.alpha.store.tables.witnesses[LOG]
    assert seen.size == pair.beta.checkpoints.newest(LOG).size
    ours = pair.alpha.store.tables.cosignatures[OURS, "beta"]
    key = pair.alpha.note_keys.witness_keys("beta", pair.alpha.clock())
    assert len(cosignatures(read_note(ours.note), key, ml_dsa_44=verify_ml_dsa_44)) == 2
    assert pair.beta.store.tables.witnesses[OURS].size == ours.size == 2
    await gossip.round()
    assert pair.alpha.store.tables.witnesses[LOG].size == seen.size
    assert pair.alpha.store.tables.contradictions == {}


@pytest.mark.parametrize("attack", ATTACKS)
async def test_another_past_stops_every_channel_with_the_partner(pair, attack):
    """A partner whose log no longer continues what was cosigned is stopped, with both notes as evidence."""
    gossip = pair.alpha.gossip(pair.beta)
    for number in (1, 2):
        await exchange(pair, number)
        await gossip.round()
    rewrite(pair.beta, LOG, ATTACKS[attack](leaves_of(pair.beta, LOG)))
    await exchange(pair, 3)
    await gossip.round()
    (conflict, *_) = pair.alpha.store.tables.contradictions.values()
    (row, _) = (await pair.alpha.store.read(stopped))[0]
    assert row.stopped in {"AUDIT-SPLIT-VIEW", "AUDIT-ROLLBACK", "RECEIPT-SPLIT-VIEW"}
    assert conflict.first
    assert conflict.second
    assert conflict.first != conflict.second
    assert pair.alpha.store.tables.refusals[conflict.id].codes == (conflict.code,)


async def test_a_state_told_in_a_receipt_must_be_a_beginning_of_the_log(pair):
    """A log that was rewritten before it was ever witnessed is convicted by the receipt alone."""
    gossip = pair.alpha.gossip(pair.beta)
    await exchange(pair)
    rewrite(pair.beta, LOG, [b"other", *leaves_of(pair.beta, LOG)[1:]])
    await pair.beta.publisher.publish_all()
    await gossip.round()
    assert [one.code for one in pair.alpha.store.tables.contradictions.values()] == ["AUDIT-SPLIT-VIEW"]


async def test_the_same_contradiction_raises_one_alarm(pair):
    """A contradiction that is known is neither kept twice nor stops a channel that was resumed."""
    gossip = pair.alpha.gossip(pair.beta)
    await exchange(pair)
    await gossip.round()
    rewrite(pair.beta, LOG, [b"other", *leaves_of(pair.beta, LOG)[1:]])
    await pair.beta.publisher.publish_all()
    for _ in range(3):
        await gossip.round()
    assert len(pair.alpha.store.tables.contradictions) == 1
    channels = Channels(
        store=pair.alpha.store, ids=pair.alpha.ids, clock=pair.alpha.clock, journal=pair.alpha.journal
    )
    with pytest.raises(InputError):
        await channels.resume(pair.channel, "  ")
    done = await channels.resume(pair.channel, "their disk was replaced; agreed by letter")
    assert done.conflicts == tuple(pair.alpha.store.tables.contradictions)
    await gossip.round()
    assert await pair.alpha.store.read(stopped) == []
    assert pair.alpha.store.tables.witnesses[LOG].size == 2
    with pytest.raises(InputError):
        await channels.resume(pair.channel, "again")
    (decision,) = pair.alpha.store.tables.decisions.values()
    assert b"agreed by letter" in decision.statement


async def test_a_silent_partner_only_delays(pair):
    """A partner that does not answer is not accused, and what was heard is compared later."""
    gossip = pair.alpha.gossip(pair.beta)
    await exchange(pair)
    answer, pair.beta.logs.checkpoint = pair.beta.logs.checkpoint, _silent
    for _ in range(2):
        with pytest.raises(DeliveryError):
            await gossip.round()
    assert await pair.alpha.store.read(stopped) == []
    assert len(gossip._claims) == 1
    pair.beta.logs.checkpoint = answer
    await gossip.round()
    assert gossip._claims == []


async def _silent(*_):
    raise DeliveryError("no answer")


async def test_a_proof_that_shows_nothing_accuses_nobody(pair):
    """A partner that answers with noise gets no cosignature and no alarm."""
    gossip = pair.alpha.gossip(pair.beta)
    for number in (1, 2):
        await exchange(pair, number)
        await gossip.round() if number == 1 else None
    known = pair.alpha.store.tables.witnesses[LOG]

    async def noise(*_):
        return [bytes(32)]

    pair.beta.logs.consistency = noise
    await gossip.round()
    assert pair.alpha.store.tables.contradictions == {}
    assert pair.alpha.store.tables.witnesses[LOG] == known


async def test_strangers_logs_are_not_cosigned(pair):
    """A partner's checkpoint of another log, or an unreadable request, gets no cosignature."""
    await exchange(pair)
    note = pair.beta.checkpoints.newest(LOG).note
    request = format_request(Request(0, (), note))
    assert (await pair.alpha.witness.add_checkpoint("gamma", request)).outcome is Outcome.UNKNOWN_LOG
    assert (await pair.alpha.witness.add_checkpoint("beta", b"old 1")).outcome is Outcome.BAD_REQUEST
    assert (await pair.alpha.witness.add_checkpoint("beta", request)).outcome is Outcome.COSIGN
    stale = await pair.alpha.witness.add_checkpoint("beta", format_request(Request(1, (), note)))
    assert (stale.outcome, stale.size) == (Outcome.STALE, 2)


async def test_logs_are_private_to_the_partner(pair):
    """A partner reads the tiles of its own log and of no other."""
    await exchange(pair)
    assert await pair.beta.logs.tile("alpha", LOG, "tile/entries/000.p/2")
    for partner, log in (("gamma", LOG), ("alpha", "beta/gamma"), ("alpha", "beta/anchor")):
        with pytest.raises(PolicyRefusal):
            await pair.beta.logs.tile(partner, log, "checkpoint")


async def test_anchor_takes_each_checkpoint_once(pair):
    """The anchor log holds the checkpoints that have grown, also over a start."""
    await exchange(pair)
    alpha = pair.alpha
    await alpha.publisher.publish_all()
    for expected in (1, 0):
        anchor = Anchor(
            store=alpha.store,
            clock=alpha.clock,
            journal=alpha.journal,
            checkpoints=alpha.checkpoints,
            seconds=60,
        )
        assert await anchor.anchor() == expected
        assert await anchor.anchor() == 0
    await alpha.publisher.publish_all()
    (body,) = leaves_of(alpha, "alpha/anchor")
    assert checkpoints.parse(body) == checkpoints.parse(read_note(alpha.checkpoints.newest(OURS).note).text)
    text = NoteKey.of("alpha/anchor", alpha.own.log_ed25519.public_key).text
    assert checkpoints.verify(alpha.checkpoints.newest("alpha/anchor").note, read_key(text)).size == 1
