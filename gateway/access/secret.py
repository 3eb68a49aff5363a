# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Secrets that machines and browsers show: made at random, told once, kept as a digest.

A secret is `<kind>_<number>_<256 random bits>`. The number names the row, so that what is compared in
constant time is one digest; a plain digest is enough, because nobody can guess 256 bits. No person chooses a
secret.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable

RANDOM_BYTES = 32
LARGEST = 2**63 - 1  # number of a row
_DOMAIN = b"customs-ead/secret/v1\x00"
_FORMS = b"customs-ead/form/v1"
_FORM = re.compile(r"(ead[a-z]{1,12})_([0-9]{1,19})_[A-Za-z0-9_-]{43}")


def make(kind: str, number: int, random: Callable[[int], bytes]) -> str:
    """Return a new secret of a kind for the row of a number."""
    chosen = base64.urlsafe_b64encode(random(RANDOM_BYTES)).rstrip(b"=").decode()
    return f"{kind}_{number}_{chosen}"


def named(text: str) -> tuple[str, int] | None:
    """Return kind and number of a text that has the form of a secret, else none."""
    found = _FORM.fullmatch(text)
    return (found[1], int(found[2])) if found is not None and int(found[2]) <= LARGEST else None


def digest(text: str) -> bytes:
    """Return what is kept of a secret."""
    return hashlib.sha256(_DOMAIN + text.encode()).digest()


def form_token(text: str) -> str:
    """Return what the forms of a holder's own pages carry; it says nothing about the secret."""
    return hmac.new(text.encode(), _FORMS, "sha256").hexdigest()


def is_form_token(given: str, text: str) -> bool:
    """Say in constant time whether a form carries the token of a holder."""
    return hmac.compare_digest(given.encode(), form_token(text).encode())


def fits(text: str, kept: bytes) -> bool:
    """Say in constant time whether a text is the secret of which a digest is kept."""
    return hmac.compare_digest(digest(text), kept)
