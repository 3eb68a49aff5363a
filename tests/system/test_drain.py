# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""SIGTERM drains: the process ends with 0, what it took is answered, and nothing is lost."""

import http.client
import time
from concurrent.futures import ThreadPoolExecutor

from gateway.demo.stage import make_parties, packaged_agreements, running, set_up
from gateway.sample import generate
from tests.system import books
from tests.system.submitting import eventually, settled, submit
from tests.system.test_kill import QUICK, expect


def submit_once(url, message):
    """Submit once; say whether an answer came."""
    try:
        return submit(url, message.raw, adapter=message.adapter).outcome != ""
    except (OSError, http.client.HTTPException):
        return False


def test_sigterm_loses_nothing(tmp_path) -> None:
    """Both sides are stopped in the middle of the flow and started again; every answered message counts."""
    parties = make_parties(tmp_path, packaged_agreements())
    for party in parties:
        set_up(party, QUICK)
    here = parties[0]
    messages = list(generate(21, 100, documents_per_message=10, destinations=["NL"]))
    with running(parties), ThreadPoolExecutor(4) as pool:
        answers = pool.map(lambda one: submit_once(here.url, one), messages)
        time.sleep(0.25)
        stopping = [pool.submit(party.stop) for party in parties]
        assert [one.result() for one in stopping] == [0, 0]
        answered = [one for one, good in zip(messages, answers, strict=True) if good]
        stored = {row["digest"] for row in books.Books(here).rows("message")}
        assert len(stored) == len(answered)
        for party in parties:
            party.launch()
        for party in parties:
            party.await_ready()
        assert all(submit_once(here.url, one) for one in messages)
        eventually(lambda: settled(here.url))
        assert [party.stop() for party in parties] == [0, 0]
    ours, theirs = (books.Books(party) for party in parties)
    books.check_messages(ours, messages)
    sent = books.check_lane(ours, theirs)
    arrived = {row["tracking_number"] for row in theirs.rows("inbound_record", state="accepted")}
    assert arrived == set(expect(messages).complete)
    for one in (ours, theirs):
        books.check_logs(one, entries=2 * len(sent))
        books.check_counters(one)


def test_drain_answers_what_is_under_way(tmp_path) -> None:
    """A large message that is in work when SIGTERM comes is taken and answered."""
    here, _ = make_parties(tmp_path, packaged_agreements())
    message = next(one for one in generate(22, 100, destinations=["NL"]) if "603" in one.name)
    here.start()
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(submit, here.url, message.raw)
        time.sleep(0.3)
        assert here.stop() == 0
        assert answer.result().outcome == "accepted"
    assert [row["accepted"] for row in books.Books(here).rows("message")] == [100]


def test_second_process_on_one_folder_is_refused(tmp_path) -> None:
    """Two processes cannot be the same node; the second ends at once with the exit code for configuration."""
    here, _ = make_parties(tmp_path, packaged_agreements())
    here.start()
    first = here.process
    try:
        here.launch()
        assert here.process.wait(20) == 2
        assert "running already" in (here.folder / "gateway.log").read_text()
    finally:
        here.process = first
        assert here.stop() == 0
