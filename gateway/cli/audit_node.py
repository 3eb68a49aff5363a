# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What the audit verbs need of a node: its keys, agreements, published checkpoints and store."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.audit import NoteKey
from gateway.bootstrap.holdings import make_holdings
from gateway.config import Config
from gateway.envelope.identity import KeySet
from gateway.envelope.trust import Keyring
from gateway.exchange.evidence import Holdings
from gateway.exchange.journal import Journal
from gateway.jobs import load_trust
from gateway.store import CheckpointStore, SqlStore, open_checkpoints, open_store


@dataclass(frozen=True, slots=True)
class AuditedNode:
    """An open node, whether or not it is serving."""

    organisation: str
    store: SqlStore
    own: KeySet
    keyring: Keyring
    checkpoints: CheckpointStore
    holdings: Holdings

    def journal(self, random: Callable[[int], bytes]) -> Journal:
        """Return the writer of this node's logs."""
        log = self.own.log_ed25519
        return Journal(
            self.organisation,
            log,
            NoteKey.of(self.organisation, log.public_key).public_key,
            random,
            published=self.checkpoints.newest,
        )


@contextlib.contextmanager
def audited(config: Config) -> Iterator[AuditedNode]:
    """Open a node for as long as a verb runs.

    Raises:
        ConfigError: keys, agreements or the database are absent or wrong.
    """
    own, keyring, _ = load_trust(config)
    store = open_store(config.database.url, create=False, archive=config.archive.folder)
    checkpoints = open_checkpoints(config.database.url, Path(config.data), config.database.checkpoints)
    try:
        yield AuditedNode(
            organisation=config.node.organisation,
            store=store,
            own=own,
            keyring=keyring,
            checkpoints=checkpoints,
            holdings=make_holdings(config, own, keyring, checkpoints),
        )
    finally:
        store.shut()
        checkpoints.close()
