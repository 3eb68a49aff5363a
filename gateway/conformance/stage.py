# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The kit at work: connections to the target, where its channels stand, and the proof of what it answers.

State is tracked by what the target itself confirms, and kept at once. Whatever it takes, right or wrong, is
followed, so that no case depends on how another one ended.
"""

import contextlib
import hashlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from gateway.agreement import Agreement
from gateway.audit import NoteKey, checkpoint
from gateway.audit.checkpoint import Checkpoint
from gateway.client.connection import Keys
from gateway.client.raw import OK, Ended, RawPeer, connected
from gateway.conformance import drafts
from gateway.conformance.case import Departure, require
from gateway.conformance.kit import BYSTANDER, LIAR, MAIN, Kit, Place, read_state, write_state
from gateway.conformance.transfer import Transfer, transfer
from gateway.envelope import policy
from gateway.envelope.keys import Algorithm, Purpose
from gateway.envelope.seal import unseal
from gateway.envelope.trust import Keyring
from gateway.errors import ConfigError, GatewayError, InputError
from gateway.wire.convert import (
    parse_batch_statement,
    parse_receipt_statement,
    unpack_envelope,
)
from gateway.wire.statement import RECEIPT_TYPE
from gateway.wire.v1 import envelope_pb2, peer_pb2

_Receipt = envelope_pb2.ReceiptStatement
SECONDS = 20.0
SHOWN = 4
CHANNEL_OF = {MAIN: drafts.ITEM, BYSTANDER: drafts.BYSTANDER, LIAR: drafts.LIAR}


@dataclass(frozen=True, slots=True)
class Answer:
    """The receipt of one transfer: its bytes, and what it says once its seal is proved."""

    envelope: bytes
    said: envelope_pb2.ReceiptStatement

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the findings about the whole."""
        return tuple(one.code for one in self.said.findings)

    @property
    def text(self) -> str:
        """What came, in one line."""
        name = _Receipt.Outcome.Name(self.said.outcome).removeprefix("OUTCOME_").lower()
        codes = [
            *self.codes,
            *(
                f"record {one.index} {'accepted' if one.accepted else 'rejected'}: "
                + " ".join(each.code for each in one.findings)
                for one in self.said.records[:SHOWN]
            ),
        ]
        if len(self.said.records) > SHOWN:
            codes.append(f"and {len(self.said.records) - SHOWN} records more")
        return f"receipt: {name} {', '.join(codes)}".rstrip()


@dataclass(slots=True)
class Stage:
    """One run against one target; owned by one event loop."""

    kit: Kit
    clock: Callable[[], datetime]
    keyring: Keyring
    peers: Mapping[str, RawPeer]
    places: dict[str, Place]

    @property
    def target(self) -> str:
        """The organisation id of the target."""
        return self.kit.target.organisation

    @property
    def own(self) -> str:
        """The organisation id of the main party."""
        return self.kit.party(MAIN)

    @property
    def now(self) -> datetime:
        """The time."""
        return self.clock()

    def agreement(self, which: str = drafts.ITEM) -> Agreement:
        """Return one of the agreements of the kit."""
        return self.kit.agreements[which]

    def place(self, which: str = MAIN) -> Place:
        """Return where the channel of a party stands."""
        return self.places.get(self.channel(which), Place())

    def channel(self, which: str = MAIN) -> str:
        """Return the channel on which a party sends."""
        return self.agreement(CHANNEL_OF[which]).channel

    def transfer(self, exact: Sequence[bytes] | None = None, which: str = MAIN) -> Transfer:
        """Return a good transfer that follows the last one taken."""
        agreement = self.agreement(CHANNEL_OF[which])
        return transfer(agreement, self.place(which), self.kit.keys[which].seal, self.now, exact)

    def packed(self, one: Transfer, which: str = MAIN) -> bytes:
        """Return the envelope of a transfer under the seal keys of a party."""
        return one.packed(self.kit.keys[which].seal)

    async def hello(self, which: str = MAIN) -> int:
        """Return the last sequence number that the target says it has stored of a party's channel."""
        ended = await self.peers[which].stream("Deliver", [self.greeting(which)], seconds=SECONDS)
        require(ended.status == OK and len(ended.messages) == 1, told(ended))
        return peer_pb2.Frame.FromString(ended.messages[0]).hello.confirmed_sequence

    def greeting(self, which: str = MAIN) -> bytes:
        """Return the frame that opens the channel of a party."""
        hello = peer_pb2.Hello(organisation=self.kit.party(which), channel=self.channel(which))
        return peer_pb2.Frame(hello=hello).SerializeToString()

    async def offer(
        self, *pairs: tuple[bytes, bytes], which: str = MAIN, peer: RawPeer | None = None
    ) -> list[Answer]:
        """Send envelopes with payloads on one stream of a party; return their receipts in order.

        Raises:
            Departure: there is not exactly one receipt for each, or one does not hold.
        """
        frames = [self.greeting(which)]
        for envelope, payload in pairs:
            one = peer_pb2.Transfer(envelope=envelope, payload=payload)
            frames.append(peer_pb2.Frame(transfer=one).SerializeToString())
        ended = await (peer or self.peers[which]).stream("Deliver", frames, seconds=SECONDS)
        bodies = [peer_pb2.Frame.FromString(one) for one in ended.messages]
        receipts = [one.receipt for one in bodies if one.WhichOneof("body") == "receipt"]
        try:
            answers = [self.read(one) for one in receipts]
            require(ended.status == OK and len(answers) == len(pairs), told(ended))
        except Departure:
            await self._follow([envelope for envelope, _ in pairs], which)
            raise
        for (envelope, _), answer in zip(pairs, answers, strict=True):
            if answer.said.outcome != _Receipt.OUTCOME_REFUSED:
                self._move(envelope, answer.said.sequence, which)
        return answers

    async def send(self, one: Transfer, which: str = MAIN) -> Answer:
        """Send one transfer under a party's seal; return the receipt."""
        return (await self.offer((self.packed(one, which), one.payload), which=which))[0]

    async def deliver(
        self, exact: Sequence[bytes] | None = None, which: str = MAIN
    ) -> tuple[Transfer, Answer]:
        """Send a good transfer that must be accepted; return it with its receipt.

        Raises:
            Departure: it is not accepted.
        """
        one = self.transfer(exact, which)
        answer = await self.send(one, which)
        require(answer.said.outcome == _Receipt.OUTCOME_ACCEPTED, f"a good transfer: {answer.text}")
        return one, answer

    def read(self, receipt: bytes) -> Answer:
        """Return a receipt once both its signatures are proved to be the target's receipt keys'.

        Raises:
            Departure: the seal does not hold.
        """
        try:
            proved = unseal(
                unpack_envelope(receipt),
                payload_type=RECEIPT_TYPE,
                keyring=self.keyring,
                owner=self.target,
                purpose=Purpose.RECEIPT,
                policy=policy.HYBRID,
                at=self.now,
            )
            said = parse_receipt_statement(proved.statement)
        except GatewayError as error:
            raise Departure(f"a receipt that does not hold: {codes_of(error)}") from error
        require(tuple(sorted(said.key_ids)) == proved.key_ids, "a receipt that names other keys than it has")
        return Answer(receipt, said)

    async def ask(self, method: str, body: bytes, which: str = MAIN) -> Ended:
        """Call a unary method as a party."""
        return await self.peers[which].ask(method, body, seconds=SECONDS)

    def log(self, which: str = MAIN) -> str:
        """Return the name of the target's log about a party."""
        return f"{self.target}/{self.kit.party(which)}"

    async def checkpoint(self) -> Checkpoint:
        """Return the newest checkpoint of the log about the main party, once its signature is proved.

        Raises:
            Departure: there is none, or it does not hold.
        """
        ended = await self.ask("Checkpoint", peer_pb2.CheckpointRequest(log=self.log()).SerializeToString())
        require(ended.status == OK, told(ended))
        note = peer_pb2.CheckpointReply.FromString(ended.messages[0]).checkpoint
        keys = [
            one for one in self.keyring.of(self.target, Purpose.LOG) if one.algorithm is Algorithm.ED25519
        ]
        error: GatewayError | None = None
        for key in keys:
            try:
                return checkpoint.verify(note, NoteKey.of(self.log(), key.public_key))
            except GatewayError as problem:
                error = problem
        raise Departure(f"a checkpoint that does not hold: {codes_of(error)}")

    async def tile(self, path: str) -> Ended:
        """Ask for a static file of the log about the main party."""
        return await self.ask("Tile", peer_pb2.TileRequest(log=self.log(), path=path).SerializeToString())

    def connect(self, keys: Keys | None) -> "contextlib.AbstractAsyncContextManager[RawPeer]":
        """Connect under another identity."""
        return connected(self.kit.target, keys)

    async def _follow(self, envelopes: Sequence[bytes], which: str) -> None:
        """Find out what was taken of envelopes whose receipts say nothing."""
        with contextlib.suppress(Departure):
            confirmed = await self.hello(which)
            for envelope in envelopes:
                self._move(envelope, confirmed, which)

    def _move(self, envelope: bytes, sequence: int, which: str) -> None:
        """Move the channel to the batch of a number, if this envelope holds it and it is ahead."""
        try:
            signed = unpack_envelope(envelope).statement
            said = parse_batch_statement(signed)
        except InputError:
            return
        if said.sequence == sequence > self.place(which).sequence:
            self.places[self.channel(which)] = Place(sequence, hashlib.sha256(signed).hexdigest())
            write_state(self.kit.folder, self.places)


def told(ended: Ended) -> str:
    """Return how a call ended, in one line."""
    return f"{ended.status} {' '.join(ended.codes)}".rstrip()


def codes_of(error: GatewayError | None) -> str:
    """Return the finding codes of an error, which hold no data."""
    return " ".join(one.code for one in error.findings) if error is not None else "no key to check it with"


@contextlib.asynccontextmanager
async def open_stage(kit: Kit, endpoint: str, clock: Callable[[], datetime]) -> AsyncIterator[Stage]:
    """Connect every party to the target and compare where the channels stand.

    Raises:
        ConfigError: the target is not reached, does not know the kit, or stands elsewhere than the kit knows.
    """
    placed = replace(
        kit, target=msgspec.structs.replace(kit.target, endpoint=endpoint or kit.target.endpoint)
    )
    keyring = Keyring([kit.target.material()], now=clock())
    async with contextlib.AsyncExitStack() as stack:
        peers = {
            which: await stack.enter_async_context(connected(placed.target, keys))
            for which, keys in kit.keys.items()
        }
        stage = Stage(placed, clock, keyring, peers, read_state(kit.folder))
        await _compare(stage)
        yield stage


async def _compare(stage: Stage) -> None:
    """Check that the target is there, is the one of the bundle, and stands where the kit remembers.

    The liar's channel is not asked for: from the first run on it should be stopped.
    """
    ended = await stage.ask("Echo", peer_pb2.EchoRequest(nonce=b"kit").SerializeToString())
    if ended.status != OK:
        raise ConfigError(
            f"{stage.kit.target.endpoint} does not answer the kit ({told(ended)}); is it running at this "
            "address, and has its operator loaded the files of `send` and restarted it?"
        )
    echo = peer_pb2.EchoReply.FromString(ended.messages[0])
    if echo.organisation != stage.target:
        raise ConfigError(f"the kit was made for {stage.target}, but another organisation answers")
    for which in (MAIN, BYSTANDER):
        try:
            confirmed = await stage.hello(which)
        except Departure as departure:
            raise ConfigError(
                f"{stage.target} does not open the channel {stage.channel(which)} ({departure.came}); has "
                "its operator signed and loaded every agreement of `send`, and restarted it?"
            ) from departure
        if confirmed != stage.place(which).sequence:
            raise ConfigError(
                f"{stage.target} is at number {confirmed} of {stage.channel(which)}, the kit at "
                f"{stage.place(which).sequence}: its state.json is not of this target; make a new kit"
            )
