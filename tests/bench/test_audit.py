# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The measurement of the audit logs alone, and the logs that are made for it."""

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from bench import logs, publishing
from gateway.audit import inclusion, rebuild, verify_inclusion
from gateway.store import open_store

ROOT = Path(__file__).parents[2]


def test_it_runs_alone(tmp_path) -> None:
    """`python -m bench.audit` writes every figure that has a limit, and shows each with it."""
    out = tmp_path / "audit.json"
    tiny = ["--items", "100", "--log-leaves", "5000", "--tree-leaves", "70000"]
    done = subprocess.run(
        [sys.executable, "-m", "bench.audit", "--quick", *tiny, "--out", str(out)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    audit = json.loads(out.read_text("utf-8"))["audit"]
    assert audit["limits"] == {
        "bundle_verify_ms": 50,
        "append_us_per_item": 5,
        "inclusion_proof_ms": 5,
        "fsck_leaves_per_s": 200_000,
    }
    assert all(audit[name] > 0 for name in audit["limits"])
    assert audit["fsck"]["leaves"] == 5000
    assert audit["inclusion_proof"]["leaves"] == 70000
    assert set(audit["publishing"]["us"]) == {
        "sign checkpoints",
        "tiles and swap, sender",
        "tiles and swap, recipient",
    }
    assert 0 < audit["publishing"]["of_stages"] < 1
    assert "bundle" in done.stdout


@pytest.mark.parametrize("size", [1, 63, 64, 65, 1000, 4097])
def test_synthetic_log_is_the_tree_of_equal_leaves(tmp_path, size) -> None:
    """The root is that of a log of equal leaves, and proofs of the leaves asked about lead to it."""
    store = open_store(f"sqlite:///{tmp_path / 'log.sqlite'}")
    asked = sorted({0, size // 2})
    root = logs.fill_synthetic(store, "a/b", size, asked)
    assert root == rebuild([b"synthetic"] * size)
    for index in asked:
        proof = store.run_read(lambda tx, index=index: inclusion(index, size, partial(tx.log_hash, "a/b")))
        verify_inclusion(logs.synthetic_leaf(), index, size, proof, root)
    store.shut()


def test_share_of_publishing_counts_no_stage_twice() -> None:
    """Parts of a stage are not added to the whole, and the real run is another whole."""
    stages = {"open": 30.0, "receive": 60.0, "publish": 40.0, "receive: part": 1000.0}
    found = publishing.shares({"sign": 2.0, "tiles": 3.0}, stages, {"sender": 150.0, "recipient": 50.0})
    assert (found["of_stages"], found["of_end_to_end"]) == (0.05, 0.025)
    assert "of_end_to_end" not in publishing.shares({"sign": 1.0}, stages, None)
