# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A provider is believed by TLS alone: of an authority that is trusted, for its host, and while it lasts."""

import pytest

from gateway.bootstrap.admission import AdmissionSteps
from gateway.client.identity_provider import IdentityProvider
from gateway.client.provider_questions import trusted
from gateway.clock import system_clock
from gateway.errors import ConfigError, TryLater
from gateway.store import TimeIds
from tests.admission_stage import Admitting
from tests.client.test_identity_provider import challenge, login
from tests.enterprise_stage import signing_keys
from tests.identity_stage import HostileProvider, directory_keys, shown


@pytest.fixture(scope="module", name="directory")
def _directory(tmp_path_factory):
    """Keys of a directory with an authority of its own: for localhost, another host, and ended."""
    return directory_keys(tmp_path_factory.mktemp("directory"))


def client(provider, authorities):
    """Return a gateway's side of a provider that it may ask by TLS alone."""
    settings = provider.settings(
        loopback=False, console="https://gateway.example", authorities=str(authorities) if authorities else ""
    )
    trust = trusted(settings.authorities)
    return IdentityProvider(settings, secret="told to nobody", clock=system_clock, trust=trust)


async def why(provider, authorities):
    """Return in which words no login begins."""
    with pytest.raises(TryLater) as away:
        await client(provider, authorities).address(state="s", nonce="n", challenge=challenge())
    (found,) = away.value.findings
    assert found.code == "ACCESS-OIDC-AWAY"
    return found.actual


async def test_a_provider_of_a_private_authority_is_believed(directory) -> None:
    """With its authority in the settings a whole login goes by TLS, to the name in the certificate."""
    async with HostileProvider(shown(directory / "good"), "localhost") as provider:
        one = client(provider, directory / "good" / "ca.pem")
        assert (await login(provider, one))["sub"] == "wang.li"
    assert provider.asked == ["/.well-known/openid-configuration", "/token", "/keys"]


async def test_a_node_asks_with_the_authorities_of_its_settings(directory, tmp_path) -> None:
    """The way from the settings to the provider is whole: with the file a login begins, without it none."""
    admitting = Admitting(f"sqlite:///{tmp_path / 'gateway.sqlite'}", signing_keys(tmp_path / "signing"))
    ids = TimeIds(2, system_clock, admitting.store.highest_id)

    async def begin(provider, authorities):
        settings = provider.settings(
            loopback=False, console="https://gateway.example", authorities=str(authorities)
        )
        steps = AdmissionSteps(
            admitting.store, ids=ids, clock=system_clock, journal=admitting.journal, oidc=settings
        )
        return await steps.logins.begin()

    async with HostileProvider(shown(directory / "good"), "localhost") as provider:
        begun = await begin(provider, directory / "good" / "ca.pem")
        assert begun.address.startswith(f"{provider.url}/authorize?")
        with pytest.raises(TryLater):
            await begin(provider, directory / "other" / "ca.pem")
    await admitting.store.close()


@pytest.mark.parametrize("trust", ["", "other/ca.pem"], ids=["of the system", "another authority"])
async def test_without_its_authority_no_login_begins(directory, trust) -> None:
    """What the system, or another authority, does not vouch for gets no question at all."""
    async with HostileProvider(shown(directory / "good"), "localhost") as provider:
        assert await why(provider, trust and directory / trust) == "a certificate that is not trusted here"
    assert provider.asked == []


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
async def test_a_certificate_for_another_host_is_refused(directory, host) -> None:
    """A good certificate for another name or address is nobody's here."""
    async with HostileProvider(shown(directory / "other"), host) as provider:
        assert await why(provider, directory / "other" / "ca.pem") == "a certificate for another host"
    assert provider.asked == []


async def test_a_certificate_that_has_ended_is_refused(directory) -> None:
    """After its last day a certificate is good for nothing."""
    async with HostileProvider(shown(directory / "ended"), "localhost") as provider:
        assert await why(provider, directory / "ended" / "ca.pem") == "a certificate that has ended"


async def test_what_speaks_no_tls_is_refused(directory) -> None:
    """A server without TLS at an https address gets no question."""
    async with HostileProvider() as provider:
        provider.url = provider.url.replace("http:", "https:")
        assert await why(provider, directory / "good" / "ca.pem") == "no TLS"


@pytest.mark.parametrize("content", [None, "", "no certificate"])
def test_a_file_without_a_certificate_is_a_mistake(tmp_path, content) -> None:
    """A file that is absent, empty or something else is named before anybody logs in."""
    path = tmp_path / "authorities.pem"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ConfigError, match=r"http\.oidc\.authorities"):
        trusted(str(path))
