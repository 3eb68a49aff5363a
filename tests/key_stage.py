# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Gateways on real stores with real folders of keys and bundles, which tell each other of new keys."""

import functools
import shutil

from gateway.envelope import issue
from gateway.envelope.bundle import export_bundle, read_bundle
from gateway.envelope.identity import KeySet
from gateway.envelope.keys import Purpose
from gateway.envelope.partners import import_bundle
from gateway.envelope.trust import Keyring
from gateway.exchange.announcement import AnnouncementTaker
from gateway.exchange.announcer import Announcer
from gateway.exchange.rotation import Face, Rotation
from gateway.store import open_store
from gateway.wire.announcements import parse_announcement
from gateway.wire.convert import unpack_envelope
from gateway.wire.v1 import envelope_pb2
from tests.fakes import FakeClock, FakeIds
from tests.partner_simulator import Gateway

FACE = Face("Alpha Customs", "alpha.example:7443")


class KeyStage:
    """Alpha, whose keys change, and beta, which is told; `url` is the database of alpha."""

    def __init__(self, keys, folder, agreements, url=""):
        self.clock = FakeClock()
        self.keys_folder = shutil.copytree(keys["alpha"].folder, folder / "alpha")
        self.bundles = folder / "bundles-of-beta"
        self.first = self.export()
        import_bundle(self.first, self.bundles, now=self.clock())
        self.clock.advance(minutes=1)
        own = {**keys, "alpha": self.own()}
        urls = (url or f"sqlite:///{folder / 'alpha'}.sqlite", f"sqlite:///{folder / 'beta'}.sqlite")
        self.stores = [open_store(one) for one in urls]
        self.alpha, self.beta = (
            Gateway(name, own, agreements, store=store, clock=self.clock, ids=FakeIds(1000), seed=seed)
            for seed, (name, store) in enumerate(zip(("alpha", "beta"), self.stores, strict=True))
        )
        self._ring = lambda: Keyring.from_folder(self.bundles, keys["beta"], self.clock())
        self.beta.keyring.become(self._ring())
        self.taker = AnnouncementTaker(
            organisation="beta",
            store=self.beta.store,
            ids=self.beta.ids,
            clock=self.clock,
            keyring=self.beta.keyring,
            agreements=self.beta.agreements,
            sealer=self.beta.sealer,
            gate=self.beta.publisher,
            folder=self.bundles,
            follow=self.follow,
        )

    async def close(self):
        """Close both stores."""
        for one in self.stores:
            await one.close()

    def own(self):
        """Return the keys of alpha as they lie in the folder."""
        return KeySet.load(self.keys_folder)

    def export(self, *, face=FACE, own=None, **ahead):
        """Return alpha's bundle, made some time from now."""
        now = self.clock.now
        self.clock.advance(**ahead)
        raw = export_bundle(own or self.own(), name=face.name, endpoint=face.endpoint, now=self.clock())
        self.clock.now = now
        return raw

    def next_bundle(self, purpose=Purpose.SEAL):
        """Make next keys, move on, and return the bundle that holds them."""
        self.clock.advance(minutes=1)
        issue.rotate(self.keys_folder, purpose, self.clock())
        return self.export()

    def announcement(self, bundle, *, number="a1", recipient="beta", signer=None, serial=None):
        """Return the envelope of an announcement, sealed with the keys that alpha has in use."""
        said = envelope_pb2.KeyAnnouncement(
            announcement_id=number,
            recipient=recipient,
            bundle=bundle,
            serial=read_bundle(bundle, self.clock()).serial if serial is None else serial,
            created_at_ms=int(self.clock().timestamp() * 1000),
        )
        return (signer or self.alpha.sealer).seal_announcement(said)[1]

    async def follow(self):
        """Bring into force at beta what its store holds."""
        for row in await self.beta.store.read(lambda tx: tx.announced()):
            said = parse_announcement(unpack_envelope(row.announcement).statement)
            import_bundle(said.bundle, self.bundles, now=self.clock())
        self.beta.keyring.become(self._ring())

    def announcer(self, **peers):
        """Return what brings announcements of alpha, by default to beta."""
        return Announcer(
            organisation="alpha",
            store=self.alpha.store,
            ids=self.alpha.ids,
            clock=self.clock,
            keyring=self.alpha.keyring,
            agreements=self.alpha.agreements,
            sealer=self.alpha.sealer,
            peers=peers or {"beta": functools.partial(self.taker.announce, "alpha")},
        )

    def rotation(self, announcer=None, partners=("beta",)):
        """Return the rotation of alpha's keys."""
        return Rotation(
            store=self.alpha.store,
            ids=self.alpha.ids,
            clock=self.clock,
            announcer=announcer or self.announcer(),
            own=self.own,
            partners=lambda: list(partners),
        )
