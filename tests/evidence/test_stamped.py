# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Bundles with a time stamp: the way from the record to the authority's word, and every step that is bent."""

import asyncio
import dataclasses
import time
from datetime import timedelta
from types import SimpleNamespace

import msgspec
import pytest

from gateway.clock import milliseconds
from gateway.envelope.timestamp import make_query, read_rules, verify_stamp
from gateway.errors import VerificationError
from gateway.evidence import State, read_bundle, verify_bundle, write_bundle
from gateway.evidence.anchor import check_stamp
from gateway.evidence.claims import make_ring, read_claims
from gateway.exchange.anchor import Anchor
from gateway.exchange.evidence import Bundles
from gateway.exchange.log_rows import StampRow
from gateway.store import CheckpointStore
from tests.evidence.conftest import CHANNEL, bundles_of, exchange
from tests.pace import slower
from tests.partner_messages import contribution, tracking
from tests.partner_simulator import sealed
from tests.timestamp_authority import POLICY, Answers, Certificates, need_openssl

FOREVER = timedelta(days=36_500)  # the clock of the two gateways stands still, the authority's does not
ANCHOR = "alpha/anchor"


class Stamped:
    """The sender, its published checkpoints on disk, and a real authority."""

    def __init__(self, folder, gateway):
        self.gateway = gateway
        self.answers = Answers(Certificates(folder / "authority"))
        self.rules = read_rules([self.answers.certificates.trust], policy=POLICY, tolerance=FOREVER)
        self.checkpoints = CheckpointStore(folder / "checkpoints.sqlite")
        self.anchor = Anchor(
            store=gateway.store,
            clock=gateway.clock,
            journal=gateway.journal,
            checkpoints=gateway.checkpoints,
            seconds=60,
        )

    async def publish(self):
        """Publish all logs, anchor them, and publish the anchor log."""
        await self.gateway.publisher.publish_all()
        await self.anchor.anchor()
        await self.gateway.publisher.publish_all()
        newest = self.gateway.checkpoints.newest(ANCHOR)
        before = self.checkpoints.newest(ANCHOR)
        if newest != before:
            assert self.checkpoints.swap(before, newest)
        return newest

    def stamp(self, row):
        """Have a published checkpoint stamped."""
        reply = self.answers.reply(make_query(row.note).der)
        at = verify_stamp(reply, row.note, self.rules, self.gateway.clock()).at
        now = milliseconds(self.gateway.clock())
        assert self.checkpoints.add_stamp(
            StampRow(
                origin=row.origin, size=row.size, reply=reply, stamped_at=milliseconds(at), received_at=now
            )
        )
        return at


async def bundle_of(stamped, keys, number):
    """Return the sender's bundle about a parcel, with the stamps at hand."""
    plain = bundles_of(stamped.gateway, keys)
    gateway, stamps = stamped.gateway, stamped.checkpoints
    published = gateway.checkpoints.newest
    holdings = plain._holdings
    holdings = type(holdings)(holdings.keyring, holdings.materials, holdings.agreement, published, stamps)
    (made,) = await Bundles(gateway.name, gateway.store, holdings).of(tracking(number))
    return made


@pytest.fixture(scope="module", name="case")
def _case(keys, tmp_path_factory):
    """The sender's bundle about parcel 4 before its anchor was stamped, and after, twice."""
    need_openssl()

    async def make():
        alpha, _ = await exchange(keys)
        stamped = Stamped(tmp_path_factory.mktemp("stamped"), alpha)
        row = await stamped.publish()
        before = await bundle_of(stamped, keys, 4)
        alpha.clock.advance(seconds=10)
        first = stamped.stamp(row)
        await alpha.submit(contribution(9), number="m9")
        await sealed(alpha, CHANNEL, 3)
        alpha.clock.advance(seconds=10)
        later = await stamped.publish()
        alpha.clock.advance(seconds=10)
        stamped.stamp(later)
        after = await bundle_of(stamped, keys, 4)
        last = await bundle_of(stamped, keys, 9)
        stamped.checkpoints.close()
        return SimpleNamespace(
            before=before,
            after=after,
            last=last,
            first=first,
            row=row,
            later=later,
            rules=stamped.rules,
            answers=stamped.answers,
        )

    return asyncio.run(make())


def judge(world, bundle, rules):
    """Verify a bundle."""
    return verify_bundle(write_bundle(bundle), world.anchors, world.now, rules)


def stamp_check(verdict):
    """Return the answer about the time stamp."""
    (found,) = [one for one in verdict.checks if one.name == "time stamp"]
    return found


def bent(case, **changes):
    """Return the bundle with another way to the stamp."""
    return msgspec.structs.replace(case.last, anchor=msgspec.structs.replace(case.last.anchor, **changes))


def test_stamped_bundle_says_before_when_it_existed(world, case) -> None:
    """Under the authority's root a stamped bundle is good and names the earliest stamp that covers it."""
    verdict = judge(world, case.after, case.rules)
    assert (verdict.state, verdict.findings) == (State.GOOD, ())
    assert verdict.facts["existed_before"] == case.first.isoformat()
    assert stamp_check(verdict).says.startswith(f"existed before {case.first.isoformat()}")
    assert case.after.anchor.checkpoint.encode() == case.row.note
    assert case.last.anchor.checkpoint.encode() == case.later.note
    assert judge(world, case.last, case.rules).state is State.GOOD


def test_stamped_bundle_is_verified_quickly(world, case) -> None:
    """A stamp keeps the verification of a bundle under 50 ms."""
    raw, spent = write_bundle(case.after), []
    for _ in range(5):
        start = time.process_time()
        verify_bundle(raw, world.anchors, world.now, case.rules)
        spent.append(time.process_time() - start)
    assert min(spent) < 0.05 * slower()


def test_missing_stamp_is_no_fault(world, case) -> None:
    """A bundle from before the stamp is good without a claim of time, and is written as it always was."""
    verdict = judge(world, case.before, case.rules)
    assert verdict.state is State.GOOD
    assert (stamp_check(verdict).state, stamp_check(verdict).says) == (State.ABSENT, "not stamped")
    assert "existed_before" not in verdict.facts
    raw = write_bundle(case.before)
    assert b'"anchor"' not in raw
    assert read_bundle(raw) == case.before
    other_form = raw.replace(b"\n}\n", b',\n "anchor": null\n}\n')
    assert other_form != raw
    assert verify_bundle(other_form, world.anchors, world.now).findings[0].code == "AUDIT-BUNDLE-FORM"


def test_stamp_without_authority_could_not_be_checked(world, case) -> None:
    """A verifier who names no time-stamp authority is told so; nothing is called good or bad by it."""
    verdict = judge(world, case.after, None)
    assert verdict.state is State.UNCHECKED
    assert stamp_check(verdict).findings[0].code == "AUDIT-BUNDLE-UNCHECKED"


def test_every_bent_step_is_refused(world, case, tmp_path) -> None:
    """Another stamp, checkpoint, leaf, place, path or authority is bad under the name of the stamp."""
    anchor = case.last.anchor
    size = anchor.body.splitlines()[1]
    other = Answers(Certificates(tmp_path / "other")).reply(make_query(case.later.note).der)
    ways = {
        "another place": ("AUDIT-ROOT", {"index": anchor.index - 1}),
        "a place outside": ("AUDIT-RANGE", {"index": anchor.index + 1}),
        "a longer path": ("AUDIT-PROOF-LENGTH", {"path": (*anchor.path, bytes(32))}),
        "another path": ("AUDIT-ROOT", {"path": (bytes(32), *anchor.path[1:])}),
        "a shorter path": ("AUDIT-PROOF-LENGTH", {"entry_path": anchor.entry_path[:-1]}),
        "another leaf": (
            "AUDIT-PROOF-LENGTH",
            {"body": anchor.body.replace(f"\n{size}\n", f"\n{int(size) + 1}\n")},
        ),
        "another log": ("AUDIT-ORIGIN", {"body": anchor.body.replace("alpha/beta", "alpha/gamma")}),
        "an altered note": ("AUDIT-SIGNATURE", {"checkpoint": _altered(anchor.checkpoint)}),
        "an earlier note": ("AUDIT-RANGE", {"checkpoint": case.after.anchor.checkpoint}),
        "a note without its second line": ("AUDIT-KEY", {"checkpoint": _first_line_only(anchor.checkpoint)}),
        "a note of a partner's log": ("AUDIT-KEY", {"checkpoint": case.last.log.checkpoint}),
        "another stamp": ("STAMP-IMPRINT", {"stamp": case.after.anchor.stamp}),
        "half a stamp": ("STAMP-FORM", {"stamp": anchor.stamp[:-9]}),
        "another authority": ("STAMP-UNTRUSTED", {"stamp": other}),
    }
    got = {}
    for name, (_, changes) in ways.items():
        verdict = judge(world, bent(case, **changes), case.rules)
        found = stamp_check(verdict)
        assert (verdict.state, found.state) == (State.BAD, State.BAD), name
        assert found.findings[0].code == "AUDIT-BUNDLE-STAMP", name
        got[name] = [one.code for one in found.findings[1:]]
    assert got == {name: [code] for name, (code, _) in ways.items()}


def ask_directly(world, case, **claimed):
    """Check the stamp of a bundle whose statement or receipt would have been made at another time."""
    claims = read_claims(case.after)
    ring = make_ring(claims, world.anchors, world.now)
    claims = dataclasses.replace(claims, **claimed)
    with pytest.raises(VerificationError) as caught:
        check_stamp(claims, ring, case.after.anchor, rules=case.rules, now=world.now, found=[])
    return [one.code for one in caught.value.findings]


def test_stamp_before_the_record_is_refused(world, case) -> None:
    """A stamp that is older than the statement it covers cannot be."""
    assert ask_directly(world, case, created_at=case.first + timedelta(minutes=6)) == ["STAMP-CLOCK"]


def test_log_key_must_have_been_good(world, case) -> None:
    """A stamped checkpoint under a log key that had ended then does not count."""
    assert ask_directly(world, case, received_at=world.now + timedelta(days=3000)) == ["TRUST-KEY-EXPIRED"]


def _altered(note):
    """Return a note with another letter in its Ed25519 line."""
    head, _, tail = note.rpartition("\n\n")
    place = 40
    other = "A" if tail[place] != "A" else "B"
    return f"{head}\n\n{tail[:place]}{other}{tail[place + 1 :]}"


def _first_line_only(note):
    """Return a note without the ML-DSA-44 line of its log."""
    head, _, tail = note.rpartition("\n\n")
    lines = tail.splitlines(keepends=True)
    assert len(lines) == 2
    return f"{head}\n\n{lines[0]}"
