# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Changes are told to who listens, without a queue and without a look while nobody does."""

import asyncio
from contextlib import AsyncExitStack, aclosing

import pytest

from gateway.clock import system_clock
from gateway.errors import TryLater
from gateway.exchange.changes import LISTENERS, Changes
from gateway.exchange.rows import ChannelRow
from gateway.store import open_store


@pytest.fixture(name="store")
async def _store(tmp_path):
    """Give a real store."""
    store = open_store(f"sqlite:///{tmp_path / 'gateway.sqlite'}")
    yield store
    await store.close()


def changes(store, **times):
    """Return changes that look often."""
    return Changes(store, system_clock, {}, **{"look_seconds": 0.01, "quiet_seconds": 30.0, **times})


async def move(store, sequence):
    """Change something that operators look at."""
    row = ChannelRow(name="A/B/item", partner="B", direction="out", sequence=sequence)
    await store.transact(lambda tx: tx.put_channel(row))


async def test_a_slow_listener_is_told_the_newest_state_only(store):
    """Whatever happens between two turns of a listener is one change."""
    listened = changes(store)
    async with aclosing(listened.listen()) as listening:
        first = await anext(listening)
        for sequence in range(1, 6):
            await move(store, sequence)
            await asyncio.sleep(0.03)
        last = await listened.now()
        second = await anext(listening)
    assert first.state != second.state == last.state
    assert second.changed


async def test_quiet_is_told_as_such(store):
    """Without a change a listener hears from time to time that there is none."""
    async with aclosing(changes(store, quiet_seconds=0.05).listen()) as listening:
        first = await anext(listening)
        second = await anext(listening)
    assert (second.state, second.changed) == (first.state, False)


async def test_listeners_are_bounded_and_leave_room(store):
    """One more than may listen is refused; when one leaves there is room; after the last nobody looks."""
    listened = changes(store)
    async with AsyncExitStack() as stack:
        for _ in range(LISTENERS):
            listening = await stack.enter_async_context(aclosing(listened.listen()))
            await anext(listening)
        with pytest.raises(TryLater):
            listened.require_room()
        await listening.aclose()
        listened.require_room()
    assert listened._looking is None


async def test_closing_ends_every_listening(store):
    """A node that stops does not wait for those who listen."""
    listened = changes(store)
    async with aclosing(listened.listen()) as listening:
        known = (await anext(listening)).state
        ended = asyncio.create_task(_rest(listening))
        await asyncio.sleep(0.05)
        await listened.close()
        rest = await asyncio.wait_for(ended, 10)
    assert {one.state for one in rest} <= {known}


async def _rest(listening):
    return [one async for one in listening]
