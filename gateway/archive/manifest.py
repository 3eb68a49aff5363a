# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The manifest of an archived day: which files, with which rows, and the logs as they stood.

It is written once as JSON; those bytes are sealed in a DSSE envelope, entered in the anchor log by their
salted digest, and stand beside the files of the day. A later revision of a day names the one before it.
"""

import hashlib

import msgspec

from gateway.errors import VerificationError
from gateway.finding import finding

FORMAT = "customs-ead-archive/1"
MANIFEST_TYPE = "application/vnd.customs-ead.archive-manifest.v1+json"


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file of one table; `first` and `last` are the bounds of the key by which its rows were chosen.

    `rows_digest` is of the rows as they stood in the database, `sha256` of the file; both in hexadecimal.
    """

    table: str
    file: str
    first: int
    last: int
    rows: int
    rows_digest: str
    sha256: str
    bytes: int


class LogRoot(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One log as it stood when the manifest was made; it covers what the files say was logged."""

    name: str
    size: int
    root: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One revision of one day; `schema` is the version of the database, `previous` a digest or empty."""

    format: str
    organisation: str
    day: str
    revision: int
    signature_policy: str
    schema: str
    created_at_ms: int
    previous: str
    columns: dict[str, tuple[str, ...]]
    parts: tuple[Part, ...]
    logs: tuple[LogRoot, ...]


_decode = msgspec.json.Decoder(Manifest).decode


def pack_manifest(manifest: Manifest) -> bytes:
    """Return the bytes that are signed."""
    return msgspec.json.encode(manifest)


def parse_manifest(statement: bytes) -> Manifest:
    """Read the bytes of a manifest whose signatures held.

    Raises:
        VerificationError: it is no manifest of this format.
    """
    try:
        manifest = _decode(statement)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise VerificationError(
            "not a manifest", (finding("ARCHIVE-MANIFEST", actual=str(error)),)
        ) from error
    unsafe = [one.file for one in manifest.parts if "/" in one.file or one.file.startswith(".")]
    if manifest.format != FORMAT or unsafe:
        actual = unsafe[0] if unsafe else manifest.format
        raise VerificationError(
            "not a manifest", (finding("ARCHIVE-MANIFEST", expected=FORMAT, actual=actual),)
        )
    return manifest


def manifest_digest(statement: bytes) -> str:
    """Return by what the next revision names this one."""
    return hashlib.sha256(statement).hexdigest()
