# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Check the seal of a statement before anything in it is read, and compare what it says of its own keys.

The policy comes from the agreements between the two organisations, never from the envelope. Since a statement
may be read only after its seal holds, each policy that some agreement allows is tried, the strictest first;
the caller then compares the one that held with the agreement that the statement names.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from gateway.agreement import Agreement
from gateway.envelope import policy
from gateway.envelope.dsse import Envelope
from gateway.envelope.seal import unseal
from gateway.envelope.trust import Keyring
from gateway.errors import CouldNotCheck, VerificationError


@dataclass(frozen=True, slots=True)
class Proved:
    """A statement whose seal holds under the named policy."""

    statement: bytes
    key_ids: tuple[str, ...]
    policy: str


def prove(
    envelope: Envelope,
    *,
    payload_type: str,
    keyring: Keyring,
    owner: str,
    purpose: str,
    agreements: Iterable[Agreement],
    at: datetime,
) -> Proved:
    """Return the statement that the owner sealed.

    Raises:
        VerificationError: no policy of any agreement is fulfilled.
        CouldNotCheck: the owner is unknown, or its revocation list is missing or stale.
    """
    names = {one.policy for one in agreements} or {policy.HYBRID.name}
    error: VerificationError | CouldNotCheck | None = None
    for chosen in sorted((policy.get(name) for name in names), key=lambda one: -len(one.required)):
        try:
            found = unseal(
                envelope,
                payload_type=payload_type,
                keyring=keyring,
                owner=owner,
                purpose=purpose,
                policy=chosen,
                at=at,
            )
        except (VerificationError, CouldNotCheck) as problem:
            error = error or problem
        else:
            return Proved(found.statement, found.key_ids, chosen.name)
    raise error or VerificationError("no policy to check against")
