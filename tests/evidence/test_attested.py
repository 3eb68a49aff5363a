# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Evidence about a record that went to a partner that cannot sign: what it proves, and what it does not."""

import json

import msgspec
import pytest

from gateway.cli.audit_node import audited
from gateway.clock import system_clock
from gateway.envelope import archive
from gateway.evidence import State, read_bundle, verify_bundle, write_bundle
from gateway.exchange.evidence import Bundles
from gateway.exchange.fsck import SelfAudit
from gateway.wire.convert import unpack_envelope
from gateway.wire.v1 import envelope_pb2
from tests.webhook_partner import Partner, item, message, tracking
from tests.webhook_stage import HERE, THERE, Stage, make_node


@pytest.fixture(name="made")
async def _made(tmp_path):
    """A bundle of the sender about a record that the partner answered with 202, and trust anchors."""
    async with Partner() as partner, Stage(make_node(tmp_path, partner.url)) as stage:
        async with stage.running():
            await stage.submit(message(item(1, "NL"), item(2, "NL")))
            await stage.settled()
        with audited(stage.config) as node:
            (bundle,) = await Bundles(HERE, node.store, node.holdings).of(tracking(1))
        folders = [str(tmp_path / one / "keys" / "ca.pem") for one in (HERE, THERE)]
        anchors = archive.read_anchors(
            [f"{name}={path}" for name, path in zip((HERE, THERE), folders, strict=True)], system_clock()
        )
        yield stage, bundle, anchors


async def test_bundle_holds_and_says_who_attests(made) -> None:
    """Everything is good, there is no receipt, and the outcome is called what it is."""
    _, bundle, anchors = made
    verdict = verify_bundle(write_bundle(bundle), anchors, system_clock())
    checks = {one.name: one for one in verdict.checks}
    assert verdict.state is State.GOOD, verdict.findings
    assert (checks["receipt"].state, checks["attestation"].state) == (State.ABSENT, State.GOOD)
    assert "not signed by the partner" in checks["attestation"].says
    assert (verdict.facts["outcome"], verdict.facts["answers"]) == ("accepted", [202])
    assert verdict.facts["outcome_is"] == "attested by the sender, not signed by the partner"
    assert verdict.facts["received_at"] == ""


async def test_altered_attestation_is_bad(made) -> None:
    """A kept answer that was changed afterwards breaks the seal of the attestation."""
    _, bundle, anchors = made
    sealed = envelope_pb2.Envelope.FromString(bundle.receipt)
    said = envelope_pb2.WebhookReceipt.FromString(sealed.statement)
    said.exchanges[0].body = said.exchanges[0].body.replace(b"taken", b"token")
    sealed.statement = said.SerializeToString(deterministic=True)
    altered = msgspec.structs.replace(bundle, receipt=sealed.SerializeToString())
    verdict = verify_bundle(write_bundle(altered), anchors, system_clock())
    assert verdict.state is State.BAD
    assert next(one.name for one in verdict.checks if one.state is State.BAD) == "attestation"


async def test_attestation_does_not_pass_as_a_receipt(made) -> None:
    """Under the payload type of receipts the same bytes are nothing."""
    _, bundle, anchors = made
    sealed = envelope_pb2.Envelope.FromString(bundle.receipt)
    sealed.payload_type = "application/vnd.customs-ead.receipt.v1+protobuf"
    altered = msgspec.structs.replace(bundle, receipt=sealed.SerializeToString())
    assert verify_bundle(write_bundle(altered), anchors, system_clock()).state is State.BAD


async def test_self_audit_finds_nothing_amiss(made) -> None:
    """Batch, attestation and log entries agree with each other."""
    stage, bundle, _ = made
    assert unpack_envelope(bundle.receipt).payload_type.endswith("webhook-receipt.v1+protobuf")
    assert read_bundle(write_bundle(bundle)) == bundle
    assert json.loads(write_bundle(bundle))["partner_log"] is None
    report = await stage.store.read(SelfAudit(HERE, stage.trust.keyring).run)
    assert report.good, report
