# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What a provider says is held against the standard: what forges, replays or stalls is refused."""

import asyncio
import base64
import hashlib
import hmac
import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from gateway.client.identity_provider import IdentityProvider
from gateway.clock import system_clock
from gateway.errors import ConfigError, TryLater, VerificationError
from tests.identity_stage import HostileProvider

NONCE, VERIFIER = "n" * 43, "v" * 43


@pytest.fixture(name="hostile")
async def _hostile():
    """A provider."""
    async with HostileProvider() as one:
        yield one


def client(hostile, **changes):
    """Return a gateway's side of it."""
    return IdentityProvider(hostile.settings(**changes), secret="", clock=system_clock)


async def login(hostile, one=None, nonce=NONCE):
    """Go there, agree, come back."""
    one = one or client(hostile)
    address = await one.address(state="s", nonce=NONCE, challenge=challenge())
    return await one.claims(hostile.agree(address)[1], verifier=VERIFIER, nonce=nonce)


def challenge():
    """Return the challenge of the verifier."""
    return _text(hashlib.sha256(VERIFIER.encode()).digest())


async def why(hostile, **given):
    """Return in which word a login is refused."""
    with pytest.raises(VerificationError) as refused:
        await login(hostile, **given)
    (found,) = refused.value.findings
    assert found.code == "ACCESS-OIDC"
    return found.actual


async def test_a_good_token_gives_its_claims(hostile):
    """A token as it should be is taken, and description and keys are asked once for two logins."""
    one = client(hostile)
    for _ in range(2):
        assert (await login(hostile, one))["groups"] == ["duty"]
    assert sorted(hostile.asked) == ["/.well-known/openid-configuration", "/keys", "/token", "/token"]


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (RSAKey.generate_key(2048, {"kid": "first"}), "RS256"),
        (RSAKey.generate_key(2048, {"kid": "first"}), "PS256"),
        (OKPKey.generate_key("Ed25519", {"kid": "first"}), "Ed25519"),
        (ECKey.generate_key("P-384", {"kid": "first"}), "ES384"),
    ],
)
async def test_other_signatures_by_a_private_key_are_good(hostile, key, algorithm):
    """What providers use beside ES256 is taken."""
    hostile.key, hostile.published = key, [key]
    hostile.header = {"alg": algorithm, "kid": "first"}
    hostile.forge = lambda header, claims: jwt.encode(header, claims, key, [algorithm])
    assert (await login(hostile))["sub"] == "wang.li"


@pytest.mark.parametrize(
    ("claims", "word"),
    [
        ({"iss": "https://elsewhere.example"}, "token"),
        ({"aud": "another"}, "token"),
        ({"aud": ["console", "another"]}, "audience"),
        ({"azp": "another"}, "audience"),
        ({"exp": 1_700_000_000}, "token"),
        ({"exp": "never"}, "token"),
        ({"iat": 4_000_000_000, "exp": 4_000_000_300}, "token"),
        ({"nbf": 4_000_000_000}, "token"),
        ({"nonce": "another"}, "nonce"),
        ({"nonce": 7}, "nonce"),
        ({"sub": ["a"]}, "token"),
        ({"sub": "x" * 300}, "subject"),
    ],
)
async def test_a_token_that_is_not_for_this_login_is_refused(hostile, claims, word):
    """Another issuer, client, time or login is refused though the signature is good."""
    hostile.claims = claims
    assert await why(hostile) == word


@pytest.mark.parametrize("name", ["iss", "sub", "aud", "exp", "iat", "nonce"])
async def test_a_token_that_leaves_something_out_is_refused(hostile, name):
    """No claim that must be there is taken for granted."""
    hostile.without = (name,)
    assert await why(hostile) in {"token", "nonce"}


def _text(raw):
    """Return bytes as a token writes them."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _joined(header, claims):
    """Return what of a token is signed."""
    return f"{_text(json.dumps(header).encode())}.{_text(json.dumps(claims).encode())}"


async def test_an_unsigned_token_is_refused(hostile):
    """The algorithm none is none of ours."""
    hostile.forge = lambda _, claims: _joined({"alg": "none", "kid": "first"}, claims) + "."
    assert await why(hostile) == "token"


@pytest.mark.parametrize("form", ["der", "pem", "jwk"])
async def test_a_token_signed_with_the_public_key_as_a_secret_is_refused(hostile, form):
    """What everybody can read signs nothing, whatever the header says."""
    key = RSAKey.generate_key(2048, {"kid": "first"})
    hostile.published = [key]
    if form == "jwk":
        shared = json.dumps(key.as_dict(private=False)).encode()
    else:
        shared = key.public_key.public_bytes(
            getattr(Encoding, form.upper()), PublicFormat.SubjectPublicKeyInfo
        )

    def forge(_header, claims):
        signed = _joined({"alg": "HS256", "kid": "first"}, claims)
        return f"{signed}.{_text(hmac.digest(shared, signed.encode(), 'sha256'))}"

    hostile.forge = forge
    assert await why(hostile) == "token"


async def test_a_published_shared_secret_is_no_key(hostile):
    """A provider that publishes a symmetric key has none that we take."""
    shared = OctKey.generate_key(256, {"kid": "first"})
    hostile.published = [shared]
    hostile.forge = lambda _, claims: jwt.encode({"alg": "HS256", "kid": "first"}, claims, shared, ["HS256"])
    assert await why(hostile) == "keys"


async def test_a_signature_by_another_key_is_refused(hostile):
    """The name of a key is not the key."""
    other = ECKey.generate_key("P-256", {"kid": "first"})
    hostile.forge = lambda header, claims: jwt.encode(header, claims, other)
    assert await why(hostile) == "token"


async def test_an_unknown_key_is_looked_for_once_a_minute(hostile):
    """A new key is found by asking again, and forged names of keys do not make us ask without end."""
    now = [system_clock()]
    one = IdentityProvider(hostile.settings(), secret="", clock=lambda: now[0])
    await login(hostile, one)
    new = ECKey.generate_key("P-256", {"kid": "second"})
    hostile.key, hostile.published, hostile.header = new, [new], {"alg": "ES256", "kid": "second"}
    assert await why(hostile, one=one) == "key"
    now[0] += timedelta(seconds=61)
    assert (await login(hostile, one))["sub"] == "wang.li"
    hostile.header = {"alg": "ES256", "kid": "second"}
    hostile.forge = lambda _, claims: jwt.encode({"alg": "ES256", "kid": "third"}, claims, new)
    before = hostile.asked.count("/keys")
    for _ in range(5):
        assert await why(hostile, one=one) == "key"
    assert hostile.asked.count("/keys") == before


async def test_a_code_is_good_once_and_for_who_began(hostile):
    """A replayed code, and one brought without the proof, are refused."""
    one = client(hostile)
    address = await one.address(state="s", nonce=NONCE, challenge=challenge())
    _, code = hostile.agree(address)
    assert await one.claims(code, verifier=VERIFIER, nonce=NONCE)
    for again, verifier in ((code, VERIFIER), (hostile.agree(address)[1], "w" * 43)):
        with pytest.raises(VerificationError) as refused:
            await one.claims(again, verifier=verifier, nonce=NONCE)
        assert refused.value.findings[0].actual == "code"


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"padding": 300_000}, "too long an answer"),
        ({"padding": 50_000_000, "compress": True}, "no description"),
        ({"seconds": 3.0}, "no answer in time"),
        ({"status": 302}, "status 302"),
        ({"status": 500}, "status 500"),
        (
            {"description": {"issuer": "https://elsewhere.example"}},
            "a description of another issuer",
        ),
        (
            {"description": {"token_endpoint": "http://192.0.2.1/token"}},
            "a description with addresses that are not https",
        ),
        ({"description": {"jwks_uri": 7}}, "no description"),
        (
            {"description": {"end_session_endpoint": "http://192.0.2.1/leave"}},
            "a description with addresses that are not https",
        ),
    ],
)
async def test_a_provider_that_misbehaves_is_away(hostile, change, word):
    """Answers that are too long, lead elsewhere or are another's begin no login."""
    for name, value in change.items():
        setattr(hostile, name, value)
    with pytest.raises(TryLater) as away:
        await login(hostile)
    (found,) = away.value.findings
    assert (found.code, found.actual) == ("ACCESS-OIDC-AWAY", word)
    assert "/elsewhere" not in hostile.asked


async def test_who_leaves_goes_to_the_logout_that_the_provider_has(hostile):
    """The address says for which client and where to come back, whatever it asked for before."""
    hostile.description = {"end_session_endpoint": f"{hostile.url}/leave?realm=a"}
    where = urlsplit(await client(hostile).farewell())
    assert where.path == "/leave"
    assert parse_qs(where.query) == {
        "realm": ["a"],
        "client_id": ["console"],
        "post_logout_redirect_uri": ["http://127.0.0.1:7480/console/login"],
    }


async def test_a_provider_without_a_logout_has_none(hostile):
    """Nothing is made up for a provider that names no such address."""
    assert await client(hostile).farewell() == ""


async def test_logins_at_one_time_are_few(hostile):
    """A slow provider holds eight logins, and who comes beside them is told to come again at once."""
    one = client(hostile)
    hostile.seconds = 0.5
    waiting = [asyncio.create_task(login(hostile, one)) for _ in range(8)]
    await asyncio.sleep(0.1)
    with pytest.raises(TryLater):
        await one.address(state="s", nonce=NONCE, challenge=challenge())
    assert [found["sub"] for found in await asyncio.gather(*waiting)] == ["wang.li"] * 8


async def test_all_that_a_login_asks_has_one_time(hostile):
    """A provider that answers each question just in time does not hold a login for longer than it may."""
    one = client(hostile, timeout_seconds=1.0)
    address = await one.address(state="s", nonce=NONCE, challenge=challenge())
    code = hostile.agree(address)[1]
    hostile.seconds = 0.7
    with pytest.raises(TryLater):
        await one.claims(code, verifier=VERIFIER, nonce=NONCE)
    assert hostile.asked[-2:] == ["/token", "/keys"]


async def test_a_provider_that_is_down_is_away(hostile):
    """Nobody waits for a provider that is not there."""
    one = client(hostile)
    await hostile.runner.cleanup()
    with pytest.raises(TryLater):
        await one.address(state="s", nonce=NONCE, challenge=challenge())


@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": "http://id.example"},
        {"loopback": False},
        {"console": "http://console.example"},
        {"client_id": ""},
        {"issuer": "file:///etc/passwd"},
    ],
)
async def test_only_settings_that_are_safe_are_taken(hostile, wrong):
    """Without TLS only this machine is asked, and only where the setting says so."""
    with pytest.raises(ConfigError):
        client(hostile, **wrong)
