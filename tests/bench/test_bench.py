# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The measurement runs from end to end and writes what others read."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bench.adapters import SAMPLES
from bench.picture import draw

pytestmark = pytest.mark.long
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
        "statistics.count_us",
        "statistics.cells_us_16_a_commit",
        "statistics.limits.answer_ms",
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


def test_batches_cost_less_than_signatures_of_items(figures):
    """Evidence in batches costs less than a signature over every item, and a shared commit less than many."""
    cost = figures["peers_us"]
    batch, *others = (value for name, value in cost.items() if name.startswith("evidence"))
    assert batch < min(others)
    assert cost["durable row: one commit for 256 items"] < cost["durable row: one commit for each item"]


def test_picture_shows_every_panel(figures, tmp_path):
    """The drawing names processes, rates and peers, and the same figures give the same bytes."""
    databases = {**figures, "databases": {"PostgreSQL, 2 nodes": [100.0, 120.0]}}
    for name in ("a.svg", "b.svg"):
        draw(tmp_path / name, databases)
    text = (tmp_path / "a.svg").read_text("utf-8")
    assert ET.fromstring(text).tag.endswith("svg")
    for shown in (
        "sender worker",
        "lists alone, PostgreSQL, 2 nodes",
        "231/s, 1 a message",
        "signxml over a",
    ):
        assert shown in text
    assert (tmp_path / "b.svg").read_text("utf-8") == text
