# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Evidence bundles: honest ones hold at both ends, every way of bending one is refused by its own name."""

import time
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gateway.envelope.archive import Anchors
from gateway.evidence import State, read_bundle, verify_bundle, write_bundle
from tests.evidence.manipulations import (
    MANIPULATIONS,
    batch_statement,
    change,
    change_time,
    merged,
    resealed,
    without,
)
from tests.pace import slower

SIDES = ("sent", "received")


def judge(world, raw, anchors=None):
    """Verify a file with the anchors of both sides."""
    return verify_bundle(raw, world.anchors if anchors is None else anchors, world.now)


def codes(verdict, state=State.BAD):
    """Return the codes of the checks in a state."""
    return {one.findings[0].code for one in verdict.checks if one.state is state}


@pytest.mark.parametrize("side", SIDES)
def test_honest_bundle_holds(world, side) -> None:
    """The bundle of either side is good with the authorities of both."""
    verdict = judge(world, world.files[side])
    assert (verdict.state, verdict.findings) == (State.GOOD, ())
    assert verdict.facts["fields"]["addressee.name"] == "A. Example"
    assert list(verdict.facts["committed"]) == ["sender.name"]
    assert (verdict.facts["outcome"], verdict.facts["sequence"]) == ("accepted", 2)


@pytest.mark.parametrize("side", SIDES)
def test_verification_is_quick(world, side) -> None:
    """A bundle is verified in less than 50 ms."""
    raw = world.files[side]
    spent = []
    for _ in range(5):
        start = time.process_time()
        judge(world, raw)
        spent.append(time.process_time() - start)
    assert min(spent) < 0.05 * slower()


def test_no_other_record_is_in_a_bundle(world) -> None:
    """The other parcel of the batch is in neither file."""
    for bundle in (world.sent, world.received):
        assert b"RX000000004CN" in bundle.record.record
        assert all(
            b"RX000000005CN" not in part for part in (bundle.envelope, bundle.receipt, bundle.treatments)
        )


def test_without_anchors_nothing_is_good(world) -> None:
    """A bundle that vouches for itself alone could not be checked."""
    verdict = judge(world, world.files["sent"], Anchors())
    assert verdict.state is State.UNCHECKED
    assert codes(verdict, State.UNCHECKED) == {"AUDIT-BUNDLE-UNCHECKED"}


def test_anchor_of_one_side_is_not_enough(world) -> None:
    """With the authority of one side the other side could not be checked."""
    ours = Anchors({"alpha": world.anchors.authorities["alpha"]})
    assert judge(world, world.files["sent"], ours).state is State.UNCHECKED


def test_anchor_speaks_for_its_organisation_only(world) -> None:
    """The authority of one side is not taken for the other."""
    swapped = Anchors(
        {"alpha": world.anchors.authorities["beta"], "beta": world.anchors.authorities["alpha"]}
    )
    assert codes(judge(world, world.files["sent"], swapped)) == {"AUDIT-BUNDLE-TRUST"}


def test_absent_receipt_is_said(world) -> None:
    """A bundle without receipt is good and says that there is none."""
    bare = change(world.sent, receipt=None, materials=without(world, world.sent, "receipt"))
    verdict = judge(world, write_bundle(bare))
    assert verdict.state is State.GOOD
    assert "receipt" in {one.name for one in verdict.checks if one.state is State.ABSENT}


def test_log_entries_of_both_sides(world) -> None:
    """With the other side's entry, a bundle proves inclusion in both logs."""
    joined = change(world.sent, partner_log=world.received.log, materials=merged(world))
    verdict = judge(world, write_bundle(joined))
    assert verdict.state is State.GOOD
    assert [one["origin"] for one in verdict.facts["logs"]] == ["alpha/beta", "beta/alpha"]


def test_late_verification_still_holds(world) -> None:
    """Years later, with every certificate expired, the signing time is what counts."""
    later = world.now + timedelta(days=1200)
    assert verify_bundle(world.files["sent"], world.anchors, later).state is State.GOOD


def test_stale_revocation_list_could_not_be_checked(world) -> None:
    """A statement from after the revocation list's life is neither good nor bad."""
    statement = batch_statement(world.sent, created_at_ms=change_time(world, days=300))
    bare = change(
        world.sent,
        envelope=resealed(world, statement),
        receipt=None,
        materials=without(world, world.sent, "receipt"),
    )
    assert judge(world, write_bundle(bare)).state is not State.GOOD


@pytest.mark.parametrize("name", MANIPULATIONS)
def test_manipulated_bundle_is_refused(world, name) -> None:
    """Each manipulation is bad, under the name of what it bends."""
    bend, code = MANIPULATIONS[name]
    bent = bend(world)
    verdict = judge(world, bent if isinstance(bent, bytes) else write_bundle(bent))
    assert verdict.state is State.BAD
    assert code in codes(verdict)
    assert verdict.facts == {}


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(side=st.sampled_from(SIDES), place=st.integers(0, 60000), value=st.integers(0, 255))
@example(side="sent", place=0, value=0)
def test_no_changed_byte_changes_a_fact(world, side, place, value) -> None:
    """Whatever byte is changed, verification never falls and never calls another fact good."""
    raw = bytearray(world.files[side])
    raw[place % len(raw)] = value
    verdict = judge(world, bytes(raw))
    if verdict.state is State.GOOD:
        assert verdict.facts == judge(world, world.files[side]).facts


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=200))
def test_no_bytes_make_it_fall(world, raw) -> None:
    """Random bytes are bad, never an error."""
    assert judge(world, raw).state is State.BAD


def test_form_is_stable(world) -> None:
    """Reading and writing give the same bytes."""
    assert write_bundle(read_bundle(world.files["sent"])) == world.files["sent"]
