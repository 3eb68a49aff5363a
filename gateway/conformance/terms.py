# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Cases of the agreement: nothing is taken but what both have signed, now, between these two."""

from datetime import timedelta
from functools import partial

from gateway.clock import milliseconds
from gateway.conformance import drafts
from gateway.conformance.builders import BATCH, FLOW, Words, worded
from gateway.conformance.case import Case, Family
from gateway.conformance.stage import Stage

_words = partial(Words, family=Family.AGREEMENT, clause=FLOW)
_AGREEMENT = "RECEIVE-AGREEMENT"


def _named(stage: Stage, which: str) -> dict[str, object]:
    """Return the fields by which a statement names an agreement."""
    one = stage.agreement(which)
    return {"agreement_id": one.id, "agreement_version": one.version, "agreement_digest": one.digest}


CASES: tuple[Case, ...] = (
    worded(
        _words("agreement-unknown", "An agreement that nobody signed carries nothing.", "an unknown id"),
        lambda _: {"agreement_id": "no-such-agreement"},
        _AGREEMENT,
    ),
    worded(
        _words("agreement-version", "Another version is another agreement.", "version 7 of the agreement"),
        lambda _: {"agreement_version": 7},
        _AGREEMENT,
    ),
    worded(
        _words(
            "agreement-text", "An agreement counts by the digest of its text.", "another agreement digest"
        ),
        lambda _: {"agreement_digest": b"x" * 32},
        _AGREEMENT,
    ),
    worded(
        _words("agreement-expired", "An agreement that has ended carries nothing.", "the expired agreement"),
        lambda stage: _named(stage, drafts.EXPIRED),
        _AGREEMENT,
    ),
    worded(
        _words(
            "agreement-not-yet", "An agreement carries nothing before its time.", "the agreement of next year"
        ),
        lambda stage: _named(stage, drafts.LATER),
        _AGREEMENT,
    ),
    worded(
        _words(
            "agreement-other-direction",
            "An agreement for the other direction carries nothing this way.",
            "the agreement under which the target answers questions",
        ),
        lambda stage: _named(stage, drafts.ANSWERS),
        _AGREEMENT,
    ),
    worded(
        _words(
            "agreement-of-others",
            "An agreement of another partner carries nothing of ours.",
            "the bystander's agreement",
        ),
        lambda stage: _named(stage, drafts.BYSTANDER),
        _AGREEMENT,
    ),
    worded(
        _words(
            "agreement-channel",
            "A batch travels on the channel of its agreement.",
            "another channel",
            clause=BATCH,
        ),
        lambda stage: {"channel": f"{stage.own}/{stage.target}/event"},
        "RECEIVE-CHANNEL",
    ),
    worded(
        _words(
            "agreement-record-type",
            "A batch holds the records of its agreement.",
            "record type event",
            clause=BATCH,
        ),
        lambda _: {"record_type": "event"},
        "RECEIVE-CHANNEL",
    ),
    worded(
        _words(
            "agreement-treatment",
            "The treatment of every field that a statement binds is that of the agreement.",
            "another treatment digest",
            clause=BATCH,
        ),
        lambda _: {"treatment_digest": b"x" * 32},
        "RECEIVE-TREATMENT",
    ),
    worded(
        _words("time-stale", "A statement of long ago is refused.", "created 60 days ago"),
        lambda stage: {"created_at_ms": milliseconds(stage.now - timedelta(days=60))},
        "RECEIVE-CLOCK",
    ),
    worded(
        _words("time-future", "A statement from the future is refused.", "created in an hour"),
        lambda stage: {"created_at_ms": milliseconds(stage.now + timedelta(hours=1))},
        "RECEIVE-CLOCK",
    ),
)
