# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.gacc_ceb import adapter
from adapters.gacc_ceb.catalogue import MESSAGES
from gateway.sdk import Limits, has_errors
from tests.adapters.gacc_ceb.any_document import messages

NAMES = sorted(
    {"CEB213", "CEB215", "CEB311", "CEB411", "CEB511", "CEB513", "CEB623", "CEB625"}
    | {"CEB701", "CEB711", "CEB792", "CEB816", "CEB818"}
)


@pytest.mark.parametrize("name", NAMES)
def test_any_document_survives_the_way_out_and_back(now, name) -> None:
    """Whatever a sound document says is said again by the document that is written of it."""

    @settings(max_examples=60)
    @given(raw=messages(name))
    def check(raw: bytes) -> None:
        message = adapter.decode(raw, Limits())
        assert not has_errors(message.findings), message.findings
        assert not has_errors(message.documents[0].findings), message.documents[0].findings
        items = adapter.items(raw, Limits())
        written = adapter.encode(name, items, now)
        assert adapter.items(written.body, Limits()) == items
        assert not has_errors(adapter.decode(written.body, Limits()).documents[0].findings)
        assert {one.kind for one in written.losses} <= {"derived"}

    check()


@settings(max_examples=60)
@given(data=st.data())
def test_any_document_gets_its_receipt(outcomes, now, data) -> None:
    """The receipt of any sound document reads back without an error but for numbers it never had."""
    name = data.draw(st.sampled_from(NAMES))
    message = adapter.decode(data.draw(messages(name)), Limits())
    answer = adapter.decode(adapter.acknowledge(message, outcomes(message), now).body, Limits())
    assert answer.message_type == MESSAGES[name].receipt
    assert answer.documents[0].echo["guid"] == message.documents[0].echo["guid"]
    assert answer.documents[0].echo["returnStatus"] == "1"
