# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Attacks on the second signature of a log."""

from dataclasses import replace

import pytest

from gateway.envelope.keys import verify_ml_dsa_44
from tests.audit.attacks.room import ORIGIN, WITNESS
from tests.audit.attacks.watching import asked, request


def _asked(room, code, checkpoint=None, ml_dsa_44=verify_ml_dsa_44):
    """Check that the witness of a log with two keys refuses a checkpoint."""
    good = request(room, 0, 3)
    keys = [room.key(), room.second().key]
    changed = replace(good, checkpoint=checkpoint or good.checkpoint)
    asked(room, "bad-signature", code, room.compare.Head(), changed, keys, ml_dsa_44=ml_dsa_44)


def _hybrid(room):
    """Return the checkpoint of three leaves with both signatures."""
    raw = request(room, 0, 3).checkpoint
    head = room.checkpoint.parse(room.note.read_note(raw).text)
    return room.hybrid.add_second(raw, head, room.second(), 1_800_000_000)


def witness_of_a_log_without_its_second_signature(room):
    """Whoever takes the second signature of a hybrid checkpoint away gets no cosignature."""
    keys = [room.key(), room.second().key]
    whole = replace(request(room, 0, 3), checkpoint=_hybrid(room))
    decision = room.witness.consider(room.compare.Head(), whole, keys, ml_dsa_44=verify_ml_dsa_44)
    assert decision.outcome == "cosign"
    _asked(room, "AUDIT-KEY")


def witness_of_a_forged_second_signature(room):
    """A second signature that does not hold spoils the checkpoint though the first one is right."""
    body = request(room, 0, 3).checkpoint
    line = room.note.signature_line(room.second().key, (1).to_bytes(8, "big") + bytes(2420))
    _asked(room, "AUDIT-SIGNATURE", body + line)


def witness_that_cannot_check_the_second_signature(room):
    """A witness without a check of ML-DSA-44 does not cosign, and does not fall over either."""
    _asked(room, "AUDIT-KEY-TYPE", _hybrid(room), None)


def second_signature_under_another_name(room):
    """The second key of a log has the origin as its name, as the first has."""
    raw = request(room, 0, 3).checkpoint
    head = room.checkpoint.parse(room.note.read_note(raw).text)
    with pytest.raises(ValueError, match="origin"):
        room.hybrid.add_second(raw, head, room.second("customs-cn/customs-de"), 1)


def second_signature_of_another_type(room):
    """An Ed25519 cosignature under the name of the log is no second signature."""
    raw = request(room, 0, 3).checkpoint
    head = room.checkpoint.parse(room.note.read_note(raw).text)
    with pytest.raises(ValueError, match="origin"):
        room.hybrid.add_second(raw, head, room.hybrid.Cosigner(room.witness_key(ORIGIN), WITNESS), 1)
