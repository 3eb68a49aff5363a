# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Seeded faults of the provider that people log in through: each is named at its layer, with a fix."""

import shutil
from contextlib import ExitStack

import msgspec
import pytest
import tomlkit
from joserfc.jwk import OctKey

from gateway.clock import system_clock
from gateway.doctor import Calls, State, examine
from tests.identity_stage import HostileProvider, beside, directory_keys, shown

CALLS = Calls(timeout=1.0)


class Case:
    """A node, and a provider by TLS with an authority of its own; what a fault changes, it changes here."""

    def __init__(self, folder, directory):
        self.folder = folder
        self.directory = directory
        self.keys = "good"
        self.provider = HostileProvider(host="localhost")
        self.changes = {}
        shutil.copy(directory / "good" / "ca.pem", folder / "authorities.pem")

    def diagnose(self, calls=CALLS):
        """Return what the doctor finds about the provider."""
        if self.keys:
            self.provider.tls = shown(self.directory / self.keys)
        with ExitStack() as running:
            running.enter_context(beside(self.provider))
            usual = {
                "loopback": False,
                "console": "https://gateway.example",
                "authorities": "authorities.pem",
                "issuer": self.provider.url,
            }
            oidc = self.provider.settings(**usual | self.changes)
            if self.changes.get("issuer") == "closed":
                running.close()
                oidc = msgspec.structs.replace(oidc, issuer=self.provider.url)
            path = self.folder / "gateway.toml"
            groups = {"node": {"organisation": "customs-cn"}, "http": {"oidc": msgspec.to_builtins(oidc)}}
            path.write_text(tomlkit.dumps(groups))
            return [one for one in examine(path, calls, system_clock) if one.layer.startswith("provider")]


@pytest.fixture(scope="module", name="directory")
def _directory(tmp_path_factory):
    """Keys of a directory: for localhost, for another host, and ended."""
    return directory_keys(tmp_path_factory.mktemp("directory"))


@pytest.fixture(name="case")
def _case(tmp_path, directory):
    """A node whose provider is good, to be spoilt."""
    return Case(tmp_path, directory)


def nobody(case):
    """Roles that nobody has."""
    case.changes = {"roles": {}}


def unknown_role(case):
    """A role that does not exist."""
    case.changes = {"roles": {"boss": ("duty",)}}


def no_client(case):
    """No name of the gateway at the provider."""
    case.changes = {"client_id": ""}


def absent_authorities(case):
    """A file of authorities that is not there."""
    (case.folder / "authorities.pem").unlink()


def plain(case):
    """A provider on this machine without TLS, as tests have it."""
    case.keys, case.changes = "", {"loopback": True}


def plain_elsewhere(case):
    """A provider elsewhere without TLS."""
    case.changes = {"loopback": True, "issuer": "http://id.example"}


def down(case):
    """A provider that does not run."""
    case.changes = {"issuer": "closed"}


def unknown_host(case):
    """A provider whose name no resolver knows."""
    case.changes = {"issuer": "https://id.invalid"}


def slow(case):
    """A provider that answers too late."""
    case.provider.seconds = 5.0


def system_authorities(case):
    """A private authority that the settings do not name."""
    case.changes = {"authorities": ""}


def other_host(case):
    """A certificate for another host."""
    case.keys = "other"
    shutil.copy(case.directory / "other" / "ca.pem", case.folder / "authorities.pem")


def ended(case):
    """A certificate that has ended."""
    case.keys = "ended"
    shutil.copy(case.directory / "ended" / "ca.pem", case.folder / "authorities.pem")


def no_tls(case):
    """A server that speaks no TLS at an https address."""
    case.keys = ""
    case.provider.scheme = "https"


def absent_description(case):
    """A server that answers, but with no description."""
    case.provider.status = 404


def no_description(case):
    """A description that lacks what a login needs."""
    case.provider.description = {"token_endpoint": None}


def other_issuer(case):
    """An issuer that differs from that of the settings by a slash."""
    case.provider.ending = "/"


def plain_endpoint(case):
    """A token endpoint to which the secret would go without TLS."""
    case.provider.description = {"token_endpoint": "http://id.example/token"}


def no_keys(case):
    """A set without a key."""
    case.provider.published = []


def shared_key(case):
    """A set with a shared secret alone."""
    case.provider.published = [OctKey.generate_key(256, {"kid": "first"})]


def keys_elsewhere(case):
    """An address of keys at which there are none."""
    case.provider.description = {"jwks_uri": "https://localhost:1/keys"}


FAULTS = [
    (nobody, "provider", State.FAIL, "nobody has no role"),
    (unknown_role, "provider", State.FAIL, "boss has no role"),
    (no_client, "provider", State.FAIL, "client_id is empty"),
    (absent_authorities, "provider", State.FAIL, "authorities holds no certificate"),
    (plain, "provider", State.WARN, "without TLS"),
    (plain_elsewhere, "provider", State.FAIL, "issuer must be https"),
    (down, "provider way", State.FAIL, "no connection"),
    (unknown_host, "provider way", State.FAIL, "no connection"),
    (slow, "provider way", State.FAIL, "no answer in time"),
    (system_authorities, "provider tls", State.FAIL, "not trusted here"),
    (other_host, "provider tls", State.FAIL, "for another host"),
    (ended, "provider tls", State.FAIL, "has ended"),
    (no_tls, "provider tls", State.FAIL, "no TLS"),
    (absent_description, "provider answer", State.FAIL, "status 404"),
    (no_description, "provider answer", State.FAIL, "no description"),
    (other_issuer, "provider issuer", State.FAIL, "another issuer"),
    (plain_endpoint, "provider issuer", State.FAIL, "not https"),
    (no_keys, "provider keys", State.FAIL, "no key that can be used (keys)"),
    (shared_key, "provider keys", State.FAIL, "no key that can be used (keys)"),
    (keys_elsewhere, "provider keys", State.FAIL, "no key that can be used (no connection)"),
]


@pytest.mark.parametrize(
    ("fault", "layer", "state", "detail"), FAULTS, ids=[one[0].__name__ for one in FAULTS]
)
def test_the_layer_at_fault_is_named(case, fault, layer, state, detail) -> None:
    """One layer is not well, it is the one that was spoilt, and a fix stands by."""
    fault(case)
    (first,) = [one for one in case.diagnose() if one.state is not State.OK]
    assert (first.layer, first.state, bool(first.fix)) == (layer, state, True)
    assert detail in first.detail


def test_a_good_provider_is_well(case) -> None:
    """Settings and keys are well, and nobody has logged in for that."""
    found = case.diagnose()
    assert [(one.layer, one.state) for one in found] == [("provider", State.OK), ("provider keys", State.OK)]
    assert "keys: 1" in found[1].detail
    assert case.provider.asked == ["/.well-known/openid-configuration", "/keys"]


@pytest.mark.parametrize("calls", [Calls(1.0, offline=True), Calls(1.0, partner="customs-nl")])
def test_a_provider_is_not_asked_when_nobody_or_another_is(case, calls) -> None:
    """With `offline`, or for one partner, the settings alone are looked at."""
    assert [one.layer for one in case.diagnose(calls)] == ["provider"]
    assert case.provider.asked == []


def test_without_a_provider_nothing_is_said(case) -> None:
    """A node at which people log in with keys alone has no such layer."""
    case.changes = {"issuer": "", "authorities": ""}
    assert case.diagnose() == []
