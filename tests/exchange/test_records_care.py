# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Records that are no items are traced, audited, proved and erased like items."""

from datetime import date

import msgspec
import pytest

from gateway.agreement import countersign, parse, sign
from gateway.envelope import archive
from gateway.envelope.trust import Keyring
from gateway.evidence import State, verify_bundle, write_bundle
from gateway.exchange.evidence import Bundles, Evidence, Holdings
from gateway.exchange.fsck import SelfAudit
from gateway.model import Dispatch, Party, Receptacle, ReceptacleItem, unpack_item
from gateway.store import scrub
from gateway.trace_text import trace_lines
from tests.erasure import everything
from tests.partner_messages import said, tracking
from tests.restating import Party as Gateway
from tests.restating import about, answer, asked, assess, carry, declared, event, parcel, parties, text

OLD, NEW = date(2025, 1, 1), date(2026, 11, 1)
DISPATCH = "CNHGHANLAMSAAUN61234"


@pytest.fixture(name="way")
async def _way(keys, tmp_path):
    """Three parties that have exchanged a parcel with records about it."""
    async for one in parties(keys, tmp_path):
        await declared(one, note="cloth", posting_date=NEW)
        await one.gamma.submit(event(1), number="e")
        await carry(one.gamma, one.beta, "event")
        await asked(one, assess(1, "rfi", "R-1"))
        yield one


def loaded(number):
    """Return a dispatch that names a parcel and another one."""
    inside = tuple(ReceptacleItem(tracking_number=tracking(one)) for one in (number, number + 1))
    group = Dispatch(number=DISPATCH, stage="closed", receptacles=(Receptacle(items=inside),))
    return said("dispatch", reference="D", keys=(f"dsp:{DISPATCH}",), dispatch=group)


async def test_trace_picks_the_item_and_lists_the_rest(way):
    """A trace is of the item whatever came first, and names the other records with what they say."""
    found = await way.beta.query.trace(tracking(1))
    assert (found.item.note, found.state, found.provenance["note"][0]) == ("cloth", "open", "postal")
    assert [(one.record, one.code, one.state, one.version) for one in found.records] == [
        ("event", "EMA", "open", 1),
        ("assessment", "rfi", "open", 1),
    ]
    assert [one.kind for one in found.sources] == ["postal"]
    shown = "\n".join(trace_lines(found))
    assert f"  assessment {found.records[1].item_id} rfi  open  version 1" in shown
    assert msgspec.json.decode(msgspec.json.encode(found))["records"][0]["code"] == "EMA"
    await way.beta.submit(event(9), number="e9")
    await way.beta.submit(parcel(9, note="later"), number="p9")
    late = await way.beta.query.trace(tracking(9))
    assert (late.item.note, [one.record for one in late.records]) == ("later", ["event"])


async def test_trace_without_item_is_of_the_record(way):
    """Where only records about an item are held, the trace is of the latest of them."""
    found = await way.alpha.query.trace(tracking(1))
    assert (found.item.assessment.outcome, found.records) == ("rfi", ())
    assert [one.kind for one in found.sources] == ["assessment"]
    assert [one.agreement for one in found.shares] == ["alpha-beta-assessment"]


async def test_trace_keeps_postings_apart(way):
    """Of two postings of a number the later one is traced, with its own sources; the other one is listed."""
    earlier = parcel(1, note="old", posting_date=OLD)
    await way.beta.submit(msgspec.structs.replace(earlier, reference="P-old"), number="old")
    found = await way.beta.query.trace(tracking(1))
    assert (found.item.note, [one.code for one in found.findings]) == ("cloth", ["ASSEMBLE-REUSED"])
    assert len(found.sources) == 1
    assert ("item", OLD.isoformat()) in [(one.record, one.code) for one in found.records]
    assert found.provenance["note"] == ("postal", found.sources[0].contribution)


async def test_books_with_all_records_are_good(way):
    """The self-audit finds nothing to say about batches of assessments, events and dispatches."""
    for one in (way.alpha, way.beta, way.gamma):
        report = await one.store.read(lambda tx, of=one: SelfAudit(of.name, of.keyring).run(tx))
        assert report.found.findings == []
        assert report.records > 1


async def test_dispatch_is_indexed_by_its_own_number(keys, tmp_path):
    """A received dispatch is found under its number; an erased number in it is nowhere; fsck agrees."""
    agreements = [about("gamma", "beta", "dispatch"), about("gamma", "beta", "item")]
    text_ = text("gamma", "beta", "dispatch").replace(b'about = "either"', b'destinations = ["AU"]')
    text_ = text_.replace(b'"dispatch.*"', b'"dispatch.*", "destination_country"')
    agreements[0] = parse(text_)
    sides = [
        Gateway(name, keys, agreements, f"sqlite:///{tmp_path / name}.sqlite") for name in ("gamma", "beta")
    ]
    gamma, beta = sides
    document = loaded(1)
    item = msgspec.structs.replace(document.item, destination_country="AU")
    await gamma.submit(msgspec.structs.replace(document, item=item), number="d")
    assert await carry(gamma, beta, "dispatch") == 1
    assert len(await beta.query.received(DISPATCH)) == 1
    assert len(await Evidence("beta", beta.store).received_record(DISPATCH)) == 1
    await gamma.submit(parcel(1), number="p")
    for one, arrived in ((gamma, 1), (beta, 0)):
        assert (await one.care.erasing.items([tracking(1)], reason="asked for")).items == arrived
        scrub(f"sqlite:///{tmp_path / one.name}.sqlite")
    raw, values = everything(tmp_path)
    assert tracking(1).encode() not in raw
    assert tracking(1).encode() not in values
    assert tracking(2).encode() in values
    for one in sides:
        report = await one.store.read(lambda tx, of=one: SelfAudit(of.name, of.keyring).run(tx))
        assert report.found.findings == []
        await one.store.close()


async def test_records_have_bundles(way, keys):
    """A bundle proves an assessment at both ends, as it does an item."""
    texts = {
        ("alpha", "beta"): text("alpha", "beta", "assessment", "received", to=["gamma"]),
        ("beta", "alpha"): text("beta", "alpha", "item"),
    }
    signed = {
        f"{one}-{other}-{'item' if one == 'beta' else 'assessment'}": countersign(
            sign(raw, keys[one].seal), keys[other].seal
        )
        for (one, other), raw in texts.items()
    }
    materials = tuple(one.material() for one in keys.values())
    now = way.alpha.clock.now
    holdings = Holdings(Keyring(materials, now=now), materials, lambda name, _: signed[name])
    made = await Bundles("alpha", way.alpha.store, holdings).of(tracking(1))
    assert len(made) == 2
    anchors = archive.read_anchors([str(one.folder / "ca.pem") for one in keys.values()], now)
    for one in made:
        assert verify_bundle(write_bundle(one), anchors, now).state is State.GOOD


async def test_erasure_takes_records_referrals_and_movements(way):
    """Erasing a number leaves no record about it, no referral or movement; a dispatch names it no more."""
    await way.beta.submit(loaded(1), number="d")
    await way.beta.submit(answer(1, "R-1"), number="w")
    assert len(way.beta.store.run_read(lambda tx: tx.movements_of([tracking(1)]))) == 2
    done = await way.beta.care.erasing.items([tracking(1)], reason="asked for")
    assert done.items == 4
    assert way.beta.store.run_read(lambda tx: tx.items_by_tracking([tracking(1)])) == []
    assert way.beta.referrals(1) == []
    assert way.beta.store.run_read(lambda tx: tx.movements_of([tracking(1)])) == []
    assert len(way.beta.store.run_read(lambda tx: tx.movements_of([tracking(2)]))) == 1
    (dispatch,) = way.beta.store.run_read(lambda tx: tx.items_by_tracking([DISPATCH]))
    said_of = unpack_item(dispatch.body).dispatch
    assert said_of.number == DISPATCH
    assert [one.tracking_number for one in said_of.receptacles[0].items] == [None, tracking(2)]
    assert await way.beta.query.received(tracking(1)) == []


async def test_erasing_a_person_leaves_the_other_posting(way):
    """Of two items under one number only that of the person goes, with the records about that posting."""
    for day, name in ((OLD, "Somebody Else"), (NEW, "Vanishing Person")):
        words = parcel(7, posting_date=day, addressee=Party(name=name, email=f"{day}@example.org"))
        await way.beta.submit(msgspec.structs.replace(words, reference=f"P-{day}"), number=f"p{day}")
        question = assess(7, "rfi", f"R-{day}")
        item = msgspec.structs.replace(question.item, posting_date=day)
        await way.beta.submit(msgspec.structs.replace(question, item=item), number=f"q{day}")
    await way.beta.submit(parcel(8, addressee=Party(name="Vanishing Person", email=f"{NEW}@example.org")))
    done = await way.beta.care.erasing.party(tracking(8), "addressee", reason="asked for")
    assert done.items == 3
    assert [unpack_item(row.body).addressee.name for row in way.beta.rows(7)] == ["Somebody Else"]
    assert way.beta.referrals(7) == [("rfi", f"R-{OLD}", "open")]
    found = await way.beta.query.trace(tracking(7))
    assert len(found.sources) == 1
    assert found.provenance["addressee.name"][0] == "postal"
