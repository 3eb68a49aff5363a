# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Who calls: the organisation of the TLS client certificate, as the partner bundles know it.

The handshake proves that the certificate comes from a partner's authority. Which organisation it speaks for,
and whether it is expired or revoked, is asked anew for every call. Bundles and revocation lists are those
read at start: a change of them needs a restart.
"""

from contextvars import ContextVar
from typing import Protocol

from gateway.errors import PolicyRefusal, VerificationError
from gateway.finding import finding
from gateway.server.status import Context

_caller: ContextVar[str] = ContextVar("caller")


class PeerIdentifier(Protocol):
    """What the node knows about certificates."""

    def identify(self, pem: bytes) -> str:
        """Return the organisation (the node's own, or an imported partner) that a certificate speaks for.

        Raises:
            PolicyRefusal: the organisation is no imported partner.
            VerificationError: the certificate is not valid now, revoked, or not one for TLS.
        """


def caller() -> str:
    """Return the organisation whose call is being served."""
    return _caller.get()


def identify(context: Context, identifier: PeerIdentifier) -> str:
    """Find out who calls and remember it for the rest of the call.

    Raises:
        PolicyRefusal: the organisation is no imported partner.
        VerificationError: there is no certificate, or it does not hold.
    """
    pem = next(iter(context.auth_context().get("x509_pem_cert", ())), b"")
    if not pem:
        raise VerificationError("no client certificate", (finding("SERVER-NO-CERTIFICATE"),))
    organisation = identifier.identify(pem)
    _caller.set(organisation)
    return organisation


def check_service(method: str, organisation: str, own: str) -> None:
    """Let submitters of our own organisation use Intake, Enterprises, Controls and Statistics, partners Peer.

    Raises:
        PolicyRefusal: the service is not for this organisation.
    """
    services = ("Intake", "Enterprises", "Controls", "Statistics")
    own_only = tuple(f"/customs.ead.v1.{one}/" for one in services)
    if method.startswith("/customs.ead.v1.Peer/" if organisation == own else own_only):
        raise PolicyRefusal(f"{method} is not for {organisation}", (finding("SERVER-NOT-ALLOWED"),))
