# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway pki` as an operator uses it."""

import json

import pytest
from typer.testing import CliRunner

from gateway.cli.pki import app
from gateway.errors import ConfigError

runner = CliRunner()


def run(*arguments):
    """Run the command; errors come out as they are."""
    return runner.invoke(app, [str(one) for one in arguments], catch_exceptions=False)


@pytest.fixture(name="keys")
def _keys(tmp_path):
    """A keys folder made by the command."""
    folder = tmp_path / "keys"
    result = run("create", "--organisation", "alpha", "--folder", folder, "--host", "gateway.example")
    assert result.exit_code == 0
    return folder


def rows(folder) -> list[dict]:
    """Return the keys that `show` lists."""
    return json.loads(run("show", folder, "--json").stdout)["keys"]


def test_create_makes_good_keys(keys) -> None:
    """A made folder lists ten good keys."""
    found = rows(keys)
    assert len(found) == 10
    assert {row["state"] for row in found} == {"good"}
    assert "seal" in run("show", keys).stdout


def test_rotate_in_three_steps(keys) -> None:
    """Rotation makes next keys, brings them into use, and destroys the old ones."""
    for step, slots in (
        ((), {"present", "next"}),
        (("--activate",), {"present", "old"}),
        (("--retire",), {"present", "retired"}),
    ):
        assert run("rotate", "seal", "--folder", keys, *step).exit_code == 0
        assert {row["slot"] for row in rows(keys) if row["purpose"] == "seal"} == slots


def test_revoked_present_key_fails_show(keys) -> None:
    """A revoked key is shown as such and makes the command fail."""
    assert run("revoke", keys / "tls.pem", "--folder", keys, "--reason", "keyCompromise").exit_code == 0
    assert run("show", keys).exit_code == 1
    assert {row["state"] for row in rows(keys) if row["purpose"] == "tls"} == {"TRUST-KEY-REVOKED"}


def test_renewed_list_keeps_keys_good(keys) -> None:
    """Renewing the revocation list leaves every key as it was."""
    assert run("renew-crl", "--folder", keys).exit_code == 0
    assert run("show", keys).exit_code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("rotate", "admin"),
        ("rotate", "seal", "--activate", "--retire"),
        ("revoke", "tls.pem", "--reason", "boredom"),
        ("revoke", "tls.pem", "--since", "yesterday"),
        ("revoke", "tls.pem", "--since", "2026-11-22T10:00:00"),
    ],
)
def test_wrong_words_are_refused(keys, arguments) -> None:
    """Unknown purposes, reasons and times are refused as wrong usage."""
    named = [keys / one if one == "tls.pem" else one for one in arguments]
    with pytest.raises(ConfigError):
        run(*named, "--folder", keys)
