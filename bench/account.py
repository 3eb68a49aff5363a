# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Account for the processor time of the real run: what each process did, and what that stands on.

A process used some time for each item. Its stages, each measured by itself, explain a part of it, and the
primitives under them are what no way of doing it can avoid. The rest is in no stage: HTTP, gRPC, queues,
wake-ups, processes that compete for a cache, and the machine at another moment.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# What each stage stands on: the primitives that no way of doing it can avoid.
# A primitive of both ends or of several steps stands once, at the step that has most of it.
STANDS_ON: Mapping[str, tuple[str, ...]] = {
    "decode": ("xml_parse_walk",),
    "store message": ("zstd",),
    "assemble and merge": ("item_msgpack", "sqlite_full_rows"),
    "prepare": ("salts_commitments", "protobuf_both_ends"),
    "seal, in its transaction": ("signatures",),
    "open": ("sha256_both_ends",),
}
RUNS_IN: Mapping[str, tuple[str, ...]] = {
    "sender_worker": ("decode", "answer", "border pack message", "prepare"),
    "sender_node": (
        "border unpack message",
        "judge",
        "store message",
        "assemble and merge",
        "settle and note",
        "route",
        "intake commit",
        "read what is ready",
        "seal, in its transaction",
        "read batch to send",
        "publish",
        "acknowledge",
    ),
    "receiver_worker": ("open",),
    "receiver_node": ("receive",),
}
WITHIN: Mapping[str, str] = {"receive": "open"}
"""Stages whose time holds that of another, which runs in another process."""


@dataclass(frozen=True, slots=True)
class Line:
    """Microseconds of processor time for each item in one kind of process."""

    process: str
    measured: float
    stages: float
    primitives: float

    @property
    def unexplained(self) -> float:
        """Return what was measured and is in no stage; less than nothing if the stages cost more alone."""
        return self.measured - self.stages


def account(
    cpu: Mapping[str, float], stages: Mapping[str, float], primitives: Mapping[str, float]
) -> Sequence[Line]:
    """Return a line for each kind of process, and their sum as the last."""
    lines = [_line(process, used, stages, primitives) for process, used in cpu.items()]
    return [
        *lines,
        Line(
            "sum",
            sum(one.measured for one in lines),
            sum(one.stages for one in lines),
            sum(one.primitives for one in lines),
        ),
    ]


def _line(process: str, used: float, stages: Mapping[str, float], primitives: Mapping[str, float]) -> Line:
    """Return what one kind of process did."""
    names = RUNS_IN.get(process, ())
    alone = sum(stages[name] - stages.get(WITHIN.get(name, ""), 0.0) for name in names)
    under = [one for name in names for one in STANDS_ON.get(name, ())]
    return Line(process, used, alone, sum(primitives[one] for one in under))
