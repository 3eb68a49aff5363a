# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What evidence costs: `python -m bench.audit` measures the audit logs alone, in under a minute.

Bundles are made and checked from two nodes that have really exchanged batches and cosigned each other's logs;
appending, the self-audit and proofs run on real SQLite stores and tile files. Milliseconds are those of the
clock on the wall; microseconds per item and leaves per second are processor time, of one core.
"""

import argparse
import asyncio
import json
import logging
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from rich.console import Console

from bench import logs, publishing, stages, table
from bench.clock import Clock
from bench.ledgers import Ledger
from gateway.audit import Event, NoteKey, Request, batch_root, commit, inclusion, verify_inclusion
from gateway.audit.witness import format_request
from gateway.cli.audit_node import audited
from gateway.clock import system_clock
from gateway.config import load_config
from gateway.demo.stage import Party, make_parties, packaged_agreements
from gateway.envelope.archive import read_anchors
from gateway.envelope.identity import KeySet
from gateway.envelope.signer import Signer
from gateway.envelope.trust import Keyring
from gateway.evidence import State, verify_bundle, write_bundle
from gateway.exchange.evidence import Bundles
from gateway.exchange.fsck import SelfAudit
from gateway.exchange.journal import Journal
from gateway.exchange.log_rows import CosignedRow
from gateway.exchange.publish import Publisher
from gateway.exchange.witness import NoteKeys, cosignature_lines
from gateway.store import CheckpointStore, TileFiles, open_store

OUT = Path(__file__).parent / "out" / "audit.json"
BATCH = 256
FSCK_RUNS = 3
STATEMENT = bytes(1024)
PUBLISHED = "tiles and swap, one batch at a time"
OURS, THEIRS = "bench", "other"
LOG = f"{OURS}/{THEIRS}"
LIMITS = {
    "bundle_verify_ms": 50.0,
    "append_us_per_item": 5.0,
    "inclusion_proof_ms": 5.0,
    "fsck_leaves_per_s": 200_000.0,
}


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured; `tree` is the size of the log that proofs are about."""

    bundles: int
    batches: int
    leaves: int
    tree: int
    proofs: int


FULL = Sizes(bundles=50, batches=200, leaves=262_144, tree=10_000_000, proofs=1_000)
QUICK = Sizes(bundles=10, batches=40, leaves=65_536, tree=10_000_000, proofs=200)


def measure(folder: Path, parties: Sequence[Party], sizes: Sizes) -> dict[str, Any]:
    """Measure; the parties have exchanged batches and stand still."""
    folder.mkdir()
    keys = KeySet.load(parties[0].folder / "keys")
    bundles = _bundles(parties, sizes.bundles)
    (folder / "append").mkdir()
    append = asyncio.run(_append(folder / "append", keys.log_ed25519, sizes.batches))
    proofs = _proofs(folder, sizes)
    fsck = _fsck(folder, keys, sizes.leaves)
    return {
        "bundle_verify_ms": bundles["p50"],
        "append_us_per_item": append["before_publishing"],
        "inclusion_proof_ms": proofs["p50"],
        "fsck_leaves_per_s": fsck["whole"],
        "limits": dict(LIMITS),
        "bundle_verify": bundles,
        "append": append,
        "inclusion_proof": proofs,
        "fsck": fsck,
    }


def _bundles(parties: Sequence[Party], count: int) -> dict[str, Any]:
    """Check bundles of the sender, under a checkpoint that the recipient has cosigned."""
    asyncio.run(_cosign(parties))
    now = system_clock()
    anchors = read_anchors([str(one.folder / "keys" / "ca.pem") for one in parties], now)
    ledger = Ledger(parties[0].folder)
    numbers = ledger.accepted(count)
    ledger.close()
    with audited(load_config(parties[0].config)) as node:
        bundles = Bundles(node.organisation, node.store, node.holdings)
        raws = [write_bundle(one) for number in numbers for one in asyncio.run(bundles.of(number))]

    def check(raw: bytes) -> None:
        verdict = verify_bundle(raw, anchors, now)
        if verdict.state is not State.GOOD:
            raise RuntimeError(f"a bundle is not good: {verdict.findings}")

    return _milliseconds([partial(check, raw) for raw in raws]) | {"bytes": len(raws[0])}


async def _append(folder: Path, signer: Signer, batches: int) -> dict[str, Any]:
    """Append batches of 256 to a log: tree of the commitments, entry with checkpoint and commit.

    Each batch is then published by itself; under load a publication takes several.
    """
    commitments = [commit(bytes(32), number.to_bytes(8, "big")) for number in range(BATCH)]
    store = open_store(f"sqlite:///{folder / 'gateway.sqlite'}")
    checkpoints = CheckpointStore(folder / "checkpoints.sqlite")
    raw_key = NoteKey.of(OURS, signer.public_key).public_key
    journal = Journal(OURS, signer, raw_key, bytes, published=checkpoints.newest)
    publisher = Publisher(
        OURS,
        store=store,
        checkpoints=checkpoints,
        tiles=TileFiles(folder / "log"),
        clock=system_clock,
        refuse=journal.refuse,
    )
    spent = dict.fromkeys(("tree of the batch", "entry and commit", PUBLISHED), 0.0)
    for number in range(-4, batches):
        if not number:
            spent = dict.fromkeys(spent, 0.0)
        marks = [time.process_time()]
        root = batch_root(commitments)
        marks.append(time.process_time())
        done = await store.transact(
            partial(
                journal.record_event,
                partner=THEIRS,
                event=Event.SENT,
                statement=STATEMENT,
                subject=f"batch:{number}",
                now=1,
                root=root,
            )
        )
        marks.append(time.process_time())
        await publisher.published(THEIRS, done.size)
        marks.append(time.process_time())
        for name, before, after in zip(spent, marks, marks[1:], strict=False):
            spent[name] += after - before
    await store.close()
    publisher.close()
    checkpoints.close()
    items = batches * BATCH
    costs = {name: one / items * 1e6 for name, one in spent.items()}
    return {"us": costs, "before_publishing": sum(costs.values()) - costs[PUBLISHED]}


def _fsck(folder: Path, keys: KeySet, leaves: int) -> dict[str, float]:
    """Audit one large log: the tree alone, and with the form of every entry; the best of some runs."""
    store = open_store(f"sqlite:///{folder / 'fsck.sqlite'}")
    log = f"{keys.organisation}/{THEIRS}"
    logs.fill(store, log, leaves, keys.log_ed25519)
    keyring = Keyring([keys.material()], now=system_clock())
    whole, tree = [], []
    for _ in range(FSCK_RUNS):
        begun = time.process_time()
        report = store.run_read(lambda tx: SelfAudit(keys.organisation, keyring).run(tx, log))
        whole.append(time.process_time() - begun)
        tree.append(report.tree_seconds)
        if not report.good or report.logs != {log: leaves}:
            raise RuntimeError(f"the log measured is not good: {report.found.findings[:1]}")
    store.shut()
    return {"leaves": leaves, "whole": leaves / min(whole), "tree": leaves / min(tree)}


def _proofs(folder: Path, sizes: Sizes) -> dict[str, Any]:
    """Prove leaves of a large log from its stored hashes, and check every proof."""
    chance = random.Random(1)
    asked = [chance.randrange(sizes.tree) for _ in range(sizes.proofs)]
    path = f"sqlite:///{folder / 'proofs.sqlite'}"
    store = open_store(path)
    root = logs.fill_synthetic(store, LOG, sizes.tree, asked)
    store.shut()
    store = open_store(path, create=False)
    found: list[Sequence[bytes]] = []

    def prove(index: int) -> None:
        found.append(store.run_read(lambda tx: inclusion(index, sizes.tree, partial(tx.log_hash, LOG))))

    figures = _milliseconds([partial(prove, index) for index in asked])
    store.shut()
    for index, proof in zip(asked, found, strict=True):
        verify_inclusion(logs.synthetic_leaf(), index, sizes.tree, proof, root)
    return figures | {"leaves": sizes.tree}


async def _cosign(parties: Sequence[Party]) -> None:
    """Let the recipient's witness cosign the sender's log, as a round of gossip does."""
    ours, theirs = (stages.End(one, Clock(), Clock(), one.organisation) for one in parties)
    sender, recipient = (one.organisation for one in parties)
    try:
        newest = ours.steps.logs.checkpoints.newest(f"{sender}/{recipient}")
        if newest is None:
            raise RuntimeError("the log of the sender was never published")
        request = format_request(Request(0, (), newest.note))
        answer = await theirs.steps.logs.witness.add_checkpoint(sender, request)
        known = NoteKeys(sender, ours.trust.keyring).witness_keys(recipient, system_clock())
        row = CosignedRow(
            log=newest.origin,
            witness=recipient,
            size=newest.size,
            note=cosignature_lines(newest.note, known, answer.line),
            cosigned_at=newest.published_at,
        )
        await ours.store.transact(lambda tx: tx.put_cosigned(row))
    finally:
        for end in (ours, theirs):
            await end.store.close()
            end.steps.logs.close()


def _milliseconds(works: Sequence[Callable[[], None]]) -> dict[str, float]:
    """Return median and maximum of works that are done once each; the first one warms up."""
    works[0]()
    spent = []
    for work in works[1:]:
        begun = time.perf_counter()
        work()
        spent.append((time.perf_counter() - begun) * 1000)
    return {"p50": statistics.median(spent), "max": max(spent), "n": len(spent)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the audit logs alone, write, show; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.audit", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes")
    parser.add_argument("--items", type=int, default=1_024, help="items that the two nodes exchange")
    parser.add_argument("--log-leaves", type=int, help="leaves of the log that is audited")
    parser.add_argument("--tree-leaves", type=int, help="leaves of the log that proofs are about")
    parser.add_argument("--out", type=Path, default=OUT, help="where the figures go")
    given = parser.parse_args(sys.argv[1:] if arguments is None else arguments)
    sizes = QUICK if given.quick else FULL
    sizes = replace(sizes, leaves=given.log_leaves or sizes.leaves, tree=given.tree_leaves or sizes.tree)
    begun = time.monotonic()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory(prefix="ead-bench-") as name:
        folder = Path(name)
        parties = make_parties(folder / "nodes", packaged_agreements())
        measured = stages.measure(folder, parties, given.items)
        figures = measure(folder / "audit", parties, sizes)
    figures["publishing"] = publishing.shares(measured.publishing, measured.stages, None)
    figures = table.rounded({"audit": figures, "seconds": time.monotonic() - begun})
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    console = Console()
    table.show_audit(figures["audit"], console)
    console.print(f"{figures['seconds']} s; figures in {given.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
