# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What one partner's traffic does to another's: `python -m bench.fairness`, one gateway that sends to two.

A calm submitter sends lists for one partner at a steady pace, a restless one for the other. The latency
of the calm one's items is measured while the restless one behaves, sends ten times as much, while its
partner answers only every half minute, and while that partner never answers. Open loop, all in one run;
the first case comes twice, so that the difference of the two says how much the machine itself wavers.
"""

import argparse
import json
import signal
import statistics
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from rich.console import Console
from rich.table import Table

from bench import primitives
from bench.client import Outcome, Plan, submit
from bench.data import lists_alone, write_load
from bench.ledgers import Ledger
from gateway.demo.stage import HERE, THERE, Party, make_parties, packaged_agreements, running, set_up

OUT = Path(__file__).parent / "out" / "fairness.json"
RESTLESS = "customs-de"
DOCUMENTS = 10
RATE = 100.0  # items per second of each submitter when both behave
FLOOD = 10.0
SILENT, AWAKE = 30.0, 1.0  # seconds of a partner that answers every half minute
PATIENCE = 120.0
TOKENS = {"calm": "calm-submitter-of-the-bench", "restless": "restless-submitter-of-the-bench"}


@dataclass(frozen=True, slots=True)
class Case:
    """What the restless side does: its load as a multiple, and how long its partner is silent at a time."""

    title: str
    load: float = 1.0
    silent: float = 0.0


CASES = (
    Case("both behave"),
    Case("ten times the load", load=FLOOD),
    Case("its partner answers every 30 s", silent=SILENT),
    Case("its partner never answers", silent=float("inf")),
    Case("both behave again"),
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the calm submitter saw: milliseconds from due to receipt, and answers that asked to wait."""

    p50: float
    p99: float
    busy: int
    busy_restless: int
    calibration_ms: float


class Neighbours:
    """A gateway with two submitters and two partners, on which case after case is measured."""

    def __init__(self, folder: Path, parties: Sequence[Party], seconds: float) -> None:
        """Look at the running parties: the sender, the calm partner and the restless one."""
        self._folder, self._seconds = folder, seconds
        self._sender, _, self._partner = parties
        self._seed = 0

    def measure(self, case: Case) -> Seen:
        """Run both submitters for the time of a case; the restless partner is awake again afterwards."""
        calibration = primitives.calibration()
        with ThreadPoolExecutor(2) as pool, self._mood(case):
            calm = pool.submit(self._submit, "calm", "NL", RATE)
            restless = pool.submit(self._submit, "restless", "DE", RATE * case.load)
            sent = calm.result()
            waits = self._waits(sent)
            other = restless.result()
        return Seen(
            p50=statistics.median(waits),
            p99=waits[int(len(waits) * 0.99)],
            busy=sum(one.busy for one in sent.sent),
            busy_restless=sum(one.busy for one in other.sent),
            calibration_ms=calibration,
        )

    def _submit(self, name: str, destination: str, rate: float) -> Outcome:
        """Submit new lists for one destination at a pace."""
        self._seed += 1
        folder = self._folder / f"{name}-{self._seed}"
        items = round(rate * self._seconds / DOCUMENTS) * DOCUMENTS
        load = write_load(folder, 5_000 + self._seed, items, DOCUMENTS, destination)
        files = tuple(str(one) for one in load.lists)
        return submit(folder, Plan(self._sender.url, files, rate=rate / DOCUMENTS, token=TOKENS[name]))

    def _waits(self, outcome: Outcome) -> list[float]:
        """Return the ascending milliseconds from due to receipt of every item, once all are confirmed."""
        due = {one.id: one.due for one in outcome.sent}
        ledger = Ledger(self._sender.folder)

        def look() -> list[float] | None:
            found = ledger.receipts_of_messages(min(due))
            waits = sorted((at - due[message]) * 1000 for message, at in found if message in due)
            return waits if len(waits) == DOCUMENTS * len(due) else None

        try:
            return ledger.follow(look, PATIENCE, 0.5)
        finally:
            ledger.close()

    @contextmanager
    def _mood(self, case: Case) -> Iterator[None]:
        """Stop the process of the restless partner, and let it run now and then, as the case asks."""
        if not case.silent:
            yield
            return
        process, over = self._partner.process, threading.Event()
        assert process is not None

        def moods() -> None:
            while not over.is_set():
                process.send_signal(signal.SIGSTOP)
                over.wait(min(case.silent, threading.TIMEOUT_MAX))
                process.send_signal(signal.SIGCONT)
                over.wait(AWAKE)

        thread = threading.Thread(target=moods)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def agreements() -> list[bytes]:
    """Return the sample agreement for lists that come by themselves, once for each partner."""
    calm = lists_alone(packaged_agreements()[0])
    document = tomlkit.parse(calm.decode())
    document["id"], document["recipient"] = "cn-de-export", RESTLESS
    match: Any = document["match"]
    match["destinations"] = ["DE"]
    return [calm, tomlkit.dumps(document).encode()]


def measure(seconds: float) -> dict[str, Seen]:
    """Measure every case on the same gateways, one after the other."""
    with tempfile.TemporaryDirectory(prefix="ead-bench-") as name:
        folder = Path(name)
        parties = make_parties(folder, agreements(), organisations=(HERE, THERE, RESTLESS))
        tokens = parties[0].folder / "tokens"
        tokens.write_text("".join(f"{who} {token}\n" for who, token in TOKENS.items()), "utf-8")
        tokens.chmod(0o600)
        set_up(parties[0], {"http": {"token_file": "tokens"}})
        with running(parties):
            neighbours = Neighbours(folder, parties, seconds)
            neighbours.measure(Case("warm"))
            return {case.title: neighbours.measure(case) for case in CASES}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, show."""
    parser = argparse.ArgumentParser(prog="python -m bench.fairness", description=__doc__)
    parser.add_argument("--seconds", type=float, default=40.0, help="seconds of each case")
    found = measure(parser.parse_args(arguments).seconds)
    quiet = found[CASES[0].title]
    table = Table("the restless side", title="Latency of the calm side's items, and its 503 answers")
    for title in ("p50 ms", "p99 ms", "ratio", "503", "503 there"):
        table.add_column(title, justify="right")
    for title, one in found.items():
        ratio = f"{one.p99 / quiet.p99:.2f}"
        table.add_row(title, f"{one.p50:.0f}", f"{one.p99:.0f}", ratio, f"{one.busy}", f"{one.busy_restless}")
    Console().print(table)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    rows = {
        title: {"p50_ms": one.p50, "p99_ms": one.p99, "of_quiet": one.p99 / quiet.p99, "busy": one.busy}
        for title, one in found.items()
    }
    OUT.write_text(json.dumps(rows, indent=2) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
