# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Join the stamping of the anchor log to its authority, by the settings of a node."""

from gateway.client.timestamp import HttpAuthority
from gateway.clock import system_clock
from gateway.config import Config
from gateway.exchange.journal import ANCHOR
from gateway.exchange.stamp import OFF, Stamper, StampWatch, check_settings
from gateway.store import CheckpointStore


class Stamping:
    """What stamps, nothing if that is off, and what holds intake while a stamp is overdue."""

    def __init__(self, config: Config, checkpoints: CheckpointStore) -> None:
        """Build both on the published checkpoints.

        Raises:
            ConfigError: a setting is wrong, or the trust anchors cannot be read.
        """
        settings, log = config.timestamp, f"{config.node.organisation}/{ANCHOR}"
        self.watch = StampWatch(log, stamps=checkpoints, clock=system_clock, settings=settings)
        self.stampers: list[Stamper] = []
        if settings.mode == OFF:
            return
        rules = check_settings(settings)
        authority = HttpAuthority(
            settings.url,
            timeout_seconds=settings.timeout_seconds,
            max_reply_bytes=settings.max_reply_bytes,
        )
        self.stampers.append(
            Stamper(
                log,
                stamps=checkpoints,
                authority=authority,
                rules=rules,
                watch=self.watch,
                clock=system_clock,
                settings=settings,
            )
        )
