# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Mutations of how a gateway judges transfers: each takes one check out, by a `MonkeyPatch`."""

import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime

from gateway.agreement import AgreementSet
from gateway.conformance.transfer import release
from gateway.envelope import certificates, keys, policy, seal, trust
from gateway.envelope.dsse import Envelope
from gateway.envelope.trust import Keyring
from gateway.errors import InputError, VerificationError
from gateway.exchange import opening
from gateway.finding import finding
from gateway.server import interceptors
from gateway.server.peer import PeerService
from gateway.server.stream import parse_frame
from gateway.wire import convert
from gateway.wire.payload import Entry

NEVER = datetime.max.replace(tzinfo=UTC)
EVER = datetime.min.replace(tzinfo=UTC)


def signatures_not_checked(patch):
    """Take every signature as good."""
    patch.setattr(keys, "verify", lambda *_: None)


def form_not_checked(patch):
    """Take every payload type, and envelopes without signatures."""
    patch.setattr(seal, "_check_form", lambda *_: None)


def count_not_bounded(patch):
    """Take any number of signatures."""
    patch.setattr(seal, "check_count", lambda *_: None)


def policy_asks_nothing(patch):
    """Let a policy require no algorithm."""
    patch.setattr(policy, "get", lambda name: policy.SignaturePolicy(name, frozenset()))


def unknown_fields_taken(patch):
    """Parse what holds fields that nobody knows."""
    patch.setattr(convert, "parse_whole", lambda kind, raw, _: kind.FromString(raw))


def named_keys_not_compared(patch):
    """Take whatever a statement says of its keys and policy."""
    patch.setattr(opening, "_check_proof", lambda *_: [])
    agreement = opening._agreement

    def careless(statement, agreements, at):
        found = agreements.current(statement.agreement_id, at)
        if found is not None:
            statement.signature_policy = found.policy
        return agreement(statement, agreements, at)

    patch.setattr(opening, "_agreement", careless)


def strangers_refuse(patch):
    """Refuse an envelope over a signature of an unknown key."""
    get = Keyring.get

    def strict(ring, key_id):
        found = get(ring, key_id)
        if found is None:
            raise VerificationError("unknown")
        return found

    patch.setattr(Keyring, "get", strict)


def usable(**other):
    """Return the mutation that leaves one thing out when a key of a seal is judged."""

    def mutation(patch):
        require = seal.require_usable

        def careless(key, *, owner, purpose, at):
            chosen = {"owner": owner, "purpose": purpose, "at": at}
            chosen |= {name: getattr(key, name) for name in other.get("of_key", ())}
            require(replace(key, **other.get("key", {})), **chosen)

        patch.setattr(seal, "require_usable", careless)

    return mutation


def certificates_not_pinned(patch):
    """Believe every certificate that gets through the handshake."""
    believe = lambda _, pem, __: certificates.organisation_of(certificates.load(pem))  # noqa: E731
    patch.setattr(Keyring, "identify", believe)


def connections_not_judged(patch):
    """Take TLS keys whatever their dates and revocation."""
    patch.setattr(trust, "require_usable", lambda *_, **__: None)


def ends_not_checked(patch):
    """Take statements of and for anybody."""
    patch.setattr(opening, "_check_ends", lambda *_: [])


def greeting_not_compared(patch):
    """Open a stream in whatever name it asks for."""

    async def careless(_, inbox, __, **___):
        event = await inbox.next()
        inbox.handled()
        return parse_frame(event).hello

    patch.setattr(PeerService, "_greeting", careless)


def services_open_to_all(patch):
    """Let everybody call everything."""
    patch.setattr(interceptors, "check_service", lambda *_: None)


def agreements_for_ever(patch):
    """Name agreements that are not in force."""
    patch.setattr(AgreementSet, "in_force", lambda every, _: tuple(every))


class Anything:
    """Equal to whatever it is compared with."""

    def __eq__(self, _):
        return True

    def __ne__(self, _):
        return False

    __hash__ = None


def agreement_not_compared(patch):
    """Take every statement under the one agreement there is for deliveries."""
    patch.setattr(opening, "_agreement", lambda _, every, at: (every.current("kit-item", at), []))


def agreements_never_end(patch):
    """Take agreements before their time and after it."""
    patch.setattr(AgreementSet, "current", lambda every, name, _: every.get(name))


def time_not_checked(patch):
    """Take statements of any time."""
    patch.setattr(opening, "_check_time", lambda *_: [])


def releases_not_checked(patch):
    """Take records whatever the agreement lets them hold."""
    patch.setattr(opening, "check_release", lambda *_: [])


def releases_always_wrong(patch):
    """Reject every record, also those that the quick way finds sound."""
    patch.setattr(opening, "compile_sound", lambda _: lambda _: None)
    patch.setattr(opening, "check_release", lambda *_: [finding("AGREEMENT-TOO-WIDE")])


def references_not_checked(patch):
    """Take any reference."""
    patch.setattr(opening, "_REFERENCE", re.compile(".*"))


def records_one_by_one(patch):
    """Forget which records stood before in the batch."""
    records = opening._records

    def careless(agreement, entries):
        for one in entries:
            yield from records(agreement, [one])

    patch.setattr(opening, "_records", careless)


def unreadable_records_taken(patch):
    """Take what cannot be read for a good record."""
    unpack = opening.unpack_release

    def careless(raw):
        try:
            return unpack(raw)
        except InputError:
            return release()

    patch.setattr(opening, "unpack_release", careless)


def believing_statement(*names):
    """Return the mutation that believes the payload where the statement says something else."""

    def mutation(patch):
        entries = opening._entries

        def careless(statement, payload):
            if "digest" in names:
                statement.payload_digest = hashlib.sha256(payload).digest()
            if "count" in names:
                statement.count = len(opening.unpack_entries(payload))
            return entries(statement, payload) if statement.count else ([], [])

        patch.setattr(opening, "_entries", careless)

    return mutation


def root_not_compared(patch):
    """Take every root."""
    patch.setattr(opening, "batch_root", lambda _: Anything())


def records_not_counted(patch):
    """Take a batch of any number of records."""
    patch.setattr(opening, "MAX_RECORDS", 1 << 30)


def salts_not_measured(patch):
    """Take salts of any length."""
    patch.setattr(Entry, "well_formed", True)


def noise_is_an_envelope(patch):
    """Take what cannot be read for an envelope that says nothing."""
    unpack = opening.unpack_envelope

    def careless(raw):
        try:
            return unpack(raw)
        except InputError:
            return Envelope("", b"", ())

    patch.setattr(opening, "unpack_envelope", careless)


def values_in_findings(patch):
    """Repeat values of records in findings."""
    check = opening.check_release

    def leaking(agreement, one):
        name = one.item.addressee.name if one.item.addressee else ""
        return [*check(agreement, one), finding("AGREEMENT-TOO-WIDE", path="addressee.name", expected=name)]

    patch.setattr(opening, "check_release", leaking)
