# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Stock of overseas warehouses: shipped by lists, sold and returned by reports, over HTTP and commands."""

import concurrent.futures
import json
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request

import grpc
import pytest

from gateway.demo.stage import HERE, THERE, make_parties, running, set_up
from gateway.wire.v1 import stock_pb2 as wire
from tests.partner_messages import AGREEMENT
from tests.system.node_faces import call
from tests.system.submitting import ask, submit
from tests.system.test_b2b_export import TERMS, message


@pytest.fixture(scope="module", name="stage", params=["sqlite", "postgresql"])
def _stage(request, tmp_path_factory):
    """Two running gateways, the first on either database; the second lets nobody report stock."""
    text = AGREEMENT.format(id="cn-de", sender=HERE, recipient=THERE, destination="DE", **TERMS)
    parties = make_parties(tmp_path_factory.mktemp("stock"), [text.encode()])
    set_up(parties[0], {"b2b": {"reporters": ["local", "grpc"]}})
    set_up(parties[1], {"b2b": {"reporters": []}})
    server = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    if server:
        url = server.migrated()
        set_up(parties[0], {"database": {"url": url}})
    with running(parties):
        yield parties
    if server:
        server.give_back(url)


def report(party, number, **fields):
    """Report stock over HTTP; return status and answer."""
    said = {
        "reference": f"R{number}",
        "line": "SKU-TS-01",
        "kind": "sold",
        "quantity": "1",
        "unit": "H87",
        "on": "2026-11-20",
        "source": "invoice",
    }
    request = urllib.request.Request(
        f"{party.url}/v1/stock/3301960001/SYS{number}",
        data=json.dumps(said | fields).encode(),
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as reply:
            return reply.status, json.load(reply)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def by_http(party):
    """Return the list of stocking orders over HTTP, page by page."""
    orders, after = [], ""
    while True:
        page = ask(party.url, f"/v1/stock?{urllib.parse.urlencode({'after': after})}")
        orders, after = orders + page["orders"], page["next"]
        if not after:
            return orders


def by_grpc(party):
    """Return the same over gRPC."""
    orders, after = [], ""
    while True:
        page = call(party, "Stock", "List", wire.ListStockRequest(after=after), wire.StockOrders)
        orders, after = orders + list(page.orders), page.next
        if not after:
            return orders


def shirts(shown):
    """Return the first line of the sample."""
    return next(one for one in shown["lines"] if one["line"] == "SKU-TS-01")


def command(party, *arguments):
    """Run a verb of stock on the node; return what it did."""
    return subprocess.run(
        [sys.executable, "-m", "gateway", "stock", *arguments, "--config", str(party.config)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_of_many_sales_at_once_only_what_remains_is_taken(stage) -> None:
    """Two pieces are shipped: of twenty sales at once two are taken; again the same answer, once logged."""
    here, there = stage
    assert submit(here.url, message("ceb603_9810", 31), adapter="gacc_ceb").outcome == "accepted"
    shown = ask(here.url, "/v1/stock/3301960001/SYS31")
    assert (shirts(shown)["shipped"], shirts(shown)["remaining"], shown["history"]) == ("2", "2", [])
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        done = list(pool.map(lambda one: report(here, 31, reference=f"S{one}"), range(20)))
    assert sorted(status for status, _ in done) == [201] * 2 + [422] * 18
    taken = next(answer for status, answer in done if status == 201)
    name = taken["report"]["reference"]
    assert report(here, 31, reference=name) == (201, taken)
    other = report(here, 31, reference=name, kind="returned")
    assert [one["code"] for one in other[1]["findings"]] == ["STOCK-REFERENCE"]
    shown = json.loads(command(here, "show", "3301960001", "SYS31", "--json").stdout)
    assert (shirts(shown)["sold"], shirts(shown)["remaining"], len(shown["history"])) == ("2", "0", 2)
    assert report(there, 31)[0] == 403


def test_what_was_sold_and_came_back_is_sold_no_longer(stage) -> None:
    """A piece taken back into the stock remains again and can be sold anew; more than is sold is refused."""
    here, _ = stage
    assert submit(here.url, message("ceb603_9810", 35), adapter="gacc_ceb").outcome == "accepted"
    assert report(here, 35, reference="T1", quantity="2")[0] == 201
    status, answer = report(here, 35, reference="T2", kind="taken-back", quantity="3")
    assert (status, answer["findings"][0]["code"], answer["findings"][0]["expected"]) == (
        422,
        "STOCK-SHORT",
        "at most 2",
    )
    assert report(here, 35, reference="T3", kind="taken-back")[0] == 201
    line = shirts(ask(here.url, "/v1/stock/3301960001/SYS35"))
    assert (line["sold"], line["taken_back"], line["returned"], line["remaining"]) == ("1", "1", "0", "1")
    assert report(here, 35, reference="T4")[0] == 201
    assert report(here, 35, reference="T5")[0] == 422
    shown = command(here, "show", "3301960001", "SYS35").stdout
    assert "sold 2, returned 0 (1 taken back), remaining 0" in shown


def test_sold_piece_that_came_back_and_was_returned_is_counted_once(stage) -> None:
    """Sold, taken back, returned: one piece of two is gone, the other remains."""
    here, _ = stage
    assert submit(here.url, message("ceb603_9810", 36), adapter="gacc_ceb").outcome == "accepted"
    for number, kind in enumerate(("sold", "taken-back", "returned")):
        assert report(here, 36, reference=f"B{number}", kind=kind)[0] == 201
    line = shirts(ask(here.url, "/v1/stock/3301960001/SYS36"))
    assert (line["shipped"], line["sold"], line["returned"], line["remaining"]) == ("2", "0", "1", "1")


def test_the_list_names_orders_that_were_only_shipped(stage) -> None:
    """An order of 9810 without reports is listed, one of 9710 not; pages join, and all faces say the same."""
    here, _ = stage
    for name, number in (("ceb603_9810", 37), ("ceb603_9810", 38), ("ceb603_9710", 39)):
        assert submit(here.url, message(name, number), adapter="gacc_ceb").outcome == "accepted"
    listed = command(here, "list").stdout.split()
    assert {f"ord:3301960001|SYS{one}" for one in (37, 38)} <= set(listed)
    assert not any(one.endswith("SYS39") for one in listed)
    pages, after = [], ""
    while page := command(here, "list", "--limit", "1", "--after", after).stdout.split():
        pages, after = pages + page, page[-1]
    assert pages == listed
    assert by_http(here) == by_grpc(here) == listed
    assert ask(here.url, "/v1/stock/3301960001/SYS37")["history"] == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"quantity": "3"}, "STOCK-SHORT"),
        ({"quantity": "0"}, "STOCK-QUANTITY"),
        ({"quantity": "-1"}, "STOCK-QUANTITY"),
        ({"quantity": "NaN"}, "STOCK-QUANTITY"),
        ({"line": "SKU-XX"}, "STOCK-LINE"),
        ({"kind": "lost"}, "STOCK-FORM"),
        ({"colour": "red"}, "STOCK-FORM"),
    ],
)
def test_a_bad_report_changes_nothing(*, stage, fields, code) -> None:
    """What does not check is refused with its finding, and the order has no history."""
    here, _ = stage
    submit(here.url, message("ceb603_9810", 32), adapter="gacc_ceb")
    status, answer = report(here, 32, **fields)
    assert (status, [one["code"] for one in answer["findings"]]) == (422, [code])
    assert ask(here.url, "/v1/stock/3301960001/SYS32")["history"] == []


def test_stock_is_reported_on_the_command_line(stage) -> None:
    """A sale and a return by command are in the history; an unknown order exits with 1."""
    here, _ = stage
    assert submit(here.url, message("ceb603_9810", 33), adapter="gacc_ceb").outcome == "accepted"
    for verb in ("sold", "returned"):
        named = ("--reference", f"C-{verb}", "--line", "SKU-TS-01", "--quantity", "1", "--unit", "H87")
        rest = ("--on", "2026-11-20", "--source", "count")
        done = command(here, verb, "3301960001", "SYS33", *named, *rest)
        assert done.returncode == 0, done.stderr
    assert "sold 1, returned 1, remaining 0" in command(here, "show", "3301960001", "SYS33").stdout
    assert "ord:3301960001|SYS33" in command(here, "list").stdout
    assert command(here, "show", "3301960001", "none").returncode == 1


def test_stock_is_reported_over_grpc(stage) -> None:
    """A sale by call is kept as over HTTP; a node that does not allow it answers PERMISSION_DENIED."""
    here, there = stage
    assert submit(here.url, message("ceb603_9810", 34), adapter="gacc_ceb").outcome == "accepted"
    said = {"reference": "G34", "line": "SKU-TS-01", "kind": "sold", "quantity": "1", "unit": "H87"}
    request = wire.RecordStockRequest(
        platform="3301960001",
        order="SYS34",
        report=wire.StockReport(**said, on="2026-11-20", source="invoice"),
    )
    kept = call(here, "Stock", "Record", request, wire.RecordedStock)
    assert (kept.actor, kept.report, kept.log_index >= 0) == ("grpc", request.report, True)
    assert call(here, "Stock", "Record", request, wire.RecordedStock) == kept
    asked = wire.ShowStockRequest(platform="3301960001", order="SYS34")
    shown = call(here, "Stock", "Show", asked, wire.StockOrder)
    (line,) = (one for one in shown.lines if one.line == "SKU-TS-01")
    assert (line.shipped, line.sold, line.remaining) == ("2", "1", "1")
    assert list(shown.history) == [kept]
    assert "ord:3301960001|SYS34" in by_grpc(here)
    nothing = wire.ShowStockRequest(platform="3301960001", order="none")
    assert call(here, "Stock", "Show", nothing, wire.StockOrder) == wire.StockOrder()
    with pytest.raises(grpc.RpcError) as raised:
        call(there, "Stock", "Record", request, wire.RecordedStock)
    assert raised.value.code() is grpc.StatusCode.PERMISSION_DENIED
