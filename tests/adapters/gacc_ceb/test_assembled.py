# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The documents of this adapter take effect in the core: joined, kept apart, taken back."""

import itertools
from decimal import Decimal

import pytest

from gateway.model import unpack_item
from tests.document_bench import DocumentBench

WORDS = ("ceb621", "ceb311", "ceb411", "ceb511", "ceb711")


@pytest.fixture(name="bench")
def _bench() -> DocumentBench:
    """A fresh bench."""
    return DocumentBench()


@pytest.fixture(name="take")
def _take(bench, decode, text):
    """Return a way to take all contributions of a sample."""

    def take(raw: str) -> None:
        for document in decode(text(raw) if "<" not in raw else raw).documents:
            for one in document.contributions:
                ((accepted, _),) = bench.take(one)
                assert accepted

    return take


@pytest.mark.parametrize("order", [WORDS, WORDS[::-1], (*WORDS[2:], *WORDS[:2])])
def test_the_words_of_an_import_make_one_item_in_any_order(bench, take, order) -> None:
    """List, order, payment, waybill and warehouse entry are joined; the list keeps precedence."""
    for name in order:
        take(name)
    found = {row.tracking_number: unpack_item(row.body) for row in bench.rows()}
    item = found["SF0000000000007"]
    assert set(found) == {"SF0000000000007", "SF0000000000008"}
    assert item.list_reference == "IMC20261102000007"
    assert item.payment.amount == Decimal("289.57")
    assert item.payment_number == "PAY0000000007"
    assert item.addressee.name == "样例收件人"
    assert item.site_operator.identifier == "4401980777"
    assert item.order_type == "I"


def test_records_beside_an_item_change_nothing_in_it(bench, take) -> None:
    """Delivery, returns and tax bills are records of their own."""
    take("ceb621")
    (before,) = bench.rows()
    for name in ("ceb513", "ceb625", "ceb816", "ceb818", "ceb701"):
        take(name)
    assert bench.rows() == [before]
    assert {row.tracking_number for row in bench.rows("event")} == {"SF0000000000007"}
    assert len(bench.rows("event")) == 3
    assert len(bench.rows("assessment")) == 1


def test_events_of_different_messages_never_replace_each_other(bench, take) -> None:
    """Return, tally, import return, delivery and status of a bill have references of their own."""
    names = ("ceb213", "ceb215", "ceb625", "ceb513", "ceb818")
    for name in names:
        take(name)
    assert len(bench.rows("event")) == len(names)
    assert all(row.version == 1 for row in bench.rows("event"))


def test_an_import_cancellation_cancels_its_item(bench, take) -> None:
    """CEB623 cancels whether it comes before or after the list."""
    for names in itertools.permutations(("ceb621", "ceb623")):
        again = DocumentBench()
        bench.tables, bench.tx = again.tables, again.tx
        for name in names:
            take(name)
        (row,) = bench.rows()
        assert row.state == "cancelled"


def test_a_void_bill_is_deleted_and_keeps_what_it_said(bench, take) -> None:
    """The status message takes back the bill that came before it."""
    take("ceb816")
    take("ceb818_void")
    (row,) = bench.rows("assessment")
    assert row.state == "deleted"
    assert unpack_item(row.body).assessment.total.amount == Decimal("26.07")


def test_a_return_that_is_taken_back_is_deleted(bench, take, text) -> None:
    """Application type 3 under the same number deletes the return."""
    take("ceb213")
    take(text("ceb213").replace("appType>1<", "appType>3<"))
    (row,) = bench.rows("event")
    assert row.state == "deleted"
