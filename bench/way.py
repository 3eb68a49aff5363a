# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The whole way, both ends on this machine: throughput, CPU, memory and latency of two real gateways.

Two nodes with their workers, as `gateway serve` starts them with the default configuration: HTTP in, mTLS
between, hybrid signatures, SQLite in WAL mode with synchronous FULL, receipts, audit entries. The submitter
is a third process on the same cores, and its cost is part of every figure of throughput.
"""

import json
import statistics
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import primitives, processes
from bench.client import Outcome, Plan, submit
from bench.data import Load, write_load
from bench.ledgers import Ledger, Watcher
from gateway.demo.stage import Party

CONCURRENCY = 12
RATE = 231  # items per second: 20 million a day


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much to measure: items of each round, rounds, and seconds of each latency run."""

    items: int
    rounds: int
    latency_seconds: float


class Way:
    """A measurement on running parties; counts what it has sent so that every equation can be checked."""

    def __init__(self, folder: Path, parties: Sequence[Party], *, alone: bool = False) -> None:
        """Look at two running parties: the first sends, the second receives.

        With `alone` the lists come by themselves; nothing is known beforehand, so nothing is joined.
        """
        self._alone = alone
        self._folder = folder
        self._sender, self._receiver = parties
        self._pids = {
            "sender": processes.tree(_pid(self._sender)),
            "receiver": processes.tree(_pid(self._receiver)),
        }
        self._ledger = Ledger(self._sender.folder)
        self._seed = 0
        self.items = 0

    def close(self) -> None:
        """Let go of the store."""
        self._ledger.close()

    def throughput(self, sizes: Sizes) -> dict[str, Any]:
        """Run the rounds one after another on the same stores; figures are those of the lower median."""
        self._round(self._load(200, 100))  # connections open, caches and compiled code warm
        rounds = [self._round(self._load(sizes.items, 100)) for _ in range(sizes.rounds)]
        middle = sorted(rounds, key=lambda one: float(one["items_per_s"]))[(len(rounds) - 1) // 2]
        return {
            **middle,
            "items_per_s_rounds": [one["items_per_s"] for one in rounds],
            "items": sizes.items * sizes.rounds,
            "memory_rounds_mb": [one.pop("memory_mb") for one in rounds],
            "megabytes_on_disk": round(self._ledger.megabytes(), 1),
        }

    def round(self, items: int, folder: Path) -> dict[str, Any]:
        """Run one round of new items whose messages are written to a folder that is not there yet."""
        self._seed += 1
        self.items += items
        return self._round(write_load(folder, 1000 + self._seed, items, 100))

    def latency(self, seconds: float, documents: int, rate: float = RATE) -> dict[str, Any]:
        """Submit so many items per second, open loop, in messages of so many documents.

        The latency of an item is the time from the moment its message was due to be sent until the commit of
        the verified receipt of its batch was visible to another reader of the sender's store.
        """
        items = max(1, round(rate * seconds / documents)) * documents
        load = self._load(items, documents)
        after, expected = self._ledger.newest_batch(), self.items
        with Watcher(self._sender.folder, after, expected) as watcher:
            before = self._usage()
            outcome = self._submit(load.lists, rate=rate / documents)
            settled = watcher.result()
        cpu = {name: one.cpu - before[name].cpu for name, one in self._usage().items()}
        due = {one.id: one.due for one in outcome.sent}
        waits = sorted(
            (settled[batch] - due[message]) * 1000
            for message, batch in self._ledger.batches_of_messages(min(due))
            if message in due
        )
        if len(waits) != items:
            raise RuntimeError(f"{len(waits)} of {items} items have a receipt")
        late = max(one.begun - one.due for one in outcome.sent) * 1000
        return {
            "p50": round(statistics.median(waits), 1),
            "p99": round(waits[int(len(waits) * 0.99)], 1),
            "max": round(waits[-1], 1),
            "items": items,
            "documents_per_message": documents,
            "rate": rate,
            "batches": len(settled),
            "busy_answers": sum(one.busy for one in outcome.sent),
            "client_late_ms": round(late, 1),
            "cores_used": round(sum(cpu.values()) / seconds, 3),
        }

    def memory(self) -> dict[str, float]:
        """Return the peaks so far of each kind of process, in MiB."""
        return {name: round(one.peak, 1) for name, one in self._usage().items()}

    def faults(self) -> list[str]:
        """Return every equation between the two ends that does not hold."""
        sent, received = (_ledger(one) for one in (self._sender, self._receiver))
        counts, other = sent["counts"], received["counts"]
        own, partner = self._ledger, Ledger(self._receiver.folder)
        batches, (_, inbound) = own.batch_counts()[0], partner.batch_counts()
        logs, other_logs = own.log_sizes(), partner.log_sizes()
        partner.close()
        here, there = self._sender.organisation, self._receiver.organisation
        checks = {
            "sender: the ledger's own equations": sent["faults"] == [],
            "receiver: the ledger's own equations": received["faults"] == [],
            "every item has one share, accepted by a verified receipt": counts["shares"]
            == {"accepted": self.items},
            "every record sent is confirmed": counts["batch_records"] == counts["confirmed"] == self.items,
            "every record is accepted at the receiver": other["inbound_records"] == {"accepted": self.items},
            "every document was accepted": counts["documents"]
            == counts["accepted"]
            == (1 if self._alone else 4) * self.items,
            "every batch has its receipt": counts["batches"] == {"receipted": batches},
            "batches sent = batches received": batches == inbound == other["inbound"],
            "nothing was refused": counts["refusals"] == other["refusals"] == 0,
            "sender's audit log: sent and receipt of every batch": logs == {f"{here}/{there}": 2 * batches},
            "receiver's audit log: received and receipt of every batch": other_logs
            == {f"{there}/{here}": 2 * batches},
        }
        return [text for text, holds in checks.items() if not holds]

    def _load(self, items: int, documents: int) -> Load:
        """Write the messages of new items and submit what is known beforehand."""
        self._seed += 1
        load = write_load(self._folder / f"load-{self._seed}", 1000 + self._seed, items, documents)
        if not self._alone:
            self._submit(load.known)
        self.items += items
        return load

    def _round(self, load: Load) -> dict[str, Any]:
        """Submit the lists as fast as they are taken and wait for the last receipt."""
        calibration = primitives.calibration()
        before, machine = self._usage(), processes.machine_busy()
        begun = time.monotonic()
        outcome = self._submit(load.lists)
        end = self._ledger.wait_confirmed(self.items)
        whole = time.monotonic() - begun  # the start of the submitter is in it, and not in `wall`
        after, machine = self._usage(), processes.machine_busy() - machine
        wall = end - min(one.begun for one in outcome.sent)
        cpu = {name: (after[name].cpu - before[name].cpu) / load.items * 1e6 for name in after}
        cpu["client"] = outcome.cpu / load.items * 1e6
        own = sum(cpu.values()) * load.items / 1e6
        return {
            "items_per_s": round(load.items / wall, 1),
            "seconds": round(wall, 3),
            "cpu_us": {name: round(one, 1) for name, one in cpu.items()},
            "cores_busy": round(own / wall, 2),
            "cores_of_others": round(max(0.0, machine - own) / whole, 2),
            "calibration_ms": round(calibration, 1),
            "memory_mb": {name: round(one.anonymous, 1) for name, one in after.items()},
        }

    def _submit(self, files: Sequence[Path], rate: float = 0.0) -> Outcome:
        """Let a client submit files."""
        names = tuple(str(one) for one in files)
        return submit(self._folder, Plan(self._sender.url, names, CONCURRENCY, rate))

    def _usage(self) -> dict[str, processes.Usage]:
        """Return what each kind of process of each end has used."""
        return {
            f"{end}_{kind}": used
            for end, pids in self._pids.items()
            for kind, used in processes.total(pids).items()
        }


def _pid(party: Party) -> int:
    """Return the process id of a running party."""
    if party.process is None:
        raise RuntimeError(f"{party.organisation} does not run")
    return party.process.pid


def _ledger(party: Party) -> dict[str, Any]:
    """Return the ledger of a node as it tells it itself, with the equations that do not hold."""
    with urllib.request.urlopen(f"{party.url}/v1/ledger", timeout=10) as answer:
        found: dict[str, Any] = json.load(answer)
        return found
