# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The meanings of the dialogue, which are data where no schema is public."""

import pytest

from adapters.eu_ics2.dialogue import meaning_of, meanings, record_of
from adapters.eu_ics2.frames import of_message
from gateway.sdk import Answer, Assessment


@pytest.mark.parametrize("message", list(meanings()))
def test_every_trader_message_has_a_meaning_there_and_back(message) -> None:
    """The record of a message leads back to a message of the same meaning."""
    record = record_of(message)
    assert record is not None
    assert meaning_of(record).message == message


def test_every_carrier_is_a_message_that_we_write() -> None:
    """A meaning is carried by a public message or by none; no XML is invented for it."""
    assert all(not one.carrier or of_message(one.carrier) for one in meanings().values())
    assert all(not of_message(one) for one in meanings())
    assert all(one.source for one in meanings().values())


def test_what_the_table_lacks_has_no_message() -> None:
    """An unknown message and an outcome without a message give nothing."""
    assert record_of("IE3X99") is None
    assert meaning_of(Assessment(outcome="seize")) is None
    assert meaning_of(Answer(kind="amendment")) is None
