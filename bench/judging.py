# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What judging export lists costs: `python -m bench.judging`, by mode, for each list of a message of 100.

The packaged rules, real lists whose mode is changed, a real store. What is measured is everything between
the decoded message and the judged one, look-ups of orders included, and beside it the look-ups alone; CPU
time of the thread, the least of some runs.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.data import write_load
from gateway.clock import milliseconds, system_clock
from gateway.exchange.ports import Transaction
from gateway.exchange.touched import Arrival
from gateway.jobs import pack_message
from gateway.registry import load_adapters
from gateway.sdk import Limits
from gateway.store import TimeIds, open_store
from gateway.trade.b2b_export import B2bExport
from gateway.trade.b2b_rules import PACKAGED, load_rules
from gateway.trade.exchange_rates import load_rates

MODES = ("9610", "9710", "9810")
DOCUMENTS = 100
LIMIT_US = 5.0
RUNS = 100


def measure(folder: Path) -> dict[str, float]:
    """Return CPU microseconds per list by mode, and of the look-ups that all of them need."""
    rules = load_rules(PACKAGED)
    if rules is None:
        raise RuntimeError("no packaged rules")
    judges = B2bExport(rules, load_rates())
    reader = load_adapters(("gacc_ceb",))["gacc_ceb"]
    raw = write_load(folder / "load", 1, DOCUMENTS, DOCUMENTS).lists[0].read_bytes()
    messages = {
        mode: pack_message(reader.decode(raw.replace(b">9610<", f">{mode}<".encode()), Limits())).documents
        for mode in MODES
    }
    store = open_store(f"sqlite:///{folder / 'judging.sqlite'}")
    arrival = Arrival(1, "bench", milliseconds(system_clock()), TimeIds(1, system_clock), os.urandom)

    def work(tx: Transaction) -> dict[str, float]:
        keys = sorted(key for one in messages["9610"] for each in one.contributions for key in each.keys)
        orders = [key for key in keys if key.startswith("ord:")]
        found = {"look-ups": _least(partial(tx.contributions, orders))}
        return found | {
            mode: _least(partial(judges.checked, tx, documents, arrival))
            for mode, documents in messages.items()
        }

    try:
        return store.run(work)
    finally:
        store.shut()


def _least(work: Callable[[], object]) -> float:
    """Return the least CPU microseconds of the thread for each list."""
    spent = []
    for _ in range(RUNS):
        begun = time.thread_time()
        work()
        spent.append(time.thread_time() - begun)
    return min(spent) / DOCUMENTS * 1e6


def main() -> int:
    """Measure and print; exit 1 if judging costs more than the limit."""
    with tempfile.TemporaryDirectory(prefix="ead-bench-") as name:
        found = measure(Path(name))
    base = found["look-ups"]
    shown = Table("mode", "µs a list", "without look-ups", title="Judging export lists")
    for title, value in found.items():
        over = value - base
        mark = "" if over <= LIMIT_US else f" NOT REACHED, limit {LIMIT_US:.0f}"
        shown.add_row(title, f"{value:.1f}", "" if title == "look-ups" else f"{over:.1f}{mark}")
    Console().print(shown)
    return 0 if max(found.values()) - base <= LIMIT_US else 1


if __name__ == "__main__":
    sys.exit(main())
