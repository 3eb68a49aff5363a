# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""How far records go: to whom the item was exchanged with, never back, and onward only where allowed."""

import msgspec
import pytest

from gateway.agreement import parse
from gateway.exchange.rows import InboundRecordRow, InboundRow, ItemRow, ShareRow
from gateway.exchange.touched import partner_scope
from gateway.model import Control, ReleaseFunction, ShareState, pack_item
from tests.document_bench import DocumentBench
from tests.partner_messages import said, tracking
from tests.restating import about, answer, assess, event, parcel, text

CONDITIONS = ("sent", "received", "either")


def bench_of(*agreements, sent=(), received=()):
    """Return alpha's records, with a parcel that was sent to partners, and records received from some."""
    bench = DocumentBench(agreements)
    item = parcel(1).item
    row = ItemRow(
        id=1,
        tracking_number=tracking(1),
        order_key="",
        list_key="",
        state="open",
        version=1,
        created_at=1,
        updated_at=1,
        secret=b"s" * 32,
        body=pack_item(item),
        findings=b"\x90",
    )
    bench.tx.put_items([row])
    for key, (partner, state) in enumerate(sent, 10):
        bench.tx.put_shares(
            [
                ShareRow(
                    id=key,
                    item=1,
                    agreement=f"alpha-{partner}-item",
                    channel=f"alpha/{partner}/item",
                    state=state,
                    version=1,
                    function=ReleaseFunction.ORIGINAL,
                    deadline=0,
                    batch=key,
                    item_version=1,
                )
            ]
        )
    for key, (partner, record, state) in enumerate(received, 20):
        inbound = InboundRow(
            id=key,
            batch_id=str(key),
            channel=f"{partner}/alpha/{record}",
            sequence=1,
            partner=partner,
            agreement=f"{partner}-alpha-{record}",
            statement_digest=b"",
            count=1,
            accepted=1,
            received_at=1,
            envelope=b"",
            payload=b"",
            receipt=b"",
            log_index=0,
        )
        place = InboundRecordRow(
            id=key,
            inbound=key,
            position=0,
            tracking_number=tracking(1),
            reference="r",
            version=1,
            state=state,
        )
        bench.tx.add_inbound(inbound, [place])
    return bench


def went(bench, document, scope="own|"):
    """Take a document; return the agreements under which it goes out."""
    before = set(bench.tables.shares)
    bench.take(document, scope=scope)
    return sorted(row.agreement for key, row in bench.tables.shares.items() if key not in before)


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("state", list(ShareState))
def test_sent_means_that_the_item_left(condition, state):
    """An event goes to whom the item was sent, if it was not rejected and not still here."""
    agreements = [about("alpha", "beta", "item"), about("alpha", "beta", "event", condition)]
    bench = bench_of(*agreements, sent=[("beta", state)])
    left = state in (ShareState.BATCHED, ShareState.ACCEPTED) and condition != "received"
    assert went(bench, event(1)) == (["alpha-beta-event"] if left else [])
    assert went(bench, event(2)) == []


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("state", ["accepted", "forwarded", "rejected"])
def test_received_means_that_the_item_came(condition, state):
    """An assessment goes to whom the item was received from, unless what came was rejected."""
    bench = bench_of(about("alpha", "beta", "assessment", condition), received=[("beta", "item", state)])
    came = state != "rejected" and condition != "sent"
    assert went(bench, assess(1, "rfi", "R-1")) == (["alpha-beta-assessment"] if came else [])


@pytest.mark.parametrize("record", ["event", "answer", "control", "dispatch"])
def test_naming_a_number_is_no_exchange_of_the_item(record):
    """A partner that only sent some record with the number is told nothing about the item."""
    bench = bench_of(about("alpha", "beta", "assessment"), received=[("beta", record, "accepted")])
    assert went(bench, assess(1, "rfi", "R-1")) == []


def test_sending_another_record_is_no_exchange_of_the_item():
    """A partner that was only sent an event with the number is told nothing more about the item."""
    free = parse(text("alpha", "beta", "event").replace(b'about = "either"', b'destinations = ["AU"]'))
    bench = bench_of(free, about("alpha", "beta", "control"))
    said_ = event(2)
    there = msgspec.structs.replace(said_, item=msgspec.structs.replace(said_.item, destination_country="AU"))
    assert went(bench, there) == ["alpha-beta-event"]
    (share,) = bench.tables.shares.values()
    bench.tx.put_shares([msgspec.structs.replace(share, state=ShareState.ACCEPTED, batch=1)])
    found = Control(reference="C", result="satisfactory")
    assert went(bench, said("control", tracking_number=tracking(2), control=found)) == []


def test_answers_go_back_to_who_asked():
    """For an answer, received is about the assessment: it goes to whom the question came from."""
    agreements = [about("alpha", "beta", "answer", "received"), about("alpha", "gamma", "answer", "received")]
    bench = bench_of(
        *agreements, received=[("beta", "assessment", "accepted"), ("gamma", "item", "accepted")]
    )
    assert went(bench, answer(1, "R-1")) == ["alpha-beta-answer"]


def test_record_without_a_number_goes_nowhere():
    """Where the item must have been exchanged, a record that names none stays."""
    bench = bench_of(about("alpha", "beta", "event"), sent=[("beta", ShareState.ACCEPTED)])
    nameless = event(1)
    nameless = type(nameless)(
        kind=nameless.kind,
        function=nameless.function,
        reference="E",
        keys=("rcp:1",),
        item=type(nameless.item)(event=nameless.item.event),
    )
    assert went(bench, nameless) == []


def test_records_go_only_under_agreements_of_their_kind():
    """An event goes under an agreement about events, and an item under none about events."""
    kinds = ("item", "event", "assessment", "answer", "control")
    bench = bench_of(*(about("alpha", "beta", kind) for kind in kinds), sent=[("beta", ShareState.ACCEPTED)])
    assert went(bench, event(1)) == ["alpha-beta-event"]
    assert went(bench, parcel(2)) == ["alpha-beta-item"]


@pytest.mark.parametrize(
    ("onward", "to", "goes"),
    [("none", (), False), ("named", ("gamma",), True), ("named", ("delta",), False), ("consent", (), False)],
)
def test_onward_only_as_the_source_allows(onward, to, goes):
    """What a partner said goes on only to organisations that its agreement names; consent is not assumed."""
    source = about("beta", "alpha", "event", onward=onward, to=to)
    targets = [about("alpha", one, kind) for one in ("beta", "gamma") for kind in ("item", "event")]
    bench = bench_of(source, *targets, sent=[("beta", ShareState.ACCEPTED), ("gamma", ShareState.ACCEPTED)])
    scope = partner_scope("beta", source.id)
    assert went(bench, event(1), scope) == (["alpha-gamma-event"] if goes else [])


def test_never_back_to_its_source():
    """A record never goes back to its partner, even if the agreement were to name it for onward sharing."""
    source = about("beta", "alpha", "event", to=("beta", "gamma"))
    bench = bench_of(
        source,
        about("alpha", "beta", "item"),
        about("alpha", "beta", "event"),
        sent=[("beta", ShareState.ACCEPTED)],
    )
    assert went(bench, event(1), partner_scope("beta", source.id)) == []


def test_source_under_an_unknown_agreement_goes_nowhere():
    """If the agreement under which words came is not held any more, they stay."""
    bench = bench_of(about("alpha", "gamma", "item"))
    assert went(bench, parcel(2), partner_scope("beta", "gone")) == []


def test_item_with_words_of_two_sources_needs_both():
    """An item merged from our words and a partner's goes only as far as the partner allows."""
    source = about("beta", "alpha", "item", onward="none")
    bench = bench_of(source, about("alpha", "gamma", "item"))
    assert went(bench, parcel(2)) == ["alpha-gamma-item"]
    bench.take(parcel(2, note="theirs"), scope=partner_scope("beta", source.id))
    states = [row.state for row in bench.tables.shares.values()]
    assert states == [ShareState.SUPERSEDED]
