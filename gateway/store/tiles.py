# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The logs as static files, `<folder>/<log>/checkpoint` and `<folder>/<log>/tile/...` (C2SP tlog-tiles).

A file is written aside, brought to the disk, and renamed into place; then its folder is brought to the disk.
So a file is there whole or not at all. A partial tile that a wider one has replaced is answered from that.
Knows paths and bytes; what they say and whether it is true is the caller's.
"""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from gateway.audit.tiles import TILE_WIDTH, TilePath, bundle, parse_bundle, parse_path
from gateway.audit.tree import HASH_LENGTH
from gateway.store.errors import StoreError

CHECKPOINT = "checkpoint"
_PARTIAL = ".p"
_ASIDE = ".aside"


class TileFiles:
    """The folder of all logs; calls for one log come one after the other, calls for several at any time."""

    def __init__(self, folder: Path) -> None:
        """Keep files below this folder, which need not exist."""
        self._folder = folder

    def stage(self, log: str, files: Mapping[str, bytes]) -> None:
        """Write immutable files durably; returns when files and folders have reached the disk.

        Raises:
            StoreError: the disk does not take them.
        """
        touched: dict[Path, None] = {}
        try:
            for path, content in files.items():
                target = self._folder / log / path
                touched.update(dict.fromkeys(self._make(target.parent)))
                _write(target, content, durable=True)
                touched[target.parent] = None
            for folder in touched:
                _sync(folder)
        except OSError as error:
            raise StoreError(f"cannot write tiles of {log}: {error.strerror}") from error

    def apply(self, log: str, note: bytes, outdated: Sequence[str]) -> None:
        """Replace the `checkpoint` file, then drop partial tiles that wider ones have replaced.

        Neither needs to reach the disk: a restart makes both again.

        Raises:
            StoreError: the disk does not take it.
        """
        try:
            self._make(self._folder / log)
            _write(self._folder / log / CHECKPOINT, note, durable=False)
            for path in outdated:
                self._drop(self._folder / log / path)
        except OSError as error:
            raise StoreError(f"cannot publish {log}: {error.strerror}") from error

    def read(self, log: str, path: str) -> bytes | None:
        """Return the content of a file, none if there is no such file.

        A partial tile may be cut from a wider one.

        Raises:
            VerificationError: the path is not one of a tile, nor `checkpoint`.
        """
        if path == CHECKPOINT:
            return _content(self._folder / log / path)
        wanted = parse_path(path)
        found = _content(self._folder / log / path)
        if found is not None or wanted.width == TILE_WIDTH:
            return found
        for wider in self._wider(log, wanted):
            content = _content(self._folder / log / wider.text)
            if content is not None:
                return _cut(content, wanted, wider)
        return None

    def has(self, log: str, path: str) -> bool:
        """Say whether a file is there under exactly this name."""
        return (self._folder / log / path).is_file()

    def _wider(self, log: str, wanted: TilePath) -> Iterator[TilePath]:
        """Yield the wider files of the same place, the full one first."""
        yield TilePath(wanted.level, wanted.index)
        folder = (self._folder / log / wanted.text).parent
        widths = (int(one.name) for one in folder.glob("*") if one.name.isdigit())
        for width in sorted(one for one in widths if one > wanted.width):
            yield TilePath(wanted.level, wanted.index, width)

    def _make(self, folder: Path) -> list[Path]:
        """Make a folder with those above it; return the folders that have a new member."""
        if folder.is_dir():
            return []
        above = self._make(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        return [*above, folder.parent]

    def _drop(self, path: Path) -> None:
        """Remove a partial tile, and its folder once the full tile stands beside it."""
        path.unlink(missing_ok=True)
        full = path.parent.with_suffix("")
        if path.parent.suffix == _PARTIAL and full.is_file():
            shutil.rmtree(path.parent, ignore_errors=True)


def _write(target: Path, content: bytes, *, durable: bool) -> None:
    """Write a file aside and rename it into place."""
    # Nodes may share the folder; what they write under one name is the same, but not at the same moment.
    aside = target.with_name(f"{target.name}{_ASIDE}-{os.getpid()}")
    with aside.open("wb") as file:
        file.write(content)
        if durable:
            file.flush()
            os.fsync(file.fileno())
    aside.replace(target)


def _sync(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _content(path: Path) -> bytes | None:
    """Return the content of a file, none if it is not there."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _cut(content: bytes, wanted: TilePath, wider: TilePath) -> bytes:
    """Return the beginning of a wider tile or bundle."""
    if wanted.level is not None:
        return content[: wanted.width * HASH_LENGTH]
    return bundle(parse_bundle(content, wider.width)[: wanted.width])
