# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Read a file of bearer tokens: one token per line, optionally after the name of its submitter.

`#` begins a comment line. Only digests of tokens are kept.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from gateway.errors import ConfigError

SHORTEST_TOKEN = 16


def load_tokens(path: Path) -> Mapping[bytes, str]:
    """Return submitter names by SHA-256 of their token.

    Raises:
        ConfigError: the file cannot be read, is open to others, or holds no token, a short one or one twice.
    """
    try:
        if path.stat().st_mode & 0o077:
            raise ConfigError(f"{path.name} is open to others; run chmod 600 on it")
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        raise ConfigError(f"cannot read {path.name}: {error.strerror}") from error
    tokens: dict[bytes, str] = {}
    for number, line in enumerate(lines, 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        name, token = words if len(words) > 1 else ("http", words[0])
        digest = hashlib.sha256(token.encode()).digest()
        if len(token) < SHORTEST_TOKEN or digest in tokens:
            raise ConfigError(
                f"{path.name} line {number}: a token under {SHORTEST_TOKEN} characters, or twice"
            )
        tokens[digest] = name
    if not tokens:
        raise ConfigError(f"{path.name} holds no token")
    return tokens
