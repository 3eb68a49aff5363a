# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The Statistics service: the figures of the trade statistics, for the own side, as over HTTP."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

import grpc
import msgspec

from gateway.server.peer import parse
from gateway.server.status import Context
from gateway.server.stream import finish
from gateway.trade.statistics import Answer
from gateway.trade.statistics_question import Question, ask
from gateway.trade.statistics_tables import modes
from gateway.wire.v1 import statistics_pb2 as wire

BY = "month,direction,mode"


class Answers(Protocol):
    """What answers questions of statistics (`trade.statistics`)."""

    async def answer(self, question: Question, /) -> Answer:
        """Answer a question."""


class StatisticsService:
    """Reading only; `clock` says which day is today."""

    name = "customs.ead.v1.Statistics"

    def __init__(self, statistics: Answers, clock: Callable[[], datetime]) -> None:
        self._statistics = statistics
        self._clock = clock

    def handlers(self) -> Mapping[str, "grpc.RpcMethodHandler[Any, Any]"]:
        """Return the methods, all on raw bytes."""
        return {"Answer": grpc.unary_unary_rpc_method_handler(self.answer)}

    async def answer(self, raw: bytes, _context: Context) -> bytes:
        """Return figures with everything that they rest on."""
        said = parse(wire.StatisticsRequest, raw)
        today = (self._clock() + timedelta(hours=modes().zone_hours)).date()
        begin = getattr(said, "from")
        question = ask(said.by or BY, begin, said.to, today=today, direction=said.direction, mode=said.mode)
        found = await finish(self._statistics.answer(question))
        # Names are those of the answer; decimals become texts, absent growth stays absent.
        fields: dict[str, Any] = msgspec.to_builtins(found)
        for one in (*fields["rows"], fields["total"]):
            for name in ("growth_items", "growth_converted"):
                if one[name] is None:
                    del one[name]
        return wire.StatisticsAnswer(**fields).SerializeToString()
