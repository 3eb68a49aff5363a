# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What a worker process knows: adapters, agreements and trust, read once from the configuration.

The child makes its own from the file; the parent hands over nothing but the path of it.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from gateway.agreement import Agreement, AgreementSet, Treat, compile_treatment, load_folder
from gateway.audit import derive_salt
from gateway.clock import moment, system_clock
from gateway.config import Config
from gateway.envelope.identity import KeySet
from gateway.envelope.trust import Keyring
from gateway.errors import ConfigError, PolicyRefusal
from gateway.exchange.answering import with_answer
from gateway.exchange.opening import open_transfer
from gateway.exchange.release import ShortWay, compile_short_way, prepare
from gateway.exchange.restate import documents_of
from gateway.exchange.rows import (
    OpenedTransfer,
    PackedContribution,
    PackedDocument,
    PackedMessage,
    PreparedBatch,
    ToRelease,
)
from gateway.exchange.translate import write_batch
from gateway.exchange.under import compared
from gateway.exchange.webhook_rows import WrittenBatch
from gateway.finding import finding
from gateway.model import DecodedMessage, pack_contribution
from gateway.registry import load_adapters, recognise
from gateway.sdk import Limits
from gateway.signature_check import SignatureCheck

PSEUDONYM_KEY_BYTES = 32


def pseudonym_key(keys_folder: Path, agreement: str) -> bytes:
    """Return the key of an agreement's pseudonyms, derived from the node's own secret.

    Raises:
        ConfigError: the keys folder holds no `pseudonym.key` of 32 bytes.
    """
    path = keys_folder / "pseudonym.key"
    secret = path.read_bytes() if path.exists() else b""
    if len(secret) != PSEUDONYM_KEY_BYTES:
        raise ConfigError(f"{path} must hold {PSEUDONYM_KEY_BYTES} random bytes; `gateway init` makes it")
    return derive_salt(secret, f"pseudonym|{agreement}")


def load_trust(config: Config) -> tuple[KeySet, Keyring, AgreementSet]:
    """Read own keys, partners' bundles and signed agreements.

    Raises:
        ConfigError: a folder or file is absent or wrong.
        VerificationError: a bundle or an agreement does not hold.
    """
    now = system_clock()
    own = KeySet.load(Path(config.keys))
    if own.organisation != config.node.organisation:
        raise ConfigError(
            f"the keys are those of {own.organisation}, but node.organisation is {config.node.organisation}"
        )
    keyring = Keyring.from_folder(Path(config.partners), own, now)
    return own, keyring, load_folder(Path(config.agreements), keyring, now)


class NodeJobs:
    """The jobs of one node's workers (`gateway.workers.Jobs`)."""

    def __init__(self, config: Config) -> None:
        """Load everything that jobs need."""
        self._organisation = config.node.organisation
        self._keys = Path(config.keys)
        self._adapters = load_adapters(config.adapters)
        self._partners = Path(config.partners)
        self._own, self._keyring, self._agreements = load_trust(config)
        limits = config.intake
        self._limits = Limits(
            max_bytes=limits.max_bytes, max_depth=limits.max_depth, max_elements=limits.max_elements
        )
        self._signatures = SignatureCheck(config.xml_signature, system_clock)
        self._treatments: dict[tuple[str, int], tuple[Treat, ShortWay]] = {}

    def decode(self, adapter: str, raw: bytes, now: int = 0) -> PackedMessage:
        """Read a message with the named adapter, or the one that recognises it; foresee the answer."""
        name = adapter or recognise(self._adapters, raw)
        if not name:
            known = ", ".join(sorted(self._adapters))
            return PackedMessage(
                adapter="",
                message_type="",
                message_id="",
                sender="",
                documents=(),
                findings=(finding("INTAKE-UNREADABLE", expected=known),),
            )
        reader = self._adapters[name]
        message = reader.decode(raw, self._limits)
        found = self._signatures.findings(reader, raw, self._limits)
        if found:
            message = msgspec.structs.replace(message, findings=(*found, *message.findings))
        packed = pack_message(message)
        return with_answer(reader, packed, moment(now)) if now else packed

    def decode_under(self, adapter: str, raw: bytes, agreement: str, now: int) -> PackedMessage:
        """Read a partner's message, and compare its records with the agreement under which it comes."""
        message = self._adapters[adapter].decode(raw, self._limits)
        return pack_message(compared(message, self._agreement(agreement, now)))

    def write(self, adapter: str, types: Mapping[str, str], payload: bytes, now: int) -> WrittenBatch:
        """Write the records of a payload in a partner's format."""
        return write_batch(self._adapters[adapter], types, payload, moment(now))

    def prepare(self, agreement: str, shares: Sequence[ToRelease], now: int) -> PreparedBatch:
        """Make the payload of a batch under the version of the agreement that is in force."""
        current = self._agreement(agreement, now)
        treat, short = self._treatment(current)
        return prepare(current, treat, shares, short=short)

    def restate(self, payload: bytes, record: str, rejected: Sequence[int]) -> tuple[PackedDocument, ...]:
        """Return the records of a received payload as documents of our own."""
        return documents_of(payload, record, rejected)

    def open(self, partner: str, envelope: bytes, payload: bytes, now: int) -> OpenedTransfer:
        """Check a received transfer."""
        return open_transfer(
            partner,
            envelope,
            payload,
            now,
            organisation=self._organisation,
            keyring=self._keyring,
            agreements=self._agreements,
        )

    def renew_trust(self) -> None:
        """Read the bundles anew; own keys prove nothing that is opened."""
        now = system_clock()
        self._keyring.become(Keyring.from_folder(self._partners, self._own, now))

    def _agreement(self, agreement: str, now: int) -> Agreement:
        """Return the agreement in force."""
        current = self._agreements.current(agreement, moment(now))
        if current is None:
            raise PolicyRefusal(f"agreement {agreement} is not in force")
        return current

    def _treatment(self, agreement: Agreement) -> tuple[Treat, ShortWay]:
        """Return the compiled treatment of an agreement, and its short way."""
        key = (agreement.id, agreement.version)
        if key not in self._treatments:
            secret = pseudonym_key(self._keys, agreement.id)
            self._treatments[key] = (
                compile_treatment(agreement, secret),
                compile_short_way(agreement, secret),
            )
        return self._treatments[key]


def pack_message(message: DecodedMessage) -> PackedMessage:
    """Return a decoded message as it crosses a process border."""
    return PackedMessage(
        adapter=message.adapter,
        message_type=message.message_type,
        message_id=message.message_id,
        sender=message.sender,
        once=message.once,
        findings=message.findings,
        documents=tuple(
            PackedDocument(
                position=document.position,
                reference=document.reference,
                echo=document.echo,
                findings=document.findings,
                contributions=tuple(
                    PackedContribution(
                        kind=one.kind,
                        function=one.function,
                        reference=one.reference,
                        keys=one.keys,
                        body=pack_contribution(one),
                    )
                    for one in document.contributions
                ),
            )
            for document in message.documents
        ),
    )
