# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Refuse sockets and processes while an adapter is under check, and remember what was asked for.

An audit hook sees what is done in C too. It cannot be taken away again, so one hook serves every check of the
process and looks away in between. It watches all threads.
"""

import contextlib
import functools
import sys
from collections.abc import Iterator
from typing import Any

_FORBIDDEN = ("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.spawn")
_attempts: list[list[str]] = []


class NotQuietError(RuntimeError):
    """An adapter asked for a socket or a process."""


@contextlib.contextmanager
def quiet() -> Iterator[list[str]]:
    """Give the list of what was asked for; each attempt also raises `NotQuietError` in the adapter."""
    _install()
    attempts: list[str] = []
    _attempts.append(attempts)
    try:
        yield attempts
    finally:
        _attempts.remove(attempts)


@functools.cache
def _install() -> None:
    sys.addaudithook(_watch)


def _watch(event: str, _: tuple[Any, ...]) -> None:
    if _attempts and event.startswith(_FORBIDDEN):
        for one in _attempts:
            one.append(event)
        raise NotQuietError(event)
