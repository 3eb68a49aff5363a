# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Every statement binds what became of every field, and a recipient holds it to the agreement."""

import pytest

from gateway.agreement import treatment_digest
from gateway.envelope.seal import seal
from gateway.wire.convert import (
    pack_envelope,
    parse_batch_statement,
    parse_receipt_statement,
    unpack_envelope,
)
from gateway.wire.statement import BATCH_TYPE
from tests.partner_messages import agreement, contribution
from tests.partner_simulator import sealed


async def batch(pair):
    """Seal one batch at alpha; return envelope and payload."""
    await pair.alpha.submit(contribution(1))
    (row,) = await sealed(pair.alpha, pair.channel, 1)
    return row.envelope, row.payload


async def test_statement_binds_the_treatments(pair):
    """The digest in the statement is that of the agreement's table."""
    envelope, _ = await batch(pair)
    said = parse_batch_statement(unpack_envelope(envelope).statement)
    assert said.treatment_digest == treatment_digest(agreement())


@pytest.mark.parametrize("digest", [b"", bytes(32)], ids=["none", "other"])
async def test_other_treatments_are_refused(pair, digest):
    """A statement that binds no treatments, or others, is refused whole."""
    envelope, payload = await batch(pair)
    said = parse_batch_statement(unpack_envelope(envelope).statement)
    said.treatment_digest = digest
    bent = pack_envelope(seal(BATCH_TYPE, said.SerializeToString(deterministic=True), pair.alpha.own.seal))
    answer = await pair.beta.receiver.receive("alpha", bent, payload)
    receipt = parse_receipt_statement(unpack_envelope(answer).statement)
    assert receipt.outcome == receipt.OUTCOME_REFUSED
    assert "RECEIVE-TREATMENT" in {one.code for one in receipt.findings}
