# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The folder of the archive: a folder for each day, its files whole and durable before anything names them.

One process at a time changes the archive (`changing`); readers need no lock, since files are never changed.
"""

import contextlib
import fcntl
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

from gateway.archive.manifest import Part
from gateway.archive.parts import Column, Values, check_part, file_digest, rows_digest, write_part
from gateway.errors import ConfigError, TryLater, VerificationError
from gateway.finding import finding

LOCK = "archive.lock"
OWNER = "owner"
_PART = ".part"


class ArchiveFolder:
    """The files of all archived days."""

    def __init__(self, root: Path, owner: str) -> None:
        """Use the folder of an organisation, which is made when something is first written."""
        self.root = root
        self._owner = owner

    @contextlib.contextmanager
    def changing(self) -> Iterator[None]:
        """Hold the archive for changes.

        Raises:
            TryLater: another process changes it.
            ConfigError: it is the archive of another organisation.
        """
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.root / LOCK).open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise TryLater("another process changes the archive") from None
            owner = self.root / OWNER
            if not owner.exists():
                owner.write_text(self._owner, "utf-8")
            elif owner.read_text("utf-8") != self._owner:
                raise ConfigError(f"{self.root} is the archive of another organisation")
            yield

    def write(
        self,
        day: str,
        name: str,
        *,
        table: str,
        bounds: tuple[int, int],
        columns: Sequence[Column],
        rows: Sequence[Values],
    ) -> Part:
        """Write the rows of a part; return what the manifest says of it."""
        path = self._whole(day, name, lambda aside: write_part(aside, columns, rows))
        return Part(
            table=table,
            file=name,
            first=bounds[0],
            last=bounds[1],
            rows=len(rows),
            rows_digest=rows_digest(rows),
            sha256=file_digest(path),
            bytes=path.stat().st_size,
        )

    def write_manifest(self, day: str, name: str, envelope: bytes) -> None:
        """Write the sealed manifest beside the files that it names."""
        self._whole(day, name, lambda aside: _write(aside, envelope))

    def days(self) -> list[str]:
        """Return the days that have a folder, in order."""
        return sorted(one.name for one in self.root.iterdir() if one.is_dir()) if self.root.is_dir() else []

    def manifests(self, day: str) -> list[str]:
        """Return the names of the manifests of a day, the newest last."""
        folder = self.root / day
        return sorted(one.name for one in folder.glob("manifest-*.json")) if folder.is_dir() else []

    def read_manifest(self, day: str, name: str) -> bytes:
        """Return a sealed manifest, empty if it is not there."""
        path = self.root / day / name
        return path.read_bytes() if path.is_file() else b""

    def check(self, day: str, part: Part, columns: Sequence[str]) -> list[Values]:
        """Return the rows of a part that is the one of the manifest.

        Raises:
            VerificationError: it is not.
        """
        return check_part(self.root / day, part, columns)

    def keep_only(self, day: str, names: Collection[str], needed: Collection[str]) -> list[str]:
        """Remove every file of a day but these; return what was removed.

        Raises:
            VerificationError: a needed file is not there, so that the others may be all there is of its rows,
                as after an older backup of the database was put back.
        """
        folder = self.root / day
        held = {one.name for one in folder.iterdir()} if folder.is_dir() else set()
        for name in sorted(set(needed) - held):
            raise VerificationError(
                f"the archived file {name} is not there", (finding("ARCHIVE-FILE", path=f"{day}/{name}"),)
            )
        gone = sorted(held - set(names))
        for name in gone:
            (folder / name).unlink()
        if gone:
            _sync(folder)
        return gone

    def _whole(self, day: str, name: str, write: Callable[[Path], None]) -> Path:
        """Make a file that appears whole and is durable when this returns."""
        folder = self.root / day
        if not folder.is_dir():
            folder.mkdir(parents=True, mode=0o700)
            _sync(self.root)
        aside = folder / f"{name}{_PART}"
        write(aside)
        with aside.open("rb") as file:
            os.fsync(file.fileno())
        target = aside.rename(folder / name)
        _sync(folder)
        return target


def _write(path: Path, raw: bytes) -> None:
    path.write_bytes(raw)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
