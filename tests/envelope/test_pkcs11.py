# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Keys in a token, tried against SoftHSM; without it or the extra these tests say why they do not run."""

import importlib.util
import shutil
import subprocess
from pathlib import Path

import pytest

from gateway.envelope import keys, policy
from gateway.envelope.identity import KeySet
from gateway.envelope.pkcs11 import Pkcs11Signer
from gateway.envelope.seal import seal, unseal
from gateway.errors import ConfigError

LIBRARIES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
)
LIBRARY = next((one for one in LIBRARIES if Path(one).exists()), "")
BOUND = importlib.util.find_spec("pkcs11") is not None
TOOL = shutil.which("softhsm2-util")
needs_token = pytest.mark.skipif(
    not (BOUND and TOOL and LIBRARY),
    reason="needs SoftHSM (Debian: softhsm2) and the extra pkcs11 (python-pkcs11)",
)


@pytest.fixture(name="token", scope="module")
def _token(tmp_path_factory):
    """A token with a PIN file; the module reads its place from the environment once, when it is loaded."""
    if not TOOL:
        pytest.skip("needs SoftHSM (Debian: softhsm2)")
    place = tmp_path_factory.mktemp("token")
    (place / "tokens").mkdir()
    (place / "softhsm2.conf").write_text(f"directories.tokendir = {place / 'tokens'}\n")
    (place / "pin").write_text("987654\n")
    (place / "pin").chmod(0o600)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(place / "softhsm2.conf"))
        _softhsm("--init-token", "--free", "--label", "gateway", "--so-pin", "123456", "--pin", "987654")
        yield place


def _softhsm(*words):
    subprocess.run([str(TOOL), *words], check=True, capture_output=True, timeout=60)


def _move(folder, name, token, number):
    """Move a key from its file into the token."""
    file = folder / f"{name}.key"
    label = f"{name}-{number:02d}"
    _softhsm(
        "--import",
        str(file),
        "--token",
        "gateway",
        "--label",
        label,
        "--id",
        f"{number:02d}",
        "--pin",
        "987654",
    )
    file.unlink()
    (folder / f"{name}.pkcs11").write_text(
        f'library = "{LIBRARY}"\ntoken = "gateway"\nlabel = "{label}"\npin_file = "{token / "pin"}"\n'
    )


@needs_token
def test_seal_with_a_key_in_the_token_holds(folder, keyring, now, token):
    """The same certificate, its key in the token: seals are good, and the key file is gone."""
    _move(folder, "seal-p256", token, 1)
    own = KeySet.load(folder)
    assert isinstance(own.seal[0], Pkcs11Signer)
    for number in range(20):  # the lengths of r and s vary
        statement = b"statement %d" % number
        found = unseal(
            seal("t", statement, own.seal),
            payload_type="t",
            keyring=keyring,
            owner="alpha",
            purpose="seal",
            policy=policy.HYBRID,
            at=now,
        )
        assert found.statement == statement


@needs_token
def test_key_of_another_certificate_is_refused(folder, token):
    """A label that names a key of another certificate is found out at loading."""
    _move(folder, "receipt-p256", token, 2)
    own = folder / "seal-p256.key"
    own.unlink()
    (folder / "receipt-p256.pkcs11").rename(folder / "seal-p256.pkcs11")
    with pytest.raises(ConfigError, match="does not belong"):
        KeySet.load(folder)


@needs_token
@pytest.mark.parametrize("fault", ["label", "token", "library", "pin"])
def test_what_cannot_be_opened_is_named(folder, token, fault, tmp_path):
    """A wrong label, token, library or PIN is a configuration error that shows no PIN."""
    _move(folder, "log-p256", token, {"label": 3, "token": 4, "library": 5, "pin": 6}[fault])
    file = folder / "log-p256.pkcs11"
    wrong = tmp_path / "wrong.pin"
    wrong.write_text("000000")
    wrong.chmod(0o600)
    changed = {
        "label": ('label = "log', 'label = "no'),
        "token": ('"gateway"', '"nothing"'),
        "library": (LIBRARY, str(tmp_path / "none.so")),
        "pin": (str(token / "pin"), str(wrong)),
    }[fault]
    file.write_text(file.read_text().replace(*changed))
    with pytest.raises(ConfigError, match="token cannot be used") as caught:
        KeySet.load(folder)
    assert "000000" not in str(caught.value)


@needs_token
def test_ml_dsa_from_a_token_is_refused(folder, token):
    """An algorithm that the binding has no mechanism for is named, not tried."""
    (folder / "seal-mldsa65.pkcs11").write_text(
        f'library = "{LIBRARY}"\ntoken = "gateway"\nlabel = "x"\npin_file = "{token / "pin"}"\n'
    )
    with pytest.raises(ConfigError, match="ml-dsa-65"):
        KeySet.load(folder)


@pytest.mark.parametrize("text", ["", "library = 1", 'library = "a"\ntoken = "b"', "not toml ="])
def test_files_that_say_too_little_are_refused(folder, alpha, text):
    """Every field must be there, whether or not a module is."""
    file = folder / "seal-p256.pkcs11"
    file.write_text(text)
    with pytest.raises(ConfigError):
        Pkcs11Signer.load(file, alpha.seal[0].public_key)


@pytest.mark.skipif(BOUND, reason="the extra pkcs11 is installed")
def test_missing_extra_is_named(folder, alpha):
    """Without the extra the error says what to install."""
    with pytest.raises(ConfigError, match=r"ead-gateway\[pkcs11\]"):
        Pkcs11Signer.load(folder / "seal-p256.pkcs11", alpha.seal[0].public_key)
    assert keys.key_id(alpha.seal[0].public_key) == alpha.seal[0].key_id
