# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""B2B exports of both modes reach the importing side as agreed; what may be no list is refused and stays."""

from pathlib import Path

import pytest

import adapters.gacc_ceb
from gateway.demo.stage import HERE, THERE, make_parties, running, set_up
from tests.partner_messages import AGREEMENT
from tests.system.submitting import ask, eventually, revealed, settled, submit

SAMPLES = Path(adapters.gacc_ceb.__file__).parent / "samples"
TERMS = {"version": 1, "until": "2030-01-01T00:00:00Z", "required": "tracking_number", "then": "send"}
AGREED = """
[[field]]
paths = ["trade_mode", "order_type", "seller.name", "content[].description", "content[].value.*"]
treatment = "pass"
article = "7"
"""
GOODS = """
[[goods]]
about = "inspection"
from = 2024-01-01
source = "invented"
status = "sample"
headings = ["0101"]
"""


@pytest.fixture(scope="module", name="stage")
def _stage(tmp_path_factory):
    """Two running gateways; the first has rules of export lists with a table of goods."""
    folder = tmp_path_factory.mktemp("b2b")
    text = AGREEMENT.format(id="cn-de", sender=HERE, recipient=THERE, destination="DE", **TERMS) + AGREED
    packaged = Path(adapters.gacc_ceb.__file__).parents[2] / "gateway" / "trade" / "data" / "b2b_export.toml"
    rules = folder / "rules.toml"
    rules.write_text(packaged.read_text("utf-8") + GOODS, "utf-8")
    parties = make_parties(folder, [text.encode()])
    set_up(parties[0], {"b2b": {"rules": str(rules)}, "batch": {"linger_ms": 1}})
    set_up(parties[1], {})
    with running(parties):
        yield parties


def message(name, number, **changes):
    """Return a sample about another parcel and order, with elements changed."""
    text = (SAMPLES / f"{name}.xml").read_text("utf-8")
    order = text.split("orderNo>")[1].split("<")[0]
    changed = {
        "orderNo": (order, f"SYS{number}"),
        "ebpCode": (text.split("ebpCode>")[1].split("<")[0], "3301960001"),
    }
    if "logisticsNo" in text:
        changed |= {
            "logisticsNo": (text.split("logisticsNo>")[1].split("<")[0], f"TRB2B{number}"),
            "copNo": (text.split("copNo>")[1].split("<")[0], f"COPB2B{number}"),
            "invtNo": (text.split("invtNo>")[1].split("<")[0], f"51652026E{number:09d}"),
            "preNo": (text.split("preNo>")[1].split("<")[0], f"B20261102{number:09d}"),
        }
    for element, (old, new) in (changed | changes).items():
        assert f"{element}>{old}<" in text
        text = text.replace(f"{element}>{old}<", f"{element}>{new}<")
    return text.encode()


@pytest.mark.parametrize(
    ("number", "order", "mode", "kind"),
    [(1, "ceb303_b2b", "9710", "B"), (2, "ceb303_stocking", "9810", "W")],
)
def test_a_b2b_export_reaches_the_importing_side(*, stage, number, order, mode, kind) -> None:
    """Order and list make one item; mode, type, seller and goods go as agreed, the declarant does not."""
    here, there = stage
    for raw in (message(order, number), message(f"ceb603_{mode}", number)):
        answer = submit(here.url, raw, adapter="gacc_ceb")
        assert answer.outcome == "accepted", answer.body.decode()
    eventually(lambda: settled(here.url) and ask(there.url, f"/v1/received/TRB2B{number}"))
    item = revealed(there.url, f"TRB2B{number}")["received"][-1]["release"]["item"]
    assert (item["trade_mode"], item["order_type"]) == (mode, kind)
    assert item["seller"] == {"name": "深圳云帆远电子商务有限公司"}
    assert item["content"][0]["value"]["amount"] == "56"
    assert "declarant" not in item


@pytest.mark.parametrize(
    ("number", "changes", "code"),
    [
        (11, {"price": ("28", "9999"), "totalPrice": ("56", "19998")}, "CEB-B2B-LIST-VALUE"),
        (12, {"licenseNo": ("", "LIC1")}, "CEB-B2B-LIST-LICENCE"),
        (13, {"gcode": ("6109100010", "0101210010")}, "B2B-LIST-GOODS"),
        (14, {"tradeMode": ("9710", "9999")}, "SCHEMA-CODE"),
    ],
)
def test_what_may_be_no_list_is_refused_with_the_finding(*, stage, number, changes, code) -> None:
    """The receipt names the finding, and nothing of the list is kept or sent."""
    here, there = stage
    answer = submit(here.url, message("ceb603_9710", number, **changes), adapter="gacc_ceb")
    assert answer.outcome == "refused"
    assert code in answer.body.decode()
    assert ask(here.url, f"/v1/items/TRB2B{number}") is None
    assert not ask(there.url, f"/v1/received/TRB2B{number}")


def test_a_list_of_another_mode_than_its_order_is_refused(stage) -> None:
    """A stocking order belongs to 9810: its 9710 list is refused, its 9810 list is taken afterwards."""
    here, _ = stage
    assert submit(here.url, message("ceb303_stocking", 21), adapter="gacc_ceb").outcome == "accepted"
    wrong = submit(here.url, message("ceb603_9710", 21), adapter="gacc_ceb")
    assert (wrong.outcome, "B2B-ORDER-TYPE" in wrong.body.decode()) == ("refused", True)
    assert submit(here.url, message("ceb603_9810", 21), adapter="gacc_ceb").outcome == "accepted"
