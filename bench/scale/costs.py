# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What one item costs in each place of the way, from a run of `python -m bench`.

CPU time of whole processes is measured on running gateways; it is laid on the places of the simulation in
the proportion of the stages, which are measured one by one. So what no stage names (HTTP, gRPC, queues,
wake-ups) is in it too.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

# Stages inside a write transaction, by process of the real run, and those of the same process beside it.
WRITING: Mapping[str, tuple[str, ...]] = {
    "sender_node": (
        "assemble and merge",
        "settle and note",
        "route",
        "intake commit",
        "seal, in its transaction",
        "acknowledge",
    ),
    "receiver_node": ("receive",),
}
BESIDE: Mapping[str, tuple[str, ...]] = {
    "sender_node": (
        "border unpack message",
        "judge",
        "store message",
        "read what is ready",
        "read batch to send",
        "publish",
    ),
    "receiver_node": (),
}
# Of what a sending node writes, this is done when the message comes; the rest when its batch goes.
AT_INTAKE = ("assemble and merge", "settle and note", "route", "intake commit")


@dataclass(frozen=True, slots=True)
class Costs:
    """Microseconds of CPU time for each item; `commit` is what any transaction costs besides."""

    decode: float
    admit: float
    store: float
    prepare: float
    seal: float
    open: float
    receive: float
    acknowledge: float
    commit: float

    @property
    def written_here(self) -> float:
        """Microseconds for which an item holds the one writer of its sender."""
        return self.store + self.seal + self.acknowledge


def read_costs(path: Path, commit: float) -> Costs:
    """Return the costs that a run has written.

    Raises:
        ValueError: the run is of another edition of the bench, or an equation did not hold in it.
    """
    figures = json.loads(path.read_text("utf-8"))
    if figures["faults"]:
        raise ValueError(f"{path}: the two ends of that run do not agree")
    return costs_of(figures["end_to_end"]["cpu_us"], figures["stages_us"], commit)


def costs_of(cpu: Mapping[str, float], stages: Mapping[str, float], commit: float) -> Costs:
    """Lay the CPU time of processes on the places of the simulation."""

    def total(names: Iterable[str]) -> float:
        missing = [one for one in names if one not in stages]
        if missing:
            raise ValueError(f"the run has no stage {missing[0]!r}")
        return sum(stages[one] for one in names)

    sender = (*WRITING["sender_node"], *BESIDE["sender_node"])
    here = cpu["sender_node"] / total(sender)
    decode, prepare = stages["decode"] + stages["border pack message"], stages["prepare"]
    worker = cpu["sender_worker"] / (decode + prepare)
    return Costs(
        decode=worker * decode,
        admit=here * total(BESIDE["sender_node"]),
        store=here * total(AT_INTAKE),
        prepare=worker * prepare,
        seal=here * stages["seal, in its transaction"],
        open=cpu["receiver_worker"],
        receive=cpu["receiver_node"],
        acknowledge=here * stages["acknowledge"],
        commit=commit,
    )
