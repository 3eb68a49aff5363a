# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Undo the compression of a message (gzip RFC 1952, zstd RFC 8878) without letting it grow beyond a bound.

The size is watched while the message expands; what is cut short or has bytes after its end is refused.
"""

import zlib
from dataclasses import dataclass

import zstandard

from gateway.errors import InputError
from gateway.finding import finding

ENCODINGS = ("", "gzip", "zstd")
_GZIP_WINDOW = 31
_STEP = 512  # so much can expand to 16 MiB at most, before the size is looked at again
_WINDOW_LOG = 27


@dataclass(frozen=True, slots=True)
class Sizes:
    """What one message may cost, in bytes and messages at once."""

    max_compressed_bytes: int = 8 * 1024 * 1024
    max_bytes: int = 32 * 1024 * 1024
    max_in_flight: int = 32


def expand(raw: bytes, encoding: str, sizes: Sizes) -> bytes:
    """Return the message as it was before compression.

    Raises:
        InputError: too large before or after, an unknown encoding, or bytes that do not decompress.
    """
    if not raw:
        raise InputError("the message is empty", (finding("INTAKE-EMPTY"),))
    if encoding not in ENCODINGS:
        raise InputError("unknown encoding", (finding("INTAKE-ENCODING", expected="gzip, zstd"),))
    limit = sizes.max_compressed_bytes if encoding else sizes.max_bytes
    if len(raw) > limit:
        raise _too_large(limit)
    try:
        if encoding == "gzip":
            return _gunzip(raw, sizes.max_bytes)
        if encoding == "zstd":
            return _unzstd(raw, sizes.max_bytes)
    except (zlib.error, zstandard.ZstdError) as error:
        raise InputError("the message does not decompress", (finding("INTAKE-COMPRESSION"),)) from error
    return raw


def _gunzip(raw: bytes, limit: int) -> bytes:
    """Expand one gzip member, never beyond the limit."""
    stream = zlib.decompressobj(_GZIP_WINDOW)
    whole = stream.decompress(raw, limit + 1)
    if len(whole) > limit:
        raise _too_large(limit)
    if not stream.eof or stream.unused_data:
        raise zlib.error("cut short, or bytes after the end")
    return whole


def _unzstd(raw: bytes, limit: int) -> bytes:
    """Expand one zstd frame, never beyond the limit; its window is limited too, since it is memory."""
    stream = zstandard.ZstdDecompressor(max_window_size=1 << _WINDOW_LOG).decompressobj()
    parts: list[bytes] = []
    size = 0
    for start in range(0, len(raw), _STEP):
        if stream.eof:
            raise zstandard.ZstdError("bytes after the end")
        part = stream.decompress(raw[start : start + _STEP])
        size += len(part)
        if size > limit:
            raise _too_large(limit)
        parts.append(part)
    if not stream.eof or stream.unused_data:
        raise zstandard.ZstdError("cut short, or bytes after the end")
    return b"".join(parts)


def _too_large(limit: int) -> InputError:
    """Return the refusal of a message above a limit."""
    return InputError(
        "the message is too large", (finding("INTAKE-TOO-LARGE", expected=f"at most {limit} bytes"),)
    )
