# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What a node holds of evidence beside its store: keys, signed agreements, published checkpoints."""

from pathlib import Path

from gateway.agreement.sign import SUFFIX
from gateway.clock import system_clock
from gateway.config import Config
from gateway.envelope.archive import every_material
from gateway.envelope.identity import KeySet
from gateway.envelope.trust import Keyring
from gateway.errors import ConfigError
from gateway.exchange.evidence import Holdings
from gateway.store import CheckpointStore


def make_holdings(config: Config, own: KeySet, keyring: Keyring, checkpoints: CheckpointStore) -> Holdings:
    """Return what a node holds, as its folders are now."""

    def agreement(agreement_id: str, version: int) -> bytes:
        """Return a signed agreement file.

        Raises:
            ConfigError: it is not held any more.
        """
        path = Path(config.agreements) / f"{agreement_id}-v{version}{SUFFIX}"
        if not path.is_file():
            raise ConfigError(f"the signed agreement {path.name} is not held any more")
        return path.read_bytes()

    materials = tuple(every_material(own, Path(config.partners), system_clock()))
    return Holdings(keyring, materials, agreement, checkpoints.newest, checkpoints)
