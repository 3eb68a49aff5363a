# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Echo and log questions against a real server."""

from dataclasses import replace

import pytest

from gateway.client.questions import announce, checkpoint, consistency, echo, inclusion
from gateway.errors import DeliveryError, NotOffered, VerificationError
from gateway.server.peer import PeerService
from tests.peering import FOREIGN, OWN, PARTNER, start_node

LOG = f"{OWN}/{PARTNER}"


async def test_echo_says_who_and_what_is_agreed(node):
    """A partner test shows organisation, clock and agreements of the other side."""
    answer = await echo(node.address(), node.keys.partner, 5)
    assert (answer.organisation, answer.agreements) == (OWN, (f"{OWN}-{PARTNER}",))
    assert answer.time.tzinfo is not None


async def test_echo_of_another_is_refused(node):
    """An endpoint that answers under another name fails the test."""
    with pytest.raises(VerificationError):
        await echo(replace(node.address(), organisation="dd-customs"), node.keys.partner, 5)


async def test_echo_without_permission(node):
    """A caller that the partner does not know is told so, and that trying again is no use."""
    with pytest.raises(DeliveryError, match="TRUST-CERTIFICATE-UNPINNED") as raised:
        await echo(node.address(), node.keys.unlisted, 5)
    assert not raised.value.retryable


async def test_log_questions(node):
    """Checkpoint and proofs come back as the bytes that the log gave."""
    address, keys = node.address(), node.keys.partner
    assert await checkpoint(address, keys, log=LOG, timeout=5) == b"note of " + LOG.encode()
    assert await inclusion(address, keys, log=LOG, index=3, size=5, timeout=5) == (
        b"\x01" * 32,
        (3).to_bytes(32, "big"),
    )
    assert await consistency(address, keys, log=LOG, old=3, new=5, timeout=5) == (
        b"\x02" * 32,
        (5).to_bytes(32, "big"),
    )


async def test_logs_of_others_do_not_exist(node):
    """The log about another partner is refused like one that is not there."""
    with pytest.raises(DeliveryError, match="SERVER-LOG"):
        await checkpoint(node.address(), node.keys.partner, log=f"{OWN}/{FOREIGN}", timeout=5)


async def test_announcement_comes_back_confirmed(node):
    """An announcement of keys goes as the bytes that were sealed, and so does its answer."""
    answer = await announce(node.address(), node.keys.partner, b"new keys", timeout=5)
    assert answer == f"confirmed to {PARTNER}: ".encode() + b"new keys"


async def test_gateway_of_before_does_not_know_announcements(monkeypatch, keys):
    """A partner whose service lacks the call says so, and that is told apart from every other failure."""
    known = PeerService.handlers

    def before(self):
        return {name: one for name, one in known(self).items() if name != "Announce"}

    monkeypatch.setattr(PeerService, "handlers", before)
    old = await start_node(keys)
    try:
        with pytest.raises(NotOffered, match="UNIMPLEMENTED"):
            await announce(old.address(), old.keys.partner, b"new keys", timeout=5)
        assert (await echo(old.address(), old.keys.partner, 5)).organisation == OWN
    finally:
        await old.server.drain()
