# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Moves of key files that are done whole, also if the power fails between two of them, and seen whole.

A change of keys renames four files or more. What is to be done is written down first (`moving.json`);
whoever comes next finishes what somebody began. A lock on the folder itself (flock(2)) keeps who moves from
all others and from readers, in other processes too; nodes that share the folder need a file system that
shares locks.
"""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from gateway.envelope import certificates
from gateway.envelope.whole_file import sync_folder, write_file
from gateway.errors import ConfigError

CURRENT, NEXT, OLD = "", ".next", ".old"
RETIRED = "retired"
PLAN = "moving.json"


class Plan(msgspec.Struct, frozen=True):
    """What is being done, with the keys of which names."""

    act: Literal["activate", "retire"]
    names: tuple[str, ...]


@contextlib.contextmanager
def seen_whole(folder: Path) -> Iterator[None]:
    """Let nobody move keys of the folder meanwhile; finish first what was begun and not ended.

    Raises:
        ConfigError: the folder cannot be read, or something was begun there and cannot be finished.
    """
    with _lock(folder, fcntl.LOCK_SH):
        if not (folder / PLAN).exists():
            yield
            return
    with moved_alone(folder):
        yield


@contextlib.contextmanager
def moved_alone(folder: Path) -> Iterator[None]:
    """Let nobody else read or move keys of the folder; not to be nested, nor with `seen_whole` inside.

    Raises:
        ConfigError: the folder cannot be read, or something was begun there and cannot be finished.
    """
    with _lock(folder, fcntl.LOCK_EX):
        _finish(folder)
        yield


def activate(folder: Path, names: Sequence[str]) -> None:
    """Rename the next pairs to the present ones, and those to the old ones."""
    _do(folder, Plan("activate", tuple(names)))


def retire(folder: Path, names: Sequence[str]) -> None:
    """Destroy the old private keys, and put their certificates away."""
    _do(folder, Plan("retire", tuple(names)))


def _do(folder: Path, plan: Plan) -> None:
    """Write down what is to be done, and do it."""
    write_file(folder / PLAN, msgspec.json.encode(plan))
    _finish(folder)


def _finish(folder: Path) -> None:
    """Do what is written down and not yet done."""
    try:
        plan = msgspec.json.decode((folder / PLAN).read_bytes(), type=Plan)
    except FileNotFoundError:
        return
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigError(f"a change of keys in {folder} was begun and cannot be finished: {PLAN}") from error
    move = _bring_in if plan.act == "activate" else _put_away
    try:
        for name in plan.names:
            move(folder, name)
        sync_folder(folder)  # before the plan that would bring it about again is gone
        (folder / PLAN).unlink()
    except OSError as error:
        raise ConfigError(
            f"a change of keys in {folder} was begun and cannot be finished: {error.strerror}"
        ) from error


def _bring_in(folder: Path, name: str) -> None:
    """Move one pair, as far as it is not moved yet: beside a next file the present one is the old one."""
    for suffix in (".key", ".pem"):
        after, present = folder / f"{name}{NEXT}{suffix}", folder / f"{name}{CURRENT}{suffix}"
        if not after.exists():
            continue
        if present.exists():  # an optional key has none before its first
            present.replace(folder / f"{name}{OLD}{suffix}")
        after.replace(present)


def _put_away(folder: Path, name: str) -> None:
    """Destroy one private key and keep its certificate under its serial number."""
    path = folder / f"{name}{OLD}.pem"
    path.with_suffix(".key").unlink(missing_ok=True)
    if path.exists():
        serial = certificates.load(path.read_bytes()).serial_number
        (folder / RETIRED).mkdir(exist_ok=True)
        shutil.move(path, folder / RETIRED / f"{name}-{serial:x}.pem")


@contextlib.contextmanager
def _lock(folder: Path, kind: int) -> Iterator[None]:
    """Hold the lock of a folder, which the system takes back from whoever ends."""
    try:
        place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise ConfigError(f"cannot read keys folder {folder}: {error.strerror}") from error
    try:
        fcntl.flock(place, kind)
        yield
    finally:
        os.close(place)
