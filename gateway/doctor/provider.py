# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The provider that people log in through: settings, the way to it, its TLS, its description and its keys.

Nobody logs in here; whether the provider knows this gateway as its client shows only when somebody does.
"""

import asyncio
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

import msgspec

from gateway.admission import require_roles
from gateway.client.identity_provider import IdentityProvider
from gateway.client.provider_questions import Away, Layer, trusted
from gateway.clock import Clock
from gateway.config import Oidc
from gateway.doctor.diagnosis import Diagnosis, State
from gateway.errors import ConfigError, TryLater, VerificationError

NAME: Final = "provider"
_FIXES: Final = {
    Layer.WAY: "see whether the provider runs, and whether its name and port are reached from this machine",
    Layer.TLS: "name a PEM file with the authority of its certificate in http.oidc.authorities, and in"
    " http.oidc.issuer the host that the certificate is for",
    Layer.ANSWER: "mend http.oidc.issuer: below it, /.well-known/openid-configuration is the description",
    Layer.ISSUER: "write http.oidc.issuer as the description has it, to the last slash, and all its addresses"
    " with https",
}
_KEYS: Final = "let the provider publish its keys: RSA from 2048 bits, EC or Ed25519, for signatures"


def provider(settings: Oidc, timeout: float, clock: Clock, *, ask: bool) -> Iterator[Diagnosis]:
    """Examine the provider, if there is one; nothing follows what fails, and with `ask` it is asked."""
    if not settings.issuer:
        return
    try:
        require_roles(settings.roles)
        limit = min(timeout, settings.timeout_seconds)
        asked = IdentityProvider(
            msgspec.structs.replace(settings, timeout_seconds=limit),
            secret="",
            clock=clock,
            trust=trusted(settings.authorities),
        )
    except ConfigError as error:
        fix = "mend [http.oidc] in gateway.toml; docs/access.md has an example"
        yield Diagnosis(NAME, settings.issuer, State.FAIL, str(error), fix)
        return
    if urlsplit(settings.issuer).scheme != "https":
        fix = "for people who log in, use https and take http.oidc.loopback out"
        yield Diagnosis(NAME, settings.issuer, State.WARN, "asked without TLS, on this machine", fix)
    else:
        whose = settings.authorities or "those of the system"
        yield Diagnosis(NAME, settings.issuer, State.OK, f"authorities: {whose}")
    if ask:
        yield asyncio.run(_answers(asked, settings.issuer))


async def _answers(asked: IdentityProvider, issuer: str) -> Diagnosis:
    """Return what the provider says of itself, or the layer at which it does not."""
    try:
        await asked.describe()
    except Away as error:
        return Diagnosis(f"{NAME} {error.layer}", issuer, State.FAIL, error.actual, _FIXES[error.layer])
    try:
        count = await asked.count_keys()
    except (TryLater, VerificationError) as error:
        detail = f"no key that can be used ({error.findings[0].actual})"
        return Diagnosis(f"{NAME} keys", issuer, State.FAIL, detail, _KEYS)
    return Diagnosis(f"{NAME} keys", issuer, State.OK, f"described as it should be, keys: {count}")
