# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""One incoming stream as a queue of frames and notices, and what ends streams in order.

A read that has begun is never cancelled: grpc.aio loses memory with each one. A reader task fills the queue,
at most a window ahead, and ends by itself when the call does. Everything that can happen to a stream (a
frame, its end, its age, a drain) comes through the one queue, in order.
"""

import asyncio
import enum
from collections.abc import Coroutine
from typing import Any, TypeVar

import grpc.aio
from google.protobuf.message import DecodeError

from gateway.errors import InputError
from gateway.finding import finding
from gateway.server.status import Context, Unavailable
from gateway.wire.v1 import peer_pb2

T = TypeVar("T")
_running: set["asyncio.Task[Any]"] = set()


class Notice(enum.Enum):
    """What can happen to a stream besides a frame."""

    END = "the peer has ended its side"
    LEAVE = "tell the peer to come again on a new stream"
    STOP = "time is up"
    POLL = "look for new work"


class Inbox:
    """The frames of one stream. Owned by one handler; `post` is for the event loop's thread."""

    def __init__(self, context: Context, window: int) -> None:
        """Start to read; at most `window` frames wait unhandled."""
        self._context = context
        self._slots = asyncio.Semaphore(window)
        self._queue: asyncio.Queue[bytes | Notice] = asyncio.Queue()
        self._reading = False
        self._alarms: set[asyncio.TimerHandle] = set()
        self._reader = asyncio.create_task(self._read())
        self._reader.add_done_callback(self._ended)

    async def next(self) -> bytes | Notice:
        """Wait for what comes next; call `handled` after each frame."""
        return await self._queue.get()

    def handled(self) -> None:
        """Make room for another frame."""
        self._slots.release()

    def post(self, notice: Notice) -> None:
        """Put a notice behind what waits already."""
        self._queue.put_nowait(notice)

    def post_later(self, seconds: float, notice: Notice) -> None:
        """Post a notice after a time, unless the stream has closed by then."""

        def ring() -> None:
            self._alarms.discard(alarm)
            self.post(notice)

        alarm = asyncio.get_running_loop().call_later(seconds, ring)
        self._alarms.add(alarm)

    def close(self) -> None:
        """Stop the alarms; the reader ends with the call."""
        for alarm in self._alarms:
            alarm.cancel()
        if not self._reading:
            self._reader.cancel()

    async def _read(self) -> None:
        """Read frames while there is room."""
        while True:
            await self._slots.acquire()
            self._reading = True
            message = await self._context.read()
            self._reading = False
            if message is grpc.aio.EOF:
                return
            self._queue.put_nowait(message)

    def _ended(self, reader: "asyncio.Task[None]") -> None:
        """Tell the handler that nothing more comes, however reading ended."""
        if not reader.cancelled():
            reader.exception()  # a call that was cut off is an end like any other
        self.post(Notice.END)


class Drain:
    """All open streams of the server; owned by its event loop."""

    def __init__(self) -> None:
        self._open: set[Inbox] = set()
        self._empty = asyncio.Event()
        self._empty.set()
        self.begun = False

    def enter(self, inbox: Inbox) -> None:
        """Count a stream in.

        Raises:
            Unavailable: the server is about to stop.
        """
        if self.begun:
            raise Unavailable("draining", (finding("SERVER-DRAINING"),))
        self._open.add(inbox)
        self._empty.clear()

    def leave(self, inbox: Inbox) -> None:
        """Count a stream out."""
        self._open.discard(inbox)
        if not self._open:
            self._empty.set()

    async def run(self, seconds: float) -> bool:
        """Ask every stream to end; say whether all did in time."""
        self.begun = True
        for inbox in self._open:
            inbox.post(Notice.LEAVE)
        try:
            await asyncio.wait_for(self._empty.wait(), seconds)
        except TimeoutError:
            return False
        return True


def parse_frame(raw: bytes) -> peer_pb2.Frame:
    """Parse a frame once; its bytes fields are passed on as they are.

    Raises:
        InputError: these bytes are no frame.
    """
    try:
        return peer_pb2.Frame.FromString(raw)
    except DecodeError as error:
        raise InputError("not a frame", (finding("SERVER-FRAME", expected="Frame"),)) from error


async def finish(work: Coroutine[Any, Any, T]) -> T:
    """Do work to its end even if the caller of the stream goes away in the middle of it."""
    task = asyncio.create_task(work)
    _running.add(task)
    task.add_done_callback(_settled)
    return await asyncio.shield(task)


def _settled(task: "asyncio.Task[Any]") -> None:
    """Forget finished work; its error was raised to the waiter, if there still was one."""
    _running.discard(task)
    if not task.cancelled():
        task.exception()
