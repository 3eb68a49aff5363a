# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Bad returns at a running gateway: each fault is refused by its name and leaves nothing half-done."""

import json
from datetime import timedelta

import pytest

from gateway.demo.stage import HERE, make_parties, set_up
from tests.list_traffic import Parcel
from tests.system.node_faces import codes, command, post
from tests.system.submitting import ask
from tests.system.test_returns import EXPORTED, PIECES, agreements, exported, form

YEAR_AND_MORE = timedelta(days=370)


def line(quantity="1", number=1):
    """Return a line of a claim."""
    amount = {"value": quantity, "unit": "H87"}
    return {"line": number, "quantity": amount, "legal": amount}


FAULTS = {
    "above_the_account": ({"lines": [line(str(PIECES))]}, "RETURN-ACCOUNT"),
    "above_the_account_by_the_legal_quantity": (
        {"lines": [line() | {"legal": {"value": str(PIECES), "unit": "H87"}}]},
        "RETURN-ACCOUNT",
    ),
    "line_never_exported": ({"lines": [line(number=2)]}, "RETURN-LINE"),
    "list_never_seen": ({"list_number": Parcel(7998, True, EXPORTED, "9610", "5165", "304", "1").list_number},
                        "RETURN-LIST"),
    "list_of_another_exporter": ({"exporter": "4403000000"}, "RETURN-EXPORTER"),
    "twice_with_another_number": ({"lines": [line("2")], "tracking_number": "BACK7100"}, "RETURN-TWICE"),
    "after_the_clock": ({"day": (EXPORTED + YEAR_AND_MORE).isoformat()}, "RETURN-CLOCK"),
    "forbidden_office": ({"office": "2900"}, "RETURN-OFFICE"),
}  # fmt: skip


@pytest.fixture(scope="module", name="stage")
def _stage(tmp_path_factory):
    """A running gateway, a list of which one piece came back as BACK7100, and how that stands."""
    here, _ = make_parties(tmp_path_factory.mktemp("bad_returns"), agreements())
    set_up(here, {"returns": {"rules": "packaged", "deciders": ["local"]}})
    here.start()
    here.await_ready()
    one = exported(here, 7100, "9610")
    status, case = post(here, "/v1/returns", form(one, "FIRST", tracking_number="BACK7100"))
    assert (status, case["state"]) == (201, "drawn")
    yield here, one, standing(here, one)
    assert here.stop() == 0


def standing(here, one):
    """Return the account of a list, all cases, and how long the log of returns is."""
    report = json.loads(command(here, "audit", "fsck", "--json"))
    account = ask(here.url, f"/v1/returns/accounts/{one.list_number}")
    return account, ask(here.url, "/v1/returns"), report["logs"][f"{HERE}/returns"]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_bad_return_is_refused_by_name_and_leaves_nothing(stage, fault) -> None:
    """The answer holds the finding of the fault alone; account, cases and log are as before."""
    here, one, before = stage
    fields, code = FAULTS[fault]
    status, found = codes(post(here, "/v1/returns", form(one, fault, **fields)))
    assert (status, set(found)) == (422, {code})
    assert standing(here, one) == before
