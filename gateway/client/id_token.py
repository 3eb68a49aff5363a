# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Verify ID tokens (OpenID Connect Core 1.0, section 3.1.3.7); signatures are the library's (RFC 7515, 8725).

Only signatures by a private key of the provider count: no unsigned token, and none under a shared secret,
whatever its header says. Keys of any other kind in the provider's set are left out.
"""

import hmac
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import JWKRegistry, KeySet, RSAKey

from gateway.errors import VerificationError
from gateway.finding import finding

ALGORITHMS: Final = ("ES256", "ES384", "RS256", "RS384", "PS256", "Ed25519")
KINDS: Final = frozenset({"RSA", "EC", "OKP"})
LEEWAY_SECONDS: Final = 60
SHORTEST_RSA_BITS: Final = 2048
LONGEST_TOKEN, LONGEST_NAME = 32_768, 255
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "key_ops"})


class UnknownKey(VerificationError):
    """The token names a key that is not in the set."""


class _Keys(msgspec.Struct, frozen=True):
    """The keys of a provider as it publishes them (RFC 7517)."""

    keys: list[dict[str, Any]]


def refused(why: str) -> VerificationError:
    """Return that a login is not good; `why` is one of a few words and holds nothing of the token."""
    return VerificationError(f"login refused: {why}", (finding("ACCESS-OIDC", actual=why),))


def read_keys(raw: bytes) -> KeySet:
    """Return the keys of a published set that can verify a signature.

    Raises:
        VerificationError: it is no set, or holds no such key.
    """
    try:
        given = msgspec.json.decode(raw, type=_Keys).keys
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise refused("keys") from error
    keys = []
    for one in given:
        if one.get("kty") not in KINDS or one.get("use", "sig") != "sig":
            continue
        try:
            key = JWKRegistry.import_key({name: one[name] for name in one if name not in _PRIVATE})
            strong = not isinstance(key, RSAKey) or key.public_key.key_size >= SHORTEST_RSA_BITS
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            continue
        if strong:
            keys.append(key)
    if not keys:
        raise refused("keys")
    return KeySet(keys)


def verify(
    token: str, keys: KeySet, *, issuer: str, client_id: str, nonce: str, now: int
) -> Mapping[str, Any]:
    """Return the claims of a token that is good at a time in seconds.

    Raises:
        UnknownKey: its key is not in the set, which may be old.
        VerificationError: it is not good.
    """
    if len(token) > LONGEST_TOKEN:
        raise refused("size")
    try:
        read = jwt.decode(token, keys, ALGORITHMS)
        claims = read.claims
        jwt.JWTClaimsRegistry(
            now=now,
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": issuer},
            sub={"essential": True},
            aud={"essential": True, "value": client_id},
            exp={"essential": True},
            iat={"essential": True},
        ).validate(claims)
    except InvalidKeyIdError as error:
        raise UnknownKey("unknown key", (finding("ACCESS-OIDC", actual="key"),)) from error
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise refused("token") from error
    _check_ours(claims, client_id, nonce)
    return claims


def _check_ours(claims: Mapping[str, Any], client_id: str, nonce: str) -> None:
    """Refuse a token that was made for another client, or for another login than this."""
    audience = claims["aud"]
    several = isinstance(audience, list) and len(audience) > 1
    if claims.get("azp", None if several else client_id) != client_id:
        raise refused("audience")
    given = claims.get("nonce")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), nonce.encode()):
        raise refused("nonce")
    name = claims["sub"]
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME:
        raise refused("subject")
