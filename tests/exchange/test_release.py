# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What leaves is determined by item, agreement and secret alone."""

import hashlib

from gateway.agreement import compile_treatment
from gateway.audit.commitment import batch_root, commit
from gateway.exchange.release import prepare, reference
from gateway.exchange.rows import ToRelease
from gateway.model import ReleaseFunction, pack_item
from gateway.wire.convert import unpack_payload, unpack_release
from tests.partner_messages import agreement, contribution

AGREEMENT = agreement()
TREAT = compile_treatment(AGREEMENT, b"p" * 32)


def share(number, secret=None, function="original", **fields):
    """Return a share on its way into a batch."""
    return ToRelease(
        share=number,
        version=1,
        function=ReleaseFunction(function),
        tracking_number="",
        secret=bytes([number]) * 32 if secret is None else secret,
        body=pack_item(contribution(number, **fields).item),
    )


def test_same_input_gives_the_same_bytes():
    """A release can be replayed: payload, salts and root come out the same."""
    shares = [share(1), share(2)]
    assert prepare(AGREEMENT, TREAT, shares) == prepare(AGREEMENT, TREAT, shares)


def test_digest_and_root_are_those_of_the_payload():
    """Digest, salts and root describe the payload as the recipient will compute them."""
    made = prepare(AGREEMENT, TREAT, [share(1), share(2)])
    entries = unpack_payload(made.payload)
    assert made.payload_digest == hashlib.sha256(made.payload).digest()
    assert made.salts == b"".join(salt for salt, _ in entries)
    assert made.commitment_root == batch_root([commit(salt, record) for salt, record in entries])


def test_reference_differs_between_agreements():
    """Partners under different agreements cannot tell that they hold the same item."""
    secret = b"s" * 32
    assert reference(secret, "a") != reference(secret, "b")
    assert len(reference(secret, "a")) == 26


def test_failures_stay_alone():
    """An erased item and a broken body fail by themselves; the rest is inside, in order."""
    broken = ToRelease(
        share=9,
        version=1,
        function=ReleaseFunction.ORIGINAL,
        tracking_number="",
        secret=b"s" * 32,
        body=b"\xc1",
    )
    made = prepare(AGREEMENT, TREAT, [share(1), share(2, secret=b""), broken, share(3)])
    assert made.shares == (1, 3)
    assert [(number, found[0].code) for number, found in made.failed] == [
        (2, "RELEASE-ERASED"),
        (9, "RELEASE-FAILED"),
    ]


def test_payload_is_bounded():
    """Shares that do not fit stay for the next batch; one that never fits fails."""
    shares = [share(number, addressee=None, order_number="x" * 500) for number in (1, 2, 3)]
    made = prepare(AGREEMENT, TREAT, shares, max_payload_bytes=1400)
    assert (made.shares, made.failed) == ((1, 2), ())
    made = prepare(AGREEMENT, TREAT, shares, max_payload_bytes=400)
    assert made.shares == ()
    assert {found[0].code for _, found in made.failed} == {"RELEASE-TOO-LARGE"}


def test_cancellation_identifies_and_says_nothing_else():
    """A cancellation holds only identification that the agreement passes, and no commitments."""
    made = prepare(AGREEMENT, TREAT, [share(1, function="cancellation", order_number="O", ucr="U")])
    ((_, record),) = unpack_payload(made.payload)
    release = unpack_release(record)
    present = {name for name in release.item.__struct_fields__ if getattr(release.item, name)}
    assert present == {"tracking_number", "order_number"}
    assert release.commitments == ()
