# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A private key in a hardware module or its like (PKCS #11 v3.1), used but never seen.

`<name>.pkcs11` stands in the keys folder in the place of `<name>.key`. It is TOML and says where the key is:

    library = "/usr/lib/softhsm/libsofthsm2.so"
    token = "gateway"
    label = "seal-p256"
    pin_file = "token.pin"    # relative to the file; open to its owner only

Needs the extra `pkcs11`; without it loading fails by name. ECDSA on P-256 and Ed25519 can be signed with: of
ML-DSA the library behind this knows no mechanism that was tried, so it is refused rather than guessed.
"""

import hashlib
import threading
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from gateway.envelope import keys
from gateway.envelope.keys import Algorithm, PublicKey
from gateway.errors import ConfigError, VerificationError

SUFFIX = ".pkcs11"
_PROBE = b"customs-ead/pkcs11-probe/v1\x00"
_FIELDS = ("library", "token", "label", "pin_file")


@dataclass(frozen=True, slots=True)
class _Token:
    """An open session; `lock` guards it, since a session has one operation at a time."""

    session: Any
    lock: threading.Lock


class Pkcs11Signer:
    """A key of a token; all keys of one token share a session, because a process can log in but once."""

    def __init__(self, private_key: Any, mechanism: Any, public_key: PublicKey, lock: threading.Lock) -> None:
        """Take a key handle of the library with its mechanism, and the public half from the certificate."""
        self._private_key = private_key
        self._mechanism = mechanism
        self._lock = lock
        self.algorithm, self.public_key = keys.checked(public_key)
        self.key_id = keys.key_id(self.public_key)

    @classmethod
    def load(cls, path: Path, public_key: PublicKey) -> "Pkcs11Signer":
        """Open the key that a file names, and try it against the public key of its certificate.

        Raises:
            ConfigError: the extra is not installed, the file is wrong, the module, token or key cannot be
                used, or the key belongs to another certificate.
        """
        library = _library()
        where = _where(path)
        algorithm, _ = keys.checked(public_key)
        kinds = {
            Algorithm.ECDSA_P256: (library.KeyType.EC, library.Mechanism.ECDSA),
            Algorithm.ED25519: (library.KeyType.EC_EDWARDS, library.Mechanism.EDDSA),
        }
        if algorithm not in kinds:
            raise ConfigError(f"{path.name}: keys of {algorithm} cannot be used from a token; use a key file")
        kind, mechanism = kinds[algorithm]
        pin = keys.read_private_file(path.parent / where["pin_file"]).decode().strip()
        try:
            token = _open(where["library"], where["token"], pin)
            with token.lock:
                private_key = token.session.get_key(
                    object_class=library.ObjectClass.PRIVATE_KEY, key_type=kind, label=where["label"]
                )
            signer = cls(private_key, mechanism, public_key, token.lock)
            keys.verify(public_key, _PROBE, signer.sign(_PROBE))
        except (library.PKCS11Error, RuntimeError, OSError) as error:
            raise ConfigError(f"{path.name}: the token cannot be used: {type(error).__name__}") from error
        except VerificationError as error:
            raise ConfigError(f"{path.name} names a key that does not belong to its certificate") from error
        return signer

    def sign(self, message: bytes) -> bytes:
        """Return a signature of the message."""
        if self.algorithm is Algorithm.ED25519:
            return self._sign(message)
        # The token signs the digest and gives r and s side by side; X9.62 wants them as DER.
        raw = self._sign(hashlib.sha256(message).digest())
        half = len(raw) // 2
        return encode_dss_signature(int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))

    def _sign(self, data: bytes) -> bytes:
        """Let the token sign."""
        with self._lock:
            return bytes(self._private_key.sign(data, mechanism=self._mechanism))


@cache
def _open(library: str, token: str, pin: str) -> _Token:
    """Log in to a token, once in a process; what fails is tried again at the next call."""
    session = _library().lib(library).get_token(token_label=token).open(user_pin=pin)
    return _Token(session, threading.Lock())


def _library() -> Any:
    """Import the binding.

    Raises:
        ConfigError: it is not installed.
    """
    try:
        import pkcs11  # noqa: PLC0415  # an optional extra
    except ModuleNotFoundError as error:
        raise ConfigError(
            "keys in a token need the extra pkcs11: pip install 'ead-gateway[pkcs11]'"
        ) from error
    return pkcs11


def _where(path: Path) -> dict[str, str]:
    """Read where the key is.

    Raises:
        ConfigError: the file cannot be read, or lacks or adds a field.
    """
    try:
        read = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot read {path.name}") from error
    if set(read) != set(_FIELDS) or not all(isinstance(one, str) and one for one in read.values()):
        raise ConfigError(f"{path.name} must say {', '.join(_FIELDS)}, each as a text, and nothing else")
    return read
