# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""That persons are shown is entered with who, what and why; without a reason that is entered too."""

import asyncio

import pytest

from gateway.admission import Reveals
from gateway.errors import InputError


@pytest.fixture(name="reveals")
def _reveals(admitting):
    """Give where it is entered."""
    return Reveals(admitting.acts)


def test_the_entry_says_who_saw_what_and_why(admitting, reveals) -> None:
    """The words hold the name, our number of the item and the reason, and the entry's digest fits them."""
    index = asyncio.run(reveals.show("item 7", "  the parcel is held at the office ", actor="duty"))
    (act,) = admitting.entered()
    assert index == 0
    assert (act["what"], act["outcome"], act["actor"]) == ("item.reveal", "done", "duty")
    assert (act["about"], act["reason"]) == ("item 7", "the parcel is held at the office")


def test_a_proof_that_is_handed_out_is_entered(admitting, reveals) -> None:
    """Fetching a bundle is an entry with the log and the index of what it proves."""
    asyncio.run(reveals.hand_out("alpha/beta 12", actor="audit"))
    (act,) = admitting.entered()
    assert (act["what"], act["actor"], act["about"]) == ("item.proof", "audit", "alpha/beta 12")


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_without_a_reason_nothing_is_shown_and_that_is_entered(admitting, reveals, reason) -> None:
    """An empty or endless reason is refused, and the refusal says of whom."""
    with pytest.raises(InputError) as refused:
        asyncio.run(reveals.show("item 7", reason, actor="duty"))
    assert [one.code for one in refused.value.findings] == ["ACCESS-REASON"]
    (act,) = admitting.entered()
    assert (act["what"], act["outcome"], act["codes"]) == ("item.reveal", "refused", ["ACCESS-REASON"])
    assert act["about"] == "item 7"
