# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Seal a statement and unseal it again. Blind to what the statement says.

The rules of `unseal`, in this order:

1. The payload type is the one expected; it is signed with the statement, so it cannot be exchanged.
2. There is at least one signature, none is empty, and there are not too many.
3. A key counts once, however often it signed. Key ids find keys, they prove nothing.
4. A signature of an unknown key is no proof; it is left out, and never among the keys that are returned.
5. A known key must belong to the expected owner and purpose, be valid at the given time and not revoked then.
   A known key of somebody else, or a signature that does not hold, refuses the whole envelope.
6. Every algorithm that the policy requires has signed with a key that passed rule 5.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.envelope import keys
from gateway.envelope.dsse import Envelope, check_count, pae
from gateway.envelope.keys import Algorithm
from gateway.envelope.material import require_usable
from gateway.envelope.policy import SignaturePolicy
from gateway.envelope.signer import Signer, sign_envelope
from gateway.envelope.trust import Keyring
from gateway.errors import CouldNotCheck, VerificationError
from gateway.finding import Finding, finding


@dataclass(frozen=True, slots=True)
class Unsealed:
    """A statement that may be parsed, and the ids of the keys that proved it, sorted.

    The caller compares `key_ids` and the policy with what the statement itself says about them.
    """

    statement: bytes
    key_ids: tuple[str, ...]


def seal(payload_type: str, statement: bytes, signers: Sequence[Signer]) -> Envelope:
    """Sign the pre-authentication encoding of a statement with every signer, in the order given."""
    return sign_envelope(payload_type, statement, signers)


def unseal(
    envelope: Envelope,
    *,
    payload_type: str,
    keyring: Keyring,
    owner: str,
    purpose: str,
    policy: SignaturePolicy,
    at: datetime,
) -> Unsealed:
    """Return the statement of an envelope that its owner sealed as the policy asks.

    `at` is the time at which the keys must have been good: now for what arrives, the proven time of receipt
    for what is read from the archive.

    Raises:
        VerificationError: a rule of this module is broken; the findings say which.
        CouldNotCheck: the owner is not known here, or the revocation list is missing or stale.
    """
    _check_form(envelope, payload_type)
    keyring.require_owner(owner)
    message = pae(envelope.payload_type, envelope.statement)
    proved: dict[str, Algorithm] = {}
    problems: list[Finding] = []
    unknown: list[Finding] = []
    unchecked: CouldNotCheck | None = None
    for index, signature in enumerate(envelope.signatures):
        path = f"signatures[{index}]"
        key = keyring.get(signature.key_id)
        if key is None:
            unknown.append(finding("TRUST-KEY-UNKNOWN", path=path, actual=signature.key_id))
            continue
        try:
            require_usable(key, owner=owner, purpose=purpose, at=at)
            keys.verify(key.public_key, message, signature.value)
        except VerificationError as error:
            problems.extend(error.findings)
        except CouldNotCheck as error:
            unchecked = error
        else:
            proved[key.key_id] = key.algorithm
    if unchecked is not None and not problems:
        raise unchecked
    missing = policy.required.difference(proved.values())
    if missing and not problems:
        problems = unknown
    problems += [
        finding("TRUST-ALGORITHM-MISSING", expected=f"{one} for policy {policy.name}")
        for one in sorted(missing)
    ]
    if problems:
        raise VerificationError(f"the seal of {owner} does not hold", tuple(problems))
    return Unsealed(envelope.statement, tuple(sorted(proved)))


def _check_form(envelope: Envelope, payload_type: str) -> None:
    """Check what needs no key: type, count and emptiness."""
    if envelope.payload_type != payload_type:
        problem = finding("TRUST-PAYLOAD-TYPE", expected=payload_type, actual=envelope.payload_type)
        raise VerificationError("the envelope holds another type of statement", (problem,))
    if not envelope.signatures:
        raise VerificationError("the envelope is not signed", (finding("TRUST-UNSIGNED"),))
    check_count(envelope.signatures)
    empty = tuple(
        finding("TRUST-SIGNATURE-EMPTY", path=f"signatures[{index}]")
        for index, signature in enumerate(envelope.signatures)
        if not signature.value
    )
    if empty:
        raise VerificationError("a signature is empty", empty)
