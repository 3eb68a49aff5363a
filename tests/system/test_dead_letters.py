# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What stopped on its way at a running node is found by what stopped it, and tried again with a reason."""

import asyncio
import contextlib
import json
import sqlite3

from gateway.demo.stage import running, set_up
from tests.system.node_faces import codes, command, post
from tests.system.submitting import ask, eventually, submit
from tests.webhook_partner import Partner, item, message, tracking
from tests.webhook_stage import OUT, THERE, make_node

REASON = {"reason": "the partner has mended it"}


def letters(party, kind, **wanted):
    """Return the dead letters of a kind."""
    words = "".join(f"&{name}={value}" for name, value in wanted.items())
    return ask(party.url, f"/v1/dead-letters/items?kind={kind}{words}")["rows"]


def database(party):
    """Open the database of a party."""
    return contextlib.closing(sqlite3.connect(party.folder / "data" / "gateway.sqlite", timeout=30))


def statements(party):
    """Return the statements of the decisions that were kept."""
    with database(party) as connection:
        return [
            json.loads(row[0]) for row in connection.execute("SELECT statement FROM decision ORDER BY id")
        ]


def states(party, number):
    """Return version and state of the shares of an item."""
    return [(one["version"], one["state"]) for one in ask(party.url, f"/v1/items/{number}")["shares"]]


def mend(party):
    """Name a message type for amendments in the settings of the partner."""
    text = party.config.read_text("utf-8")
    text = text.replace('message_type = "EAD"', 'message_type = "EAD"\namendment_type = "EAD"')
    party.config.write_text(text, "utf-8")


async def test_a_rejected_record_leaves_again_and_nothing_is_edited(tmp_path) -> None:
    """Replay sends the next version, keeps the rejected share and its receipt, and logs who and why."""
    number = tracking(1)

    def refused(party):
        assert submit(party.url, message(item(1, "NL"), number="m1")).outcome == "accepted"
        eventually(lambda: states(party, number) == [(1, "accepted")])
        changed = item(1, "NL", addressee={"name": "B. Example"})
        changed = message({**changed, "function": "change"}, number="m2")
        assert submit(party.url, changed).outcome == "accepted"
        eventually(lambda: states(party, number) == [(1, "accepted"), (2, "rejected")])
        (group,) = ask(party.url, "/v1/dead-letters")
        assert (group["kind"], group["code"], group["count"]) == ("record", "WEBHOOK-FUNCTION", 1)

    def replayed(party):
        (letter,) = letters(party, "record", code="WEBHOOK-FUNCTION", partner=THERE)
        assert (letter["tracking_number"], letter["channel"], letter["version"]) == (number, OUT, 2)
        assert letters(party, "record", code="WEBHOOK-REFUSED") == []
        path = f"/v1/dead-letters/{letter['id']}/replay"
        assert codes(post(party, path, {"reason": " "})) == (422, ["DEAD-LETTER-REASON"])
        assert codes(post(party, path, {})) == (422, ["DEAD-LETTER-REASON"])
        before = ask(party.url, f"/v1/items/{number}")["item"]
        status, done = post(party, path, REASON)
        assert (status, done["letter"], done["version"], done["actor"]) == (200, letter["id"], 3, "local")
        eventually(lambda: states(party, number)[1:] == [(2, "rejected"), (3, "accepted")])
        assert ask(party.url, f"/v1/items/{number}")["item"] == before
        assert letters(party, "record") == []
        assert codes(post(party, path, REASON)) == (422, ["DEAD-LETTER-UNKNOWN"])
        (said,) = statements(party)
        assert (said["what"], said["reason"]) == ("dead letter replayed", REASON["reason"])
        assert json.loads(command(party, "audit", "fsck", "--json"))["findings"] == []

    async with Partner() as partner:
        party = make_node(tmp_path, partner.url)
        with running([party]):
            await asyncio.to_thread(refused, party)
        mend(party)
        with running([party]):
            await asyncio.to_thread(replayed, party)


async def test_a_stopped_channel_is_a_dead_letter_and_goes_on(tmp_path) -> None:
    """The board says fail with the code that stopped it; after the replay the same batch leaves."""
    number = tracking(1)

    def act(party):
        assert submit(party.url, message(item(1, "NL"), number="m1")).outcome == "accepted"
        (letter,) = eventually(lambda: letters(party, "channel"))
        assert (letter["code"], letter["channel"], letter["replay"]) == ("WEBHOOK-REFUSED", OUT, True)
        (board,) = ask(party.url, "/v1/board")["partners"]
        assert letter["at"] > 0
        stops = [one["actual"] for one in board["findings"] if one["code"] == "BOARD-CHANNEL-STOPPED"]
        assert (board["health"], stops) == ("fail", ["WEBHOOK-REFUSED"])
        status, done = post(party, f"/v1/dead-letters/{letter['id']}/replay", REASON)
        assert (status, done["channel"], done["actor"]) == (200, OUT, "local")
        eventually(lambda: states(party, number) == [(1, "accepted")])
        assert letters(party, "channel") == []
        assert [one["what"] for one in statements(party)] == ["channel resumed"]

    async with Partner() as partner:
        partner.script = ["status 422"]
        party = make_node(tmp_path, partner.url)
        with running([party]):
            await asyncio.to_thread(act, party)


def test_what_others_sent_only_they_send_again(tmp_path) -> None:
    """A refused message is listed with its codes and is not replayed; nor is what does not exist."""
    party = make_node(tmp_path, "")
    set_up(party, {"http": {"operators": ["local"]}})
    with running([party]):
        assert submit(party.url, b'{"no": "message"}', adapter="ead_json").outcome == "refused"
        (letter,) = letters(party, "message")
        assert letter["codes"]
        assert "replay" not in letter
        path = f"/v1/dead-letters/{letter['id']}/replay"
        assert codes(post(party, path, REASON)) == (403, ["DEAD-LETTER-NO-REPLAY"])
        for name in ("record:1", "record:x", "nothing", "message:99", "channel:a:b:c", "envelope:-1"):
            status, answer = post(party, f"/v1/dead-letters/{name}/replay", REASON)
            assert status == 422, (name, answer)


def test_only_who_is_named_may_replay(tmp_path) -> None:
    """A submitter whom the operator has not named reads dead letters and replays none."""
    party = make_node(tmp_path, "")
    set_up(party, {"http": {"operators": ["duty officer"]}})
    with running([party]):
        assert ask(party.url, "/v1/dead-letters") == []
        assert codes(post(party, "/v1/dead-letters/record:1/replay", REASON)) == (
            403,
            ["BOARD-NOT-ALLOWED"],
        )
