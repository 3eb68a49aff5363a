# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The measurement runs from end to end and writes what others read."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.adapters import SAMPLES

ROOT = Path(__file__).parents[2]


@pytest.fixture(name="figures", scope="module")
def _figures(tmp_path_factory):
    """The figures of a tiny run."""
    out = tmp_path_factory.mktemp("bench") / "bench.json"
    tiny = ["--items", "100", "--rounds", "2", "--latency-seconds", "0.5", "--stage-items", "100"]
    tiny += ["--log-leaves", "5000"]
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--quick", *tiny, "--out", str(out)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(out.read_text("utf-8"))


def test_promised_keys_are_there(figures):
    """The keys that later changes compare are numbers above zero."""
    for path in (
        "end_to_end.items_per_s",
        "end_to_end.roofline_ratio",
        "end_to_end.cpu_us.sender_node",
        "rss_mb.sender_node",
        "rss_mb.growth.after_2n",
        "latency_ms.p50",
        "latency_ms.p99",
        "audit.bundle_verify_ms",
        "audit.append_us_per_item",
        "audit.inclusion_proof_ms",
        "audit.fsck_leaves_per_s",
        "audit.publishing.of_stages",
        "audit.publishing.of_end_to_end",
    ):
        value = figures
        for name in path.split("."):
            value = value[name]
        assert value > 0, path


def test_every_stage_and_primitive_costs_something(figures):
    """Stages and primitives are microseconds above zero."""
    assert {"decode", "assemble and merge", "prepare", "open", "receive", "acknowledge"} <= set(
        figures["stages_us"]
    )
    assert all(value > 0 for value in [*figures["stages_us"].values(), *figures["primitives_us"].values()])


def test_items_balance(figures):
    """Every equation between the two ends held."""
    assert figures["faults"] == []


def test_every_adapter_is_measured(figures):
    """Each adapter with a sample writes and reads records in some microseconds."""
    found = figures["adapters"]
    assert set(found) == {one.adapter for one in SAMPLES}
    assert all(one["encode_us"] > 0 and one["decode_us"] > 0 for one in found.values())
