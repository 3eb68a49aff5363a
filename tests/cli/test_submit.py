# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway submit|status|trace|received` on a node that is not serving."""

import re

import pytest


@pytest.fixture(name="node")
def _node(gateway, tmp_path):
    """The configuration of a new node."""
    assert gateway("init", "--organisation", "customs-xx", "--folder", tmp_path / "node").code == 0
    return tmp_path / "node" / "gateway.toml"


def test_submit_trace_and_status(gateway, gateway_process, node, samples, tmp_path) -> None:
    """Messages submitted by command are there, item by item, and receipts beside them."""
    files = [samples[one] for one in ("CEB303", "CEB505", "CEB603")]
    receipts = tmp_path / "receipts"
    done = gateway_process("submit", *files, "--config", node, "--receipts", receipts, "--json")
    assert done.code == 0
    assert [(row["outcome"], row["accepted"]) for row in done.json] == [("accepted", 4)] * 3
    assert sorted(one.name for one in receipts.iterdir()) == [f"{one.name}.receipt.xml" for one in files]
    tracking = re.search("<ceb:logisticsNo>([^<]+)<", samples["CEB603"].read_text())[1]

    story = gateway("trace", tracking, "--config", node, "--json")
    assert story.code == 0
    assert (story.json["tracking_number"], story.json["state"]) == (tracking, "open")
    assert gateway("trace", tracking, "--config", node).out.startswith(tracking)

    status = gateway("status", "--config", node, "--json")
    assert (status.code, status.json["faults"]) == (0, [])
    assert status.json["status"]["ledger"]["messages"] == 3
    assert "accepted 12" in gateway("status", "--config", node).out

    again = gateway_process("submit", files[0], "--config", node, "--json")
    assert (again.code, again.json[0]["outcome"]) == (0, "repeated")


def test_exit_code_tells_a_refusal(gateway_process, node, samples) -> None:
    """A partly good message ends with 0, one that is refused whole with 1."""
    partial = gateway_process("submit", samples["fault"], "--config", node, "--json")
    assert (partial.code, partial.json[0]["outcome"]) == (0, "partial")
    refused = gateway_process("submit", samples["whole"], "--config", node, "--json")
    assert (refused.code, refused.json[0]["outcome"]) == (1, "refused")


def test_unknown_items_end_with_one(gateway, gateway_process, node, samples) -> None:
    """Asking for what nobody has named ends with 1 and says so on standard error."""
    gateway_process("submit", samples["CEB303"], "--config", node)
    for command in ("trace", "received"):
        done = gateway(command, "LX000000005CN", "--config", node)
        assert (done.code, done.out) == (1, "")
        assert "LX000000005CN" in done.err


def test_unknown_adapter_is_wrong(gateway_process, node, samples) -> None:
    """An adapter that is not enabled is refused with its finding."""
    done = gateway_process("submit", samples["CEB303"], "--config", node, "--adapter", "other")
    assert done.code == 1
    assert "INTAKE-ADAPTER" in done.err
