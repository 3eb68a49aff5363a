# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A partner that takes no calls fetches its items, and ends with the same books as one that is called."""

from gateway.demo.stage import HERE, THERE, make_parties, packaged_agreements, running, set_up
from gateway.sample import generate
from tests.system import books
from tests.system.submitting import ask, eventually, settled, submit_until_answered
from tests.system.test_kill import QUICK, expect


def test_collecting_partner_gets_the_same_items(tmp_path) -> None:
    """Everything arrives once, also what is sealed while the partner is away, and both ends balance."""
    parties = make_parties(tmp_path, packaged_agreements(), collecting=(THERE,))
    for party in parties:
        set_up(party, QUICK)
    here, there = parties
    messages = list(generate(11, 60, documents_per_message=20, destinations=["NL"], fault_rate=0.05))
    with running(parties):
        assert [one["courier"] for one in ask(here.url, "/v1/status")["channels"]] in ([], [""])
        for message in messages[:6]:
            submit_until_answered(here.url, message)
        eventually(lambda: settled(here.url))
        there.kill()
        for message in messages[6:]:
            submit_until_answered(here.url, message)
        eventually(lambda: ask(here.url, "/v1/ledger")["counts"]["shares"].get("ready", 0) == 0)
        assert not settled(here.url)
        there.start()
        eventually(lambda: settled(here.url))
        assert [party.stop() for party in parties] == [0, 0]
    ours, theirs = (books.Books(party) for party in parties)
    expected = expect(messages)
    books.check_messages(ours, messages)
    books.check_items(ours, expected)
    sent = books.check_lane(ours, theirs)
    books.check_records(theirs, expected)
    for one in (ours, theirs):
        books.check_logs(one, entries=2 * len(sent))
        books.check_counters(one)
    assert {row["channel"] for row in theirs.rows("inbound")} == {f"{HERE}/{THERE}/item"}
