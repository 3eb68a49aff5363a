# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Recording controls: what the rules allow, what follows from it, and that a refused one does nothing."""

import hashlib
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime

import msgspec
import pytest

from gateway.errors import InputError
from gateway.exchange.fsck import SelfAudit
from gateway.exchange.touched import OPEN
from gateway.model import Control, Event, unpack_item
from gateway.trade.control import as_result
from gateway.trade.controls import LOG, under
from tests.control_bench import Inspecting, Pair, departed, listed, pair, two_sides
from tests.control_bench import under as manifest
from tests.control_stage import PICTURE, result_of, seals
from tests.partner_messages import said, tracking
from tests.restating import carry, event

DAY = datetime(2026, 11, 20, 7, tzinfo=UTC)


@pytest.fixture(name="sides")
async def _sides(keys, tmp_path):
    """Two sides; alpha has declared a parcel."""
    async for one in pair(keys, tmp_path):
        await one.alpha.submit(listed(1), number="l1")
        yield one


def tables(party):
    """Return every row of the database of a party."""
    with closing(sqlite3.connect(party.folder / f"{party.name}.sqlite")) as database:
        names = [one[0] for one in database.execute("select name from sqlite_master where type = 'table'")]
        return {name: database.execute(f"select * from {name}").fetchall() for name in names}


async def refused(party, number=1, place=1, **fields):
    """Record something that is refused and does nothing; return the codes of errors and warnings."""
    before = tables(party)
    with pytest.raises(InputError) as raised:
        await party.control(number, place, **fields)
    assert tables(party) == before
    return [one.code for one in raised.value.findings]


async def test_result_is_kept_logged_and_made_a_record(sides: Pair):
    """A result is a version with its log entry, and a record of kind control about the item."""
    done = await sides.alpha.control(1, seals=seals(A="affixed"), pictures=[{"digest": PICTURE}], site="GZ01")
    assert (done.version, done.stage, done.findings) == (1, "before_consolidation", ())
    (row,) = sides.alpha.rows(1, "control")
    said = unpack_item(row.body)
    assert (row.state, said.destination_country, said.supervised_site) == (OPEN, "AU", "GZ01")
    assert (said.control.office, said.control.stage) == ("2244", "before_consolidation")
    assert (said.control.seals[0].state, said.control.pictures[0].digest) == ("affixed", PICTURE)
    (kept,) = sides.alpha.held("controls_of", [tracking(1)])
    (entry,) = sides.alpha.held("log_entries", f"alpha/{LOG}", 0, 10)
    (statement,) = sides.alpha.held("statements", "decision", [int(entry.subject.removeprefix("decision:"))])
    act = msgspec.json.decode(statement.first)
    assert act["sha256"] == hashlib.sha256(kept.salt + kept.body).hexdigest()
    assert tracking(1).encode() not in statement.first
    audit = SelfAudit("alpha", sides.alpha.keyring)
    assert sides.alpha.store.run_read(audit.run).found.findings == []
    assert (await sides.alpha.query.ledger()).faults == ()


async def test_same_words_again_do_nothing(sides: Pair):
    """The same result again is answered with what is stored, also of an amendment."""
    first = await sides.alpha.control(1)
    before = tables(sides.alpha)
    assert await sides.alpha.control(1) == first
    assert tables(sides.alpha) == before
    second = await sides.alpha.control(1, amend=True, result="discrepancy")
    assert second.version == 2
    assert await sides.alpha.control(1, amend=True, result="discrepancy") == second
    assert len(sides.alpha.held("controls_of", [tracking(1)])) == 2


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        ({"office": "5301"}, ["CONTROL-OFFICE"]),
        ({"method": "smell"}, ["CONTROL-METHOD"]),
        ({"result": "fine"}, ["CONTROL-RESULT"]),
        ({"reference": ""}, ["CONTROL-FORM"]),
        ({"text": "x" * 1001}, ["CONTROL-FORM"]),
        ({"text": "a\x00b"}, ["CONTROL-FORM"]),
        ({"pictures": [{"digest": "ab"}]}, ["CONTROL-FORM"]),
        ({"pictures": [{"digest": PICTURE, "media_type": "??"}]}, ["CONTROL-FORM"]),
        ({"seals": [{"number": "", "state": "lost"}]}, ["CONTROL-FORM", "CONTROL-FORM"]),
        ({"seals": seals(**{f"S{one}": "affixed" for one in range(51)})}, ["CONTROL-FORM"]),
        ({"at": "2026-11-20T09:00:00Z"}, ["CONTROL-TIME"]),
        ({"amend": True}, ["CONTROL-UNKNOWN"]),
        ({"tracking_number": tracking(2)}, ["CONTROL-ITEM"]),
        ({"posting_date": "2026-11-01"}, []),
        ({"seals": seals(A="intact")}, ["CONTROL-SEAL-CHAIN"]),
    ],
)
async def test_bad_results_are_refused_whole(sides: Pair, fields, codes):
    """Each fault is named, and not a byte of the database changes; a posting date nobody told is no fault."""
    if codes:
        assert await refused(sides.alpha, **fields) == codes
    else:
        assert (await sides.alpha.control(1, **fields)).version == 1


@pytest.mark.parametrize("fields", [{"at": "2026-11-20T09:00:00"}, {"colour": "red"}, {"office": None}])
def test_what_is_no_result_is_a_finding(fields):
    """A time without offset, an unknown field and a wrong type are refused before anything is asked."""
    with pytest.raises(InputError) as raised:
        as_result(result_of("X", **fields))
    assert [one.code for one in raised.value.findings] == ["CONTROL-FORM"]
    for raw in (b"{", b"\xff", b"[" * 100_000):
        with pytest.raises(InputError):
            as_result(raw)


async def test_controls_stand_in_order_and_amendments_stay_in_their_place(sides: Pair):
    """A control is after the others; an amendment stays between its neighbours, about its item and office."""
    alpha = sides.alpha
    for place in (2, 4, 6):
        await alpha.control(1, place)
    assert await refused(alpha, 1, 5) == ["CONTROL-ORDER"]
    assert await refused(alpha, 1, 6, reference="other") == ["CONTROL-ORDER"]
    moved = {"reference": f"C-{tracking(1)}-4", "amend": True}
    assert (await alpha.control(1, 5, **moved)).version == 2
    assert await refused(alpha, 1, 7, **moved) == ["CONTROL-ORDER"]
    assert await refused(alpha, 1, 1, **moved) == ["CONTROL-ORDER"]
    assert await refused(alpha, 1, 5, **moved, office="5165") == ["CONTROL-AMENDMENT"]
    assert await refused(alpha, 1, 4, text="edited") == ["CONTROL-EXISTS"]
    await alpha.submit(listed(2), number="l2")
    assert "CONTROL-AMENDMENT" in await refused(alpha, 2, 5, **moved, tracking_number=tracking(2))


@pytest.mark.parametrize("by", ["document", "event"])
async def test_after_departure_nothing_is_recorded_first(sides: Pair, by):
    """After departure no control and no first word of an earlier one is taken; bad news may follow."""
    alpha = sides.alpha
    await alpha.control(1, 1)
    if by == "document":
        await alpha.submit(departed(1, DAY), number="d")
    else:
        await alpha.submit(event(1, "EMC"), number="d")
    alpha.clock.advance(hours=1)
    assert await refused(alpha, 1, 2, at="2026-11-20T08:30:00Z") == ["CONTROL-AFTER-DEPARTURE"]
    assert await refused(alpha, 1, 2, at="2026-11-20T06:00:00Z") == ["CONTROL-AFTER-DEPARTURE"]
    late = await alpha.control(1, 1, amend=True, result="discrepancy")
    assert [one.code for one in late.findings] == ["CONTROL-AMENDED-LATE"]


async def test_departure_to_come_leaves_time_to_control(sides: Pair):
    """A departure that is announced for later stops nothing before it."""
    await sides.alpha.submit(departed(1, DAY.replace(hour=23)), number="d")
    assert (await sides.alpha.control(1)).findings == ()


async def test_manifest_keeps_the_result_under_its_master_bill(sides: Pair):
    """Later consolidation changes nothing in the result, which is found under the bill that stands."""
    alpha = sides.alpha
    done = await alpha.control(1, 2)
    await alpha.submit(listed(2), number="l2")
    for number in (1, 2):
        await alpha.submit(manifest(number, "784-1", DAY), number=f"m{number}")
    (one,) = alpha.store.run_read(lambda tx: under(tx, "784-1"))
    assert (one.control, one.bills) == (done, ("784-1",))
    await alpha.submit(manifest(1, "784-2", DAY.replace(hour=8), "change"), number="m3")
    assert alpha.store.run_read(lambda tx: under(tx, "784-1")) == []
    assert [each.control.version for each in alpha.store.run_read(lambda tx: under(tx, "784-2"))] == [1]
    assert len(alpha.held("controls_of", [tracking(1)])) == 1
    await alpha.submit(manifest(1, "784-2", DAY.replace(hour=9), "delete"), number="m4")
    assert alpha.held("consolidations_of", [tracking(1)]) == []


async def test_control_after_consolidation_says_so(sides: Pair):
    """With a manifest issued before the control the stage is after consolidation, with a warning."""
    await sides.alpha.submit(manifest(1, "784-1", DAY.replace(hour=1)), number="m")
    done = await sides.alpha.control(1, 2)
    assert (done.stage, [one.code for one in done.findings]) == (
        "after_consolidation",
        ["CONTROL-CONSOLIDATED"],
    )
    assert [one.bill for one in sides.alpha.held("consolidations_of", [tracking(1)])] == ["784-1"]


async def test_result_goes_out_when_the_destination_is_known(sides: Pair):
    """A result of an item whose destination nobody had told yet gets it with the item, and leaves then."""
    alpha = sides.alpha
    await alpha.submit(listed(3, destination_country=None), number="l3")
    await alpha.control(3)
    assert alpha.held("shares_of", [alpha.rows(3, "control")[0].id]) == []
    await alpha.submit(listed(3, "change"), number="l3c")
    (row,) = alpha.rows(3, "control")
    assert unpack_item(row.body).destination_country == "AU"
    assert [one.agreement for one in alpha.held("shares_of", [row.id])] == ["alpha-beta-control"]
    assert await carry(alpha, sides.beta, "control") == 1
    version = row.version
    await alpha.submit(listed(3, "change", package_count=2), number="l3d")
    assert alpha.rows(3, "control")[0].version == version


async def test_pilot_is_dated(keys, tmp_path):
    """With the packaged pilot an office counts from the first day on, and one outside it never."""
    alpha = Inspecting("alpha", keys, two_sides(), tmp_path, offices=("22", "53"), pilot="packaged")
    await alpha.submit(listed(1), number="l1")
    assert await refused(alpha, at="2024-12-14T23:00:00+08:00") == ["CONTROL-PILOT"]
    assert await refused(alpha, office="5301") == ["CONTROL-PILOT"]
    assert (await alpha.control(1, at="2024-12-15T00:00:00+08:00")).version == 1
    await alpha.store.close()


async def test_results_in_messages_are_for_recorders(sides: Pair):
    """Where offices record, a message with a result is refused unless its submitter may record."""
    forged = said(
        "control", reference="F", tracking_number=tracking(1), control=Control(result="satisfactory")
    )
    before = len(sides.alpha.rows(1, "control"))
    assert (await sides.alpha.submit(forged, number="f")).outcome == "refused"
    assert len(sides.alpha.rows(1, "control")) == before
    asked = said("control", reference="R", tracking_number=tracking(1), control=Control(text="please look"))
    assert (await sides.alpha.submit(asked, number="r")).outcome == "accepted"


async def test_number_that_is_used_again_has_controls_for_each_posting(sides: Pair):
    """Departure, manifest and controls of an earlier posting say nothing of the present one."""
    alpha, old, new = sides.alpha, date(2025, 1, 7), date(2026, 11, 19)
    for place, day in enumerate((old, new)):
        words = said(
            "postal",
            reference=f"P{place}",
            tracking_number=tracking(5),
            posting_date=day,
            destination_country="AU",
        )
        await alpha.submit(words, number=f"p{place}")
    earlier = {"at": "2025-01-08T08:00:00Z", "posting_date": "2025-01-07"}
    await alpha.control(5, 1, **earlier, seals=seals(OLD="affixed"))
    await alpha.submit(manifest(5, "784-OLD", datetime(2025, 1, 8, 9, tzinfo=UTC)), number="m")
    gone = said(
        "event",
        reference="E",
        tracking_number=tracking(5),
        posting_date=old,
        event=Event(code="EMC", scheme="EMSEVT", at=datetime(2025, 1, 9, tzinfo=UTC)),
    )
    await alpha.submit(gone, number="e")
    assert await refused(alpha, 5, 2) == ["CONTROL-ITEM"]
    done = await alpha.control(5, 2, posting_date="2026-11-19", seals=seals(NEW="affixed"))
    assert (done.stage, done.findings) == ("before_consolidation", ())
    assert await refused(alpha, 5, 3, **earlier | {"at": "2025-01-10T00:00:00Z"}) == [
        "CONTROL-AFTER-DEPARTURE",
        "CONTROL-SEAL-UNNAMED",
        "CONTROL-CONSOLIDATED",
    ]
    assert {one.posting_date for one in alpha.held("consolidations_of", [tracking(5)])} == {"2025-01-07"}
