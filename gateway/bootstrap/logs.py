# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Join the steps of the logs: written, published, witnessed, anchored, stamped."""

import os
from pathlib import Path

from gateway.audit import Head, NoteKey
from gateway.bootstrap.trust import Trust
from gateway.client.logs import GrpcLogs
from gateway.clock import system_clock
from gateway.config import Config
from gateway.exchange.alarm import Alarm
from gateway.exchange.anchor import Anchor
from gateway.exchange.channels import Channels
from gateway.exchange.cosigners import anchor_second, witness_cosigners
from gateway.exchange.gossip import Gossip
from gateway.exchange.journal import Journal
from gateway.exchange.publish import Publisher
from gateway.exchange.witness import NoteKeys, Witness
from gateway.store import SqlStore, TileFiles, TimeIds, open_checkpoints


class LogSteps:
    """The steps of the logs: written, published, witnessed, anchored."""

    def __init__(self, config: Config, trust: Trust, store: SqlStore, ids: TimeIds) -> None:
        """Open the published checkpoints and build every step with explicit doors."""
        own, organisation, data = trust.own, config.node.organisation, Path(config.data)
        self.checkpoints = open_checkpoints(config.database.url, data, config.database.checkpoints)
        self.tiles = TileFiles(data / "log")
        self.journal = Journal(
            organisation,
            own.log_ed25519,
            NoteKey.of(organisation, own.log_ed25519.public_key).public_key,
            os.urandom,
            published=self.checkpoints.newest,
            second=anchor_second(own),
        )
        self.publisher = Publisher(
            organisation,
            store=store,
            checkpoints=self.checkpoints,
            tiles=self.tiles,
            clock=system_clock,
            refuse=self.journal.refuse,
        )
        self.alarm = Alarm(
            organisation=organisation, ids=ids, journal=self.journal, agreements=trust.agreements
        )
        keys = NoteKeys(organisation, trust.keyring)
        self.witness = Witness(
            store=store,
            clock=system_clock,
            keys=keys,
            cosigners=witness_cosigners(own),
            alarm=self.alarm,
            suspect=self.suspect,
        )
        self.channels = Channels(store=store, ids=ids, clock=system_clock, journal=self.journal)
        self.anchor = Anchor(
            store=store,
            clock=system_clock,
            journal=self.journal,
            checkpoints=self.checkpoints,
            seconds=config.audit.anchor_seconds,
        )
        self.gossips = {
            name: Gossip(
                name,
                organisation=organisation,
                store=store,
                clock=system_clock,
                checkpoints=self.checkpoints,
                client=GrpcLogs(bundle, trust.present),
                witness=self.witness,
                keys=keys,
                alarm=self.alarm,
                seconds=config.audit.gossip_seconds,
            )
            for name, bundle in trust.bundles.items()
            if not bundle.collect_only
        }

    def heard(self, partner: str, claim: Head) -> None:
        """Pass on what a receipt says of a partner's log; one that takes no calls brings its checkpoints."""
        if partner in self.gossips:
            self.gossips[partner].heard(claim)

    def suspect(self, partner: str) -> None:
        """Compare logs with a partner soon."""
        if partner in self.gossips:
            self.gossips[partner].look()

    def close(self) -> None:
        """End the threads and close the published checkpoints."""
        self.publisher.close()
        self.checkpoints.close()
