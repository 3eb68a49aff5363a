# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What a node trusts: read at start, and followed while it runs where keys are concerned."""

import contextlib
from collections.abc import Sequence
from pathlib import Path

import structlog

from gateway.clock import system_clock
from gateway.config import Config
from gateway.envelope import issue
from gateway.envelope.identity import KeySet
from gateway.envelope.key_moves import NEXT, OLD, moved_alone
from gateway.envelope.keys import Purpose
from gateway.envelope.partners import SUFFIX, import_bundle, load_bundles
from gateway.envelope.signer import Signer
from gateway.envelope.trust import Keyring
from gateway.errors import GatewayError
from gateway.exchange.announcement_rows import AnnouncementRow, RotationRow
from gateway.exchange.rotation import abandoned, uses
from gateway.jobs import load_trust
from gateway.server.serve import TlsMaterial
from gateway.wire.announcements import parse_announcement
from gateway.wire.convert import unpack_envelope

_log = structlog.get_logger()


class Trust:
    """Own keys, partners and agreements (`exchange.key_follower.KeyFiles`).

    `keyring` and `bundles` stay the same objects when keys change; `own` becomes another one. New partners,
    their endpoints and authorities, and agreements are as they were read at start.
    """

    def __init__(self, config: Config) -> None:
        """Read the folders that the configuration names."""
        self._partners = Path(config.partners)
        self._seen = _stamp(self._partners)
        self._failed: set[object] = set()  # what was logged as unusable already
        self.own, self.keyring, self.agreements = load_trust(config)
        self.bundles = load_bundles(self._partners, system_clock())
        self.present = _PresentKeys(self)

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

    def follow_partners(self, announced: Sequence[AnnouncementRow]) -> bool:
        """Import what is newer, and read bundles anew if a file changed; true if the ring is another one."""
        for row in announced:
            held = self.bundles.get(row.partner)
            if held is not None and held.serial < row.serial:
                self._import(row)
        stamp = _stamp(self._partners)
        if stamp == self._seen:
            return False
        try:
            bundles = load_bundles(self._partners, system_clock())
            ring = Keyring.from_folder(self._partners, self.own, system_clock())
        except GatewayError as error:
            self._once(stamp, "keys.bundles-unreadable", error=str(error))
            return False
        self._seen = stamp
        # Somebody who is new here has no channel, no log and no peer before the next start.
        self.bundles.update({name: one for name, one in bundles.items() if name in self.bundles})
        self.keyring.become(ring)
        _log.info("keys.trust-renewed", version=self.keyring.version)
        return True

    def switch(self, row: RotationRow) -> bool:
        """Use the new keys of a rotation; true if others were in use.

        Keys that the folder does not hold are of a rotation that people went on with by hand.
        """
        if uses(self.own, row):
            return False
        with moved_alone(self.own.folder):
            held = KeySet.read(self.own.folder)
            if abandoned(held, row):
                self._once((row.serial, "switch"), "keys.absent", serial=str(row.serial))
                return False
            for purpose in {one.purpose for one in held.keys if one.slot == NEXT}:
                if purpose in row.purposes.split(","):
                    issue.activate(self.own.folder, purpose)
        return self._renew_own()

    def retire(self, row: RotationRow) -> bool:
        """Destroy the old private keys of a rotation; true if there were any."""
        purposes = set(row.purposes.split(","))
        old = [one for one in self.own.keys if one.slot == OLD and one.signer and one.purpose in purposes]
        if not old or not uses(self.own, row):
            return False
        with moved_alone(self.own.folder):
            held = {
                one.purpose for one in KeySet.read(self.own.folder).keys if one.slot == OLD and one.signer
            }
            for purpose in purposes & held:
                issue.retire(self.own.folder, Purpose(purpose))
        return self._renew_own()

    def _renew_own(self) -> bool:
        """Read our own keys anew."""
        own = KeySet.load(self.own.folder)
        self.keyring.become(Keyring.from_folder(self._partners, own, system_clock()))
        self.own = own
        return True

    def _import(self, row: AnnouncementRow) -> None:
        """Put an announced bundle into the folder; it was vetted when it came."""
        said = parse_announcement(unpack_envelope(row.announcement).statement)
        try:
            import_bundle(said.bundle, self._partners, now=system_clock())
        except GatewayError as error:
            self._once((row.partner, row.serial), "keys.not-imported", partner=row.partner, error=str(error))

    def _once(self, what: object, event: str, **values: str) -> None:
        """Log an error the first time."""
        if what not in self._failed:
            self._failed.add(what)
            _log.error(event, **values)


class _PresentKeys:
    """The keys of the moment, for connections that are made later (`client.connection.Keys`)."""

    def __init__(self, trust: Trust) -> None:
        self._trust = trust

    @property
    def tls_certificate(self) -> bytes:
        """Own chain, PEM."""
        return self._trust.own.tls_certificate

    @property
    def tls_key(self) -> bytes:
        """Own private key, PEM."""
        return self._trust.own.tls_key

    @property
    def seal(self) -> tuple[Signer, Signer]:
        """The present seal keys, for a way to partners that seals anew (`mock`)."""
        return self._trust.own.seal


def _stamp(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Return what differs when a bundle was replaced."""
    found = []
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        with contextlib.suppress(FileNotFoundError):
            about = path.stat()
            found.append((path.name, about.st_ino, about.st_mtime_ns))
    return tuple(found)
