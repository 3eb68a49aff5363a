# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What a node trusts, as it was read at start."""

from collections.abc import Sequence
from pathlib import Path

from gateway.clock import system_clock
from gateway.config import Config
from gateway.envelope.identity import KeySet
from gateway.envelope.partners import load_bundles
from gateway.jobs import load_trust
from gateway.server.serve import TlsMaterial


class Trust:
    """Own keys, partners and agreements as they were read at start."""

    def __init__(self, config: Config) -> None:
        """Read the folders that the configuration names."""
        self.own, self.keyring, self.agreements = load_trust(config)
        self.bundles = load_bundles(Path(config.partners), system_clock())

    def identify(self, pem: bytes) -> str:
        """Return the organisation of a TLS certificate (`server.identity.PeerIdentifier`)."""
        return self.keyring.identify(pem, system_clock())

    def tls(self) -> TlsMaterial:
        """Return what a handshake needs; own certificate files are read anew, so a rotation bites."""
        own = KeySet.load(self.own.folder)
        return TlsMaterial(own.tls_certificate, own.tls_key, self.keyring.authorities())

    def agreements_with(self, partner: str) -> Sequence[str]:
        """Return the ids of the agreements in force with a partner, in either direction."""
        return sorted(
            f"{one.id} v{one.version}"
            for one in self.agreements.in_force(system_clock())
            if partner in (one.sender, one.recipient)
        )
