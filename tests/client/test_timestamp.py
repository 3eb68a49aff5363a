# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Asking an authority over HTTP: what it may answer, and what each other answer is called."""

import pytest

from gateway.client.timestamp import AuthorityError, HttpAuthority
from gateway.envelope.timestamp import make_query
from gateway.errors import ConfigError
from tests.timestamp_authority import Authority, Certificates, need_openssl

FAULTS = {
    "silence": "STAMP-SILENT",
    "large": "STAMP-SIZE",
    "status": "STAMP-HTTP",
    "redirect": "STAMP-HTTP",
    "type": "STAMP-HTTP",
}


@pytest.fixture(scope="module", name="certificates")
def _certificates(tmp_path_factory):
    """Certificates of an authority."""
    need_openssl()
    return Certificates(tmp_path_factory.mktemp("authority"))


def client(url, seconds=5.0):
    """Return a client with limits."""
    return HttpAuthority(url, timeout_seconds=seconds, max_reply_bytes=65_536)


@pytest.mark.parametrize("fault", FAULTS)
async def test_each_wrong_answer_has_its_finding(certificates, fault) -> None:
    """Silence, too many bytes, another status, a redirect and another type are refused, each by its name."""
    async with Authority(certificates) as authority:
        authority.fault = fault
        with pytest.raises(AuthorityError) as caught:
            await client(authority.url, 0.3 if fault == "silence" else 5.0).ask(make_query(b"note").der)
        assert caught.value.findings[0].code == FAULTS[fault]
        assert authority.asked == 1


async def test_absent_authority_is_unreachable(certificates) -> None:
    """Where nobody listens, the authority cannot be reached."""
    async with Authority(certificates) as authority:
        url = authority.url
        assert await client(url).ask(make_query(b"note").der)
    with pytest.raises(AuthorityError) as caught:
        await client(url).ask(make_query(b"note").der)
    assert caught.value.findings[0].code == "STAMP-UNREACHABLE"


@pytest.mark.parametrize(
    "url",
    ["http://192.0.2.1/tsa", "http://tsa.example/", "ftp://127.0.0.1/", "file:///tmp/x", "", "https:///x"],
)
def test_plain_http_leaves_this_machine_never(url) -> None:
    """Only https, or http on this machine, is taken as an address."""
    with pytest.raises(ConfigError):
        client(url)
