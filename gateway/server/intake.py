# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The Intake service: messages of the node's own submitters, the same in effect as every other intake."""

from collections.abc import Mapping
from typing import Any, Protocol

import grpc

from gateway.server.peer import parse
from gateway.server.status import Context
from gateway.server.stream import Drain, Inbox, Notice, finish
from gateway.wire.v1 import intake_pb2


class Submission(Protocol):
    """What intake answers."""

    @property
    def message_id(self) -> str:
        """The message id of the format, or one the gateway gave."""

    @property
    def outcome(self) -> str:
        """Accepted, partial, refused or repeated."""

    @property
    def documents(self) -> int:
        """How many documents the message holds."""

    @property
    def accepted(self) -> int:
        """How many of them were accepted."""

    @property
    def acknowledgement(self) -> bytes:
        """The format's own acknowledgement."""

    @property
    def content_type(self) -> str:
        """The media type of the acknowledgement."""


class Intake(Protocol):
    """The first step of the way (`exchange.intake`)."""

    async def submit(
        self, raw: bytes, *, source: str, submitter: str, adapter: str = "", encoding: str = ""
    ) -> Submission:
        """Take one message; the same bytes again get the same answer."""


def was_refused(done: Submission) -> bool:
    """Say whether nothing of the message counts; the answer to the same bytes is the same when repeated."""
    return done.outcome == "refused" or (done.outcome == "repeated" and not done.accepted)


class IntakeService:
    """Submit and SubmitStream."""

    name = "customs.ead.v1.Intake"

    def __init__(self, intake: Intake, *, drain: Drain, window: int, max_age_seconds: float) -> None:
        self._intake = intake
        self._drain = drain
        self._window = window
        self._max_age = max_age_seconds

    def handlers(self) -> Mapping[str, "grpc.RpcMethodHandler[Any, Any]"]:
        """Return the methods, all on raw bytes."""
        return {
            "Submit": grpc.unary_unary_rpc_method_handler(self.submit),
            "SubmitStream": grpc.stream_stream_rpc_method_handler(self.submit_stream),
        }

    async def submit(self, raw: bytes, _context: Context) -> bytes:
        """Take one message."""
        request = parse(intake_pb2.SubmitRequest, raw)
        done = await finish(
            self._intake.submit(
                request.message,
                source="grpc",
                submitter="local",
                adapter=request.adapter,
                encoding=request.encoding,
            )
        )
        return intake_pb2.SubmitReply(
            message_id=done.message_id,
            outcome=done.outcome,
            documents=done.documents,
            accepted=done.accepted,
            acknowledgement=done.acknowledgement,
            content_type=done.content_type,
        ).SerializeToString()

    async def submit_stream(self, _requests: object, context: Context) -> None:
        """Take messages in order and answer each; ends after the current one when the server drains."""
        inbox = Inbox(context, self._window)
        try:
            self._drain.enter(inbox)
            inbox.post_later(self._max_age, Notice.STOP)
            while isinstance(event := await inbox.next(), bytes):
                await context.write(await self.submit(event, context))
                inbox.handled()
        finally:
            inbox.close()
            self._drain.leave(inbox)
