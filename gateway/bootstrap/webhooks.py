# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Join partners without a gateway: the ways to them, what attests their answers, and their doors in."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path

from gateway.bootstrap.trust import Trust
from gateway.client.webhook import WebhookPeer
from gateway.clock import system_clock
from gateway.config import Config, Webhook
from gateway.envelope.posted import load_posted_key
from gateway.errors import AdapterError, ConfigError
from gateway.exchange.attest import Attestor
from gateway.exchange.ports import Store, Workers
from gateway.exchange.rate import Rate
from gateway.exchange.sealing import Sealer
from gateway.exchange.webhook import Door
from gateway.exchange.webhook_rows import WrittenBatch
from gateway.model import Item, ReleaseFunction
from gateway.sdk import Adapter


class Webhooks:
    """The partners without a gateway of one node."""

    def __init__(
        self,
        config: Config,
        trust: Trust,
        store: Store,
        *,
        workers: Workers,
        sealer: Sealer,
        adapters: Mapping[str, Adapter],
    ) -> None:
        """Read keys and build the ways.

        Raises:
            ConfigError: a setting is wrong, a partner is unknown or has a gateway that takes calls, or a file
                is absent or open to others.
        """
        names = [one.organisation for one in config.webhook]
        if len(set(names)) != len(names):
            raise ConfigError("webhook: a partner stands there twice")
        for one in config.webhook:
            _check(one, config, trust, adapters)
        self.attestor = Attestor(store=store, clock=system_clock, agreements=trust.agreements, sealer=sealer)
        self.peers = {one.organisation: _peer(one, store, workers) for one in config.webhook if one.url}
        self.doors = {one.organisation: _door(one) for one in config.webhook if one.take.agreement}


def _check(one: Webhook, config: Config, trust: Trust, adapters: Mapping[str, Adapter]) -> None:
    """Refuse settings that can not work.

    Raises:
        ConfigError: they cannot.
    """
    where = f"webhook of {one.organisation}"
    bundle = trust.bundles.get(one.organisation)
    if bundle is None:
        raise ConfigError(f"{where}: there is no bundle of this partner")
    if not bundle.collect_only:
        raise ConfigError(f"{where}: its bundle names a gateway; it must be exported with --collect-only")
    for name in {one.adapter} if one.url else set():
        if name not in adapters:
            raise ConfigError(f"{where}: adapter {name or '(none)'} is not enabled")
        types = (one.amendment_type, one.cancellation_type)
        for each in (one.message_type, *(other for other in types if other)):
            if not _writes(adapters[name], each):
                raise ConfigError(f"{where}: {name} writes no message type {each or '(none)'}")
        if one.timeout_seconds >= config.delivery.receipt_timeout_seconds:
            raise ConfigError(f"{where}: timeout_seconds must be less than delivery.receipt_timeout_seconds")
    take = one.take
    if take.agreement and (take.adapter or one.adapter) not in adapters:
        raise ConfigError(f"{where}: adapter {take.adapter or one.adapter or '(none)'} is not enabled")
    if take.agreement and (take.per_minute < 1 or take.max_bytes < 1):
        raise ConfigError(f"{where}: take.per_minute and take.max_bytes begin at 1")


def _writes(adapter: Adapter, message_type: str) -> bool:
    """Say whether an adapter knows a message type, by asking it to write an empty record as one."""
    try:
        adapter.encode(message_type, [Item()], system_clock())
    except AdapterError:
        return False
    except Exception:  # noqa: BLE001 - that this record cannot be written is another question
        return True
    return True


def _peer(one: Webhook, store: Store, workers: Workers) -> WebhookPeer:
    """Return the way to a partner."""
    types = {
        ReleaseFunction.ORIGINAL.value: one.message_type,
        ReleaseFunction.AMENDMENT.value: one.amendment_type,
        ReleaseFunction.CANCELLATION.value: one.cancellation_type,
    }

    async def confirmed(channel: str) -> int:
        """Return the last batch up to which answers are attested."""
        row = await store.read(lambda tx: tx.channel(channel))
        return row.confirmed if row is not None else 0

    write = partial(_write, workers, one.adapter, {name: each for name, each in types.items() if each})
    return WebhookPeer(one, write=write, confirmed=confirmed, clock=system_clock)


async def _write(
    workers: Workers, adapter: str, types: Mapping[str, str], payload: bytes, created_at: int
) -> WrittenBatch:
    """Put a payload into a partner's format; its time is that of the batch, so that it stays the same."""
    return await workers.write(adapter, types, payload, created_at)


def _door(one: Webhook) -> Door:
    """Return the way in of a partner."""
    take = one.take
    return Door(
        agreement=take.agreement,
        adapter=take.adapter or one.adapter,
        key=load_posted_key(take.scheme, Path(take.key_file)),
        tolerance=timedelta(seconds=take.tolerance_seconds),
        max_bytes=take.max_bytes,
        rate=Rate(take.per_minute),
    )
