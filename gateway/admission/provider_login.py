# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Log in through a provider that vouches for people.

The rules:

1. A login belongs to one browser: state, nonce and the proof of PKCE are all derived from one random secret
   that this browser keeps. Nothing is kept here, so any node can end what another began.
2. It ends within ten minutes. The session is a new one, of the same kind as those of keys and links.
3. Roles come from one claim by configuration. Who has none of them is not let in.
4. Names begin with `oidc-`, so that nobody who chooses a name elsewhere has that of a key.
5. Logins, and those that were refused, are entries in the anchor log.
6. Of one address only so many ask the provider at one time (`places`).
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from gateway.access import secret
from gateway.admission.keys import ROLES
from gateway.admission.places import Places
from gateway.admission.refusals import Refusals
from gateway.admission.sessions import PROVIDER, Opened, Sessions
from gateway.clock import Clock, milliseconds
from gateway.errors import ConfigError, PolicyRefusal, TryLater, VerificationError
from gateway.finding import finding

LOGIN, ACT = "eadlogin", "provider.login"
LOGIN_MS = 10 * 60_000
LONGEST_CODE = 4096
_PLAIN = re.compile(r"[a-z0-9][a-z0-9._-]{0,58}")


class Provider(Protocol):
    """The provider (`client.identity_provider`)."""

    async def address(self, *, state: str, nonce: str, challenge: str) -> str:
        """Return where a browser goes to log in."""

    async def claims(self, code: str, *, verifier: str, nonce: str) -> Mapping[str, Any]:
        """Return the verified claims about who came back with a code."""

    async def farewell(self) -> str:
        """Return where a browser goes to log out there too, empty if there is no such place."""


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """A login that has begun: what the browser keeps, and where it goes."""

    secret: str
    address: str


class ProviderLogin:
    """Logins through one provider; `roles` are values of `claim` by role."""

    def __init__(
        self,
        provider: Provider,
        sessions: Sessions,
        refusals: Refusals,
        clock: Clock,
        random: Callable[[int], bytes],
        *,
        claim: str,
        roles: Mapping[str, Sequence[str]],
    ) -> None:
        """Take the doors.

        Raises:
            ConfigError: a role does not exist, or there is none.
        """
        require_roles(roles)
        self._provider = provider
        self._sessions = sessions
        self._refusals = refusals
        self._clock = clock
        self._random = random
        self._claim = claim
        self._roles = roles
        self._places = Places()

    async def begin(self, address: str = "") -> Begun:
        """Begin a login from an address, empty for this machine.

        Raises:
            TryLater: the provider does not answer, or too many logins come from this address.
        """
        kept = secret.make(LOGIN, milliseconds(self._clock()), self._random)
        challenge = _text(hashlib.sha256(_derived(kept, "verifier").encode()).digest())
        with self._places.held(address):
            where = await self._provider.address(
                state=_derived(kept, "state"), nonce=_derived(kept, "nonce"), challenge=challenge
            )
        return Begun(secret=kept, address=where)

    async def finish(self, kept: str, state: str, code: str, address: str = "") -> Opened:
        """Begin the session of who comes back from the provider, from an address as in `begin`.

        Raises:
            PolicyRefusal: it is not the browser that went, it comes too late, or its claims give no role.
            VerificationError: the provider's word is not good.
            TryLater: the provider does not answer, or too many logins come from this address.
        """
        named = secret.named(kept)
        age = milliseconds(self._clock()) - named[1] if named is not None and named[0] == LOGIN else -1
        own = hmac.compare_digest(state.encode(), _derived(kept, "state").encode())
        if not 0 <= age < LOGIN_MS or not own or not 0 < len(code) <= LONGEST_CODE:
            await self._refusals.enter(ACT, "unknown", "state", ["ACCESS-OIDC"])
            raise PolicyRefusal("not this login", (finding("ACCESS-OIDC", actual="state"),))
        try:
            with self._places.held(address):
                claims = await self._provider.claims(
                    code, verifier=_derived(kept, "verifier"), nonce=_derived(kept, "nonce")
                )
        except VerificationError as error:
            await self._refusals.enter(ACT, "unknown", error.findings[0].actual or "", ["ACCESS-OIDC"])
            raise
        name, roles = _name(claims["sub"]), self._roles_of(claims.get(self._claim))
        if not roles:
            await self._refusals.enter(ACT, name, self._claim, ["ACCESS-OIDC-ROLE"])
            raise PolicyRefusal("no role", (finding("ACCESS-OIDC-ROLE", path=self._claim),))
        return await self._sessions.admit(name, roles, what=ACT, by=PROVIDER)

    async def farewell(self) -> str:
        """Return where who leaves goes to log out there too, empty if there is no such place now."""
        try:
            return await self._provider.farewell()
        except TryLater:
            return ""

    def _roles_of(self, given: object) -> list[str]:
        """Return the roles that the values of the claim give."""
        values = given if isinstance(given, list) else [given]
        return [role for role, names in self._roles.items() if any(one in names for one in values)]


def require_roles(roles: Mapping[str, Sequence[str]]) -> None:
    """Return if somebody can get a role by a mapping.

    Raises:
        ConfigError: a role does not exist, or there is none.
    """
    wrong = sorted(set(roles) - set(ROLES))
    if wrong or not any(roles.values()):
        raise ConfigError(f"http.oidc.roles: {wrong[0] if wrong else 'nobody'} has no role")


def _name(subject: str) -> str:
    """Return the name of who the provider calls so, always the same."""
    plain = subject if _PLAIN.fullmatch(subject) else hashlib.sha256(subject.encode()).hexdigest()[:32]
    return f"oidc-{plain}"


def _derived(kept: str, what: str) -> str:
    """Return what one use of a browser's secret sees of it."""
    return _text(hmac.digest(kept.encode(), f"customs-ead/login/v1/{what}".encode(), "sha256"))


def _text(raw: bytes) -> str:
    """Return bytes as text without padding (RFC 4648 section 5)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
