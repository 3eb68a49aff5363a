# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A real node process and a partner without a gateway, over real HTTP both ways, through a kill."""

import asyncio
import base64
import json
import subprocess
import sys

from gateway.demo.stage import running
from gateway.wire.convert import parse_delivery_receipt, unpack_envelope
from tests.system.submitting import ask, submit
from tests.webhook_partner import Partner, item, message, post, signed, tracking
from tests.webhook_stage import THERE, make_node

ITEMS = 40
SPAN = ("--from", "2020-01-01", "--to", "2100-01-01")


def command(party, *arguments, code=0):
    """Run a verb of the command line on the node; return its output."""
    done = subprocess.run(
        [sys.executable, "-m", "gateway", *arguments, "--config", str(party.config)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=party.folder,
    )
    assert done.returncode == code, (arguments, done.stdout, done.stderr)
    return done.stdout


async def settled(party, items, seconds=40.0):
    """Wait until so many shares are accepted."""
    async with asyncio.timeout(seconds):
        while True:
            counts = (await asyncio.to_thread(ask, party.url, "/v1/ledger"))["counts"]
            if counts["shares"].get("accepted", 0) == items:
                return counts
            await asyncio.sleep(0.1)


async def test_items_go_out_and_come_in_over_http(tmp_path) -> None:
    """Faults, a kill and a restart on the way: each record is posted, attested and accounted for once."""
    async with Partner() as partner:
        party = make_node(tmp_path, partner.url)
        partner.script = ["status 500", "status 503 1", "digest"]
        with running([party]):
            for start in range(0, ITEMS // 2, 5):
                records = [item(number, "NL") for number in range(start, start + 5)]
                raw = message(*records, number=f"m{start}")
                assert (await asyncio.to_thread(submit, party.url, raw)).outcome == "accepted"
            await asyncio.to_thread(party.kill)
            await asyncio.to_thread(party.start)
            for start in range(ITEMS // 2, ITEMS, 5):
                records = [item(number, "NL") for number in range(start, start + 5)]
                raw = message(*records, number=f"m{start}")
                assert (await asyncio.to_thread(submit, party.url, raw)).outcome == "accepted"
            await settled(party, ITEMS)
            body = message(item(900, "DE"), number="from the partner")
            url = f"{party.url}/v1/webhook/{THERE}"
            first = await asyncio.to_thread(post, url, body, signed("p-1", body))
            await asyncio.to_thread(party.kill)
            await asyncio.to_thread(party.start)
            again = await asyncio.to_thread(post, url, body, signed("p-1", body))
            forged = await asyncio.to_thread(post, url, body, {})
        by_key = {one.headers["Idempotency-Key"]: one.body for one in partner.posts}
        assert all(by_key[one.headers["Idempotency-Key"]] == one.body for one in partner.posts)
        taken = [
            one["data"]["tracking_number"] for raw in by_key.values() for one in json.loads(raw)["records"]
        ]
        assert sorted(taken) == sorted(tracking(number) for number in range(ITEMS))
    assert (first[0], again[0], forged[0]) == (200, 200, 401)
    receipts = [
        base64.b64decode(
            "".join(one[1][name] for name in sorted(one[1]) if name.startswith("Gateway-Receipt-"))
        )
        for one in (first, again)
    ]
    assert receipts[0] == receipts[1]
    assert parse_delivery_receipt(unpack_envelope(receipts[0]).statement).accepted == 1
    assert "attested by the sender, not signed by the partner" in command(party, "trace", tracking(3))
    command(party, "audit", "fsck")
    report = command(party, "audit", "report", "--partner", THERE, *SPAN)
    assert "attested by the sender" in report
    log = (party.folder / "gateway.log").read_text()
    assert "whsec_" not in log
    assert "A. Example" not in log
