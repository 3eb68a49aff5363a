# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The watched folder: message files in, acknowledgements beside them out.

Rules:

1. A file is taken when its size and time stood still between two looks. Hidden files, `*.part` and `*.tmp`
   are somebody's work in progress.
2. It is moved only after its message is durable. After a crash it is taken again, and the same bytes get the
   same answer.
3. It lands in `done` or `refused` with its acknowledgement beside it, written whole before the move.
4. What is no plain file, cannot be read or is too large lands in `failed` with the findings beside it. Links
   are never followed.
5. Logs name message ids and finding codes; a file name may hold anything, so it stays out of them.
"""

import asyncio
import os
import stat
import threading
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import structlog

from gateway.config import Folder, IntakeLimits
from gateway.errors import GatewayError, InputError
from gateway.finding import Finding, finding
from gateway.server.intake import Intake, Submission, was_refused

DONE, REFUSED, FAILED = "done", "refused", "failed"
UNFINISHED = (".part", ".tmp")
ENCODINGS = {".gz": "gzip", ".zst": "zstd"}
NAME_BYTES = 180  # leaves room for an id before and .receipt.json behind, within 255

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Seen:
    """How a file looked; two equal looks mean that nobody is writing."""

    inode: int
    size: int
    modified_ns: int
    mode: int


class WatchedFolder:
    """One folder; `run` until cancelled."""

    def __init__(self, settings: Folder, limits: IntakeLimits, intake: Intake, *, at_once: int = 4) -> None:
        """Hand at most `at_once` files to intake at one time."""
        self._settings = settings
        self._limits = limits
        self._intake = intake
        self._at_once = asyncio.Semaphore(at_once)
        self._root = Path(settings.path)
        self._seen: dict[str, Seen] = {}
        self._moving = threading.Lock()

    async def run(self) -> None:
        """Look, take what is complete, pause, for ever."""
        while True:
            await self.look()
            await asyncio.sleep(self._settings.poll_seconds)

    async def look(self) -> None:
        """Take every file that has not changed since the last look."""
        now = await asyncio.to_thread(self._list)
        stable = [name for name, seen in sorted(now.items()) if self._seen.get(name) == seen]
        self._seen = now
        await asyncio.gather(*(self._take(name) for name in stable))

    async def _take(self, name: str) -> None:
        """Submit one file and move it; whatever fails here leaves it for the next look."""
        async with self._at_once:
            try:
                raw = await asyncio.to_thread(self._read, name)
                done = await self._intake.submit(
                    raw,
                    source="folder",
                    submitter=self._settings.submitter,
                    adapter=self._settings.adapter,
                    encoding=ENCODINGS.get(Path(name).suffix, ""),
                )
                await asyncio.to_thread(self._settle, name, done)
            except InputError as error:
                await asyncio.to_thread(self._fail, name, error.findings)
            except (GatewayError, OSError) as error:
                codes = [one.code for one in error.findings] if isinstance(error, GatewayError) else []
                logger.warning("folder.postponed", error=type(error).__name__, codes=codes)

    def _list(self) -> dict[str, Seen]:
        """Return how every candidate looks now."""
        for place in (DONE, REFUSED, FAILED):
            (self._root / place).mkdir(parents=True, exist_ok=True)
        found: dict[str, Seen] = {}
        with os.scandir(self._root) as entries:
            for entry in entries:
                if entry.name.startswith(".") or entry.name.endswith(UNFINISHED):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    continue
                look = entry.stat(follow_symlinks=False)
                found[entry.name] = Seen(look.st_ino, look.st_size, look.st_mtime_ns, look.st_mode)
        return found

    def _read(self, name: str) -> bytes:
        """Return the bytes of a plain file.

        Raises:
            InputError: it is none, cannot be read, or is too large.
        """
        packed = Path(name).suffix in ENCODINGS
        limit = self._limits.max_compressed_bytes if packed else self._limits.max_bytes
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            with os.fdopen(os.open(self._root / name, flags), "rb") as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise InputError("not a file", (finding("FOLDER-UNREADABLE", expected="a plain file"),))
                raw = file.read(limit + 1)
        except OSError as error:
            fault = finding(
                "FOLDER-UNREADABLE", expected="a plain file", actual=os.strerror(error.errno or 0)
            )
            raise InputError("not readable", (fault,)) from error
        if len(raw) > limit:
            raise InputError("too large", (finding("INTAKE-TOO-LARGE", expected=f"at most {limit} bytes"),))
        return raw

    def _settle(self, name: str, done: Submission) -> None:
        """Write the acknowledgement, then move the file beside it."""
        place = self._root / (REFUSED if was_refused(done) else DONE)
        suffix = "json" if "json" in done.content_type else "xml" if "xml" in done.content_type else "txt"
        self._move(name, place, f"receipt.{suffix}", done.acknowledgement)
        logger.info("folder.taken", message=done.message_id, outcome=done.outcome)

    def _fail(self, name: str, faults: tuple[Finding, ...]) -> None:
        """Set a file aside with what is wrong with it."""
        text = "".join(
            f"{one.code}\nexpected: {one.expected}\nfound: {one.actual}\nremedy: {one.remedy}\n\n"
            for one in faults
        )
        self._move(name, self._root / FAILED, "finding.txt", text.encode())
        logger.warning("folder.failed", codes=[one.code for one in faults])

    def _move(self, name: str, place: Path, suffix: str, beside: bytes) -> None:
        """Put a text and then the file into a place; a name taken already gets a number before it."""
        with self._moving:
            self._move_alone(name, place, suffix, beside)

    def _move_alone(self, name: str, place: Path, suffix: str, beside: bytes) -> None:
        """Move while no other file is on its way to the same name."""
        clean = _clean(name)
        target, number = clean, 1
        while os.path.lexists(place / target):
            number += 1
            target = f"{number}-{clean}"
        note = place / f"{target}.{suffix}"
        draft = place / f".{target}.{suffix}.tmp"
        with draft.open("wb") as file:
            file.write(beside)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(note)
        (self._root / name).rename(place / target)
        _sync(place)
        _sync(self._root)


def _clean(name: str) -> str:
    """Return a name that is safe to print and type: no control characters, no separators, not too long."""
    printable = "".join(
        one if unicodedata.category(one)[0] in "LMN" or one in "._-+@=, ()[]" else "_" for one in name
    )
    stem, dot, ending = printable.rpartition(".")
    stem, ending = (stem, dot + ending) if stem else (printable, "")
    while len((stem + ending).encode("utf-8", "replace")) > NAME_BYTES:
        stem, ending = (stem[:-1], ending) if stem else ("_", ending[:8])
    return stem + ending


def _sync(folder: Path) -> None:
    """Make renames in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
