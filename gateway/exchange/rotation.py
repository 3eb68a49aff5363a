# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Change our own keys without a pause: make, announce, switch, retire.

The rules:

1. The new keys stand beside the present ones. Every partner is told of both sets, sealed with the present
   keys (`announcer`).
2. Signing switches to the new keys when every partner has confirmed them, and a moment later, so that each of
   its nodes has learnt them too; or when the operator says so.
3. From then on old and new both hold, for the time of the overlap.
4. The old keys end when the overlap is over and nothing that they sealed waits for its receipt. Partners are
   told of a bundle without them, sealed with the new keys; then the private keys are destroyed.
5. State and announcements are one transaction. The files of a node follow (`key_follower`), on each node.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import structlog

from gateway.clock import Clock, milliseconds
from gateway.envelope import issue, pkcs11
from gateway.envelope.bundle import PartnerBundle, export_bundle, read_bundle
from gateway.envelope.identity import LAYOUT, KeySet
from gateway.envelope.key_moves import CURRENT, NEXT, OLD
from gateway.envelope.keys import Purpose
from gateway.errors import ConfigError, GatewayError
from gateway.exchange.announcement_rows import AnnouncementRow, RotationRow
from gateway.exchange.announcer import CONFIRMED, Announcer
from gateway.exchange.ports import Ids, Store, Transaction
from gateway.finding import finding

ANNOUNCED, SWITCHED, RETIRED = "announced", "switched", "retired"
# Keys that a running node can change; those of logs and witnesses are read at start.
PURPOSES = (Purpose.TLS, Purpose.SEAL, Purpose.RECEIPT)
LOOK_SECONDS = 1.0
# Every node of a partner, and every node of ours, looks within this time.
SETTLE_MS = 5_000
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Face:
    """What a bundle says beside keys: the name for people, and where partners call."""

    name: str
    endpoint: str
    collect_only: bool = False
    http: str = ""

    @classmethod
    def of(cls, bundle: PartnerBundle) -> "Face":
        """Return that of a bundle."""
        return cls(bundle.name, bundle.endpoint, bundle.collect_only, bundle.http)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a rotation is; `told` is what partners were told of it last."""

    row: RotationRow
    told: tuple[AnnouncementRow, ...]

    @property
    def waits_for(self) -> tuple[str, ...]:
        """The partners that have not confirmed."""
        return tuple(one.partner for one in self.told if one.state != CONFIRMED)


class Rotation:
    """The rotation of a node's own keys; `run` is a duty of one node for all."""

    def __init__(
        self,
        *,
        store: Store,
        ids: Ids,
        clock: Clock,
        announcer: Announcer,
        own: Callable[[], KeySet],
        partners: Callable[[], list[str]],
    ) -> None:
        """Take the doors; `own` returns the keys in use, `partners` all who have our bundle."""
        self._store = store
        self._ids = ids
        self._clock = clock
        self._announcer = announcer
        self._own = own
        self._partners = partners

    async def run(self) -> None:
        """Bring announcements and go on with a rotation, until cancelled."""
        while True:
            try:
                await self.advance()
            except GatewayError as error:
                _log.error("keys.rotation-failed", error=str(error))
            await asyncio.sleep(LOOK_SECONDS)

    async def advance(self) -> None:
        """Do what can be done now: bring announcements, switch if all confirmed, retire after the overlap."""
        await self._announcer.bring()
        row = await self._store.read(lambda tx: tx.rotation())
        if row is None:
            return
        now = milliseconds(self._clock())
        if row.state == ANNOUNCED:
            await self._store.transact(self._switch_if_confirmed)
        elif row.state == SWITCHED and now >= row.switched_at + row.overlap_ms:
            await self._retire(row)

    async def standing(self) -> Standing | None:
        """Return how far the newest rotation is, none if there never was one."""

        def read(tx: Transaction) -> Standing | None:
            row = tx.rotation()
            return None if row is None else Standing(row, tuple(tx.announcements(row.serial)))

        return await self._store.read(read)

    async def start(
        self, purposes: tuple[Purpose, ...], overlap_ms: int, face: Face | None = None
    ) -> RotationRow:
        """Make the next keys, if they are not there, and announce them; one under way is returned as it is.

        `face` None means as in the last rotation.

        Raises:
            ConfigError: old keys of the last rotation are still there, keys lie in a token, there is no
                authority to issue certificates, or it is not known what the bundle is to say.
        """
        last = await self._store.read(lambda tx: tx.rotation())
        folder = self._own().folder
        if last is not None and last.state != RETIRED:
            held = await asyncio.to_thread(KeySet.load, folder)
            if not abandoned(held, last):
                return last
        now = self._clock()
        if face is None and last is not None:
            face = Face.of(read_bundle(last.bundle, now))
        if face is None:
            raise ConfigError("say --name and --endpoint as in the bundle that partners have")
        own = await asyncio.to_thread(_prepare, folder, purposes, self._clock)
        bundle = await asyncio.to_thread(_export, own, face, self._clock)
        keys = {
            one.name: one.signer.key_id
            for one in own.keys
            if one.slot == NEXT and one.purpose in purposes and one.signer is not None
        }
        row = RotationRow(
            id=self._ids.take(1)[0],
            serial=read_bundle(bundle, now).serial,
            state=ANNOUNCED,
            purposes=",".join(purposes),
            keys=msgspec.json.encode(keys).decode(),
            overlap_ms=overlap_ms,
            started_at=milliseconds(now),
            switched_at=0,
            retired_at=0,
            bundle=bundle,
        )

        def begin(tx: Transaction) -> RotationRow:
            """Announce the keys, unless somebody else began a rotation meanwhile."""
            other = tx.rotation()
            if other is not None and (last is None or other.id != last.id):
                return other
            tx.add_rotation(row)
            self._announcer.tell(tx, self._partners(), bundle, row.serial, row.started_at)
            return row

        return await self._store.transact(begin)

    async def switch(self) -> None:
        """Switch to the new keys though partners have not confirmed them: the operator says so.

        Raises:
            ConfigError: no rotation waits for that.
        """

        def work(tx: Transaction) -> None:
            row = tx.rotation()
            if row is None or row.state != ANNOUNCED:
                raise ConfigError("no rotation waits for confirmations")
            self._switch(tx, row)

        await self._store.transact(work)

    async def retire(self) -> None:
        """End the overlap now.

        Raises:
            ConfigError: no old keys are in an overlap, or something that they sealed waits for its receipt.
        """
        row = await self._store.read(lambda tx: tx.rotation())
        if row is None or row.state != SWITCHED:
            raise ConfigError("no rotation has old keys to retire")
        if not await self._retire(row):
            found = finding("KEYS-IN-USE")
            raise ConfigError("the old keys are still needed", (found,))

    def _switch_if_confirmed(self, tx: Transaction) -> None:
        """Switch if every partner has confirmed, and time enough has passed."""
        row = tx.rotation()
        if row is None or row.state != ANNOUNCED:
            return
        told = tx.announcements(row.serial)
        last = max((one.answered_at for one in told), default=0)
        if all(one.state == CONFIRMED for one in told) and milliseconds(self._clock()) >= last + SETTLE_MS:
            self._switch(tx, row)

    def _switch(self, tx: Transaction, row: RotationRow) -> None:
        """Let every node use the new keys."""
        now = milliseconds(self._clock())
        tx.put_rotation(msgspec.structs.replace(row, state=SWITCHED, switched_at=now))
        _log.info("keys.switched", serial=row.serial)

    async def _retire(self, row: RotationRow) -> bool:
        """Announce a bundle without the old keys; false if this node or a batch still needs them."""
        own = self._own()
        if not uses(own, row) or await self._store.read(lambda tx: _sealed_before(tx, row)):
            return False
        purposes = row.purposes.split(",")
        kept = tuple(one for one in own.keys if one.slot != OLD or one.purpose not in purposes)
        face = Face.of(read_bundle(row.bundle, self._clock()))
        bundle = await asyncio.to_thread(_export, replace(own, keys=kept), face, self._clock)
        now = milliseconds(self._clock())
        serial = read_bundle(bundle, self._clock()).serial

        def end(tx: Transaction) -> None:
            """Tell partners, once."""
            found = tx.rotation()
            if found is not None and (found.id, found.state) == (row.id, SWITCHED):
                tx.put_rotation(msgspec.structs.replace(found, state=RETIRED, retired_at=now))
                self._announcer.tell(tx, self._partners(), bundle, serial, now)
                _log.info("keys.retired", serial=serial)

        await self._store.transact(end)
        return True


def uses(own: KeySet, row: RotationRow) -> bool:
    """Say whether the new keys of a rotation are the present ones."""
    present = {one.name: one.signer.key_id for one in own.keys if one.slot == CURRENT and one.signer}
    return all(present.get(name) == key_id for name, key_id in row.targets.items())


def abandoned(own: KeySet, row: RotationRow) -> bool:
    """Say whether people went on by hand: the keys of a rotation are neither present nor next any more."""
    held = {one.signer.key_id for one in own.keys if one.slot in (CURRENT, NEXT) and one.signer}
    return not held.issuperset(row.targets.values())


def _prepare(folder: Path, purposes: tuple[Purpose, ...], clock: Clock) -> KeySet:
    """Make the next keys of each purpose that has none yet; return all keys."""
    for purpose in purposes:
        names = LAYOUT[purpose]
        if any((folder / f"{name}{pkcs11.SUFFIX}").exists() for name in names):
            raise ConfigError(f"the {purpose} keys lie in a token; rotate them by hand")
        if any((folder / f"{name}{OLD}.pem").exists() for name in names):
            raise ConfigError(f"old {purpose} keys are still there; end them with `gateway keys retire`")
        if not all((folder / f"{name}{NEXT}.pem").exists() for name in names):
            issue.rotate(folder, purpose, clock())
    return KeySet.load(folder)


def _export(own: KeySet, face: Face, clock: Clock) -> bytes:
    """Write our bundle."""
    return export_bundle(
        own,
        name=face.name,
        endpoint=face.endpoint,
        now=clock(),
        collect_only=face.collect_only,
        http=face.http,
    )


def _sealed_before(tx: Transaction, row: RotationRow) -> bool:
    """Say whether a batch without receipt may have been sealed with the old keys."""
    first = [
        batch
        for channel in tx.channels()
        if channel.direction == "out" and channel.confirmed < channel.sequence
        for batch in tx.batches_after(channel.name, channel.confirmed, 1)
    ]
    return any(one.created_at < row.switched_at + SETTLE_MS for one in first)
