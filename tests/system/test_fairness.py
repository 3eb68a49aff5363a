# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""One submitter floods, or one partner is silent: the other pair does not notice."""

import contextlib
import signal
import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest

from bench.fairness import RESTLESS, TOKENS, agreements
from gateway.demo.stage import HERE, THERE, make_parties, running, set_up
from gateway.sample import generate
from tests.system import books
from tests.system.submitting import eventually, submit, submit_until_answered

LANES = 40
"""Messages that the flood keeps under way; the intake has 32 places."""


@pytest.fixture
def parties(tmp_path):
    """The sender with two submitters, and two partners, all running."""
    made = make_parties(tmp_path, agreements(), organisations=(HERE, THERE, RESTLESS))
    tokens = made[0].folder / "tokens"
    tokens.write_text("".join(f"{who} {token}\n" for who, token in TOKENS.items()), "utf-8")
    tokens.chmod(0o600)
    set_up(made[0], {"http": {"token_file": "tokens"}})
    with running(made):
        yield made


def lists(seed, parcels, destination, documents):
    """Return messages of lists that are complete by themselves."""
    made = generate(seed, parcels, documents_per_message=documents, destinations=[destination])
    return [one for one in made if "603" in one.name]


def accepted(party, partner):
    """Return how many shares for a partner have a verified receipt that accepts them."""
    file = party.folder / "data" / "gateway.sqlite"
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        query = "select count(*) from share where state = 'accepted' and channel like ?"
        return connection.execute(query, (f"%{partner}%",)).fetchone()[0]


def test_flood_is_told_to_wait_and_the_calm_submitter_is_not(parties) -> None:
    """The submitter that fills the intake is asked to come later, the other never, and all arrives."""
    here = parties[0]
    flood, calm = lists(41, 3_000, "DE", 50), lists(42, 60, "NL", 2)
    refused = []

    def insist(message):
        """Submit until it is taken, and note every answer that asked to wait."""
        while (answer := submit(here.url, message.raw, token=TOKENS["restless"], timeout=60.0)).status == 503:
            refused.append(answer)
        return answer.outcome

    with ThreadPoolExecutor(LANES) as pool:
        flooding = pool.map(insist, flood)
        eventually(lambda: refused, seconds=60.0)
        answers = [
            submit(here.url, one.raw, adapter=one.adapter, token=TOKENS["calm"], timeout=60.0) for one in calm
        ]
        assert {one.status for one in answers} == {200}
        assert {one.outcome for one in answers} == {"accepted"}
        assert set(flooding) == {"accepted"}
    assert all(one.content_type == "application/problem+json" for one in refused)
    eventually(lambda: accepted(here, THERE) == 60, seconds=120.0)
    eventually(lambda: accepted(here, RESTLESS) == 3_000, seconds=120.0)


def test_silent_partner_holds_up_nobody_else(parties) -> None:
    """While one partner does not answer the other gets everything; once it answers it gets its own."""
    here, there, silent = parties
    silent.process.send_signal(signal.SIGSTOP)
    try:
        for who, messages in (("restless", lists(43, 400, "DE", 20)), ("calm", lists(44, 400, "NL", 20))):
            for one in messages:
                assert submit_until_answered(here.url, one, token=TOKENS[who]).outcome == "accepted"
        eventually(lambda: accepted(here, THERE) == 400, seconds=120.0)
        assert accepted(here, RESTLESS) == 0
    finally:
        silent.process.send_signal(signal.SIGCONT)
    eventually(lambda: accepted(here, RESTLESS) == 400, seconds=120.0)
    assert [one.stop() for one in parties] == [0, 0, 0]
    ours = books.Books(here)
    for partner in (there, silent):
        arrived = books.Books(partner).rows("inbound_record", state="accepted")
        assert len(arrived) == 400
    assert len(ours.rows("share", state="accepted")) == 800
