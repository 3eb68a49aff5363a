# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
import random
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.gacc_ceb import CebAdapter, skeleton
from adapters.gacc_ceb.reading import RawDocument
from adapters.gacc_ceb.template import Layout
from gateway.sample import ceb
from gateway.sample.parcel import ParcelMaker
from gateway.sdk import Limits, has_errors
from tests.adapters.gacc_ceb.any_document import messages

LIMITS = Limits()
PARCELS = [ParcelMaker(random.Random(3), [], date(2026, 11, 2)).make(n) for n in range(5)]
DRAFTS = {"CEB303": ceb.order, "CEB505": ceb.waybill, "CEB603": ceb.inventory}
NASTY = (
    *(
        "<",
        ">",
        "&",
        "&amp;",
        "&#65;",
        "]]>",
        "<!-- -->",
        "<![CDATA[x]]>",
        "<?pi x?>",
        '"',
        "'",
        "/",
        " ",
        "\r\n",
    ),
    *("\x00", "\x0b", "\x1f", "\x7f", "\ufffe", "\uffff", "\u3000", "\U0001f4e6", "x", "样"),
    *(
        '<?xml version="1.0"?>',
        "<!DOCTYPE a>",
        ' xmlns:ceb="urn:x"',
        ' xmlns="urn:x"',
        ' a="b"',
        "ceb:",
        "c:",
    ),
    *(
        "<ceb:Inventory>",
        "</ceb:Inventory>",
        "<ceb:Inventory/>",
        "<ceb:InventoryHead>",
        "</ceb:InventoryList>",
    ),
    *("<ceb:guid>x</ceb:guid>", "<ceb:note/>", "</ceb:CEB603Message>", "<ceb:CEB603Message>", "2027", "0"),
    *(
        "<ceb:Signature/>",
        "<ceb:BaseTransfer/>",
        "<ceb:ExtendMessage><ceb:name>a</ceb:name></ceb:ExtendMessage>",
    ),
)


def _message(name: str, parcels=PARCELS) -> bytes:
    """Return a message about the parcels."""
    content = [*(DRAFTS[name](one).content() for one in parcels), ceb.transfer(parcels[0].agent)]
    return ceb.message(name, parcels[0].guids[0], content)


def _primed(*raws: bytes) -> CebAdapter:
    """Return an adapter that has read these messages."""
    quick = CebAdapter(skeleton.Memory(worth=1))
    for raw in raws:
        quick.decode(raw, Limits())
    return quick


QUICK, FULL = _primed(*(_message(name) for name in DRAFTS)), CebAdapter()


def _agree(raw: bytes, limits: Limits = LIMITS) -> None:
    """Compare both ways of reading; the short one has seen sound messages only."""
    quick = _primed(*(_message(name) for name in DRAFTS))
    assert quick.decode(raw, limits) == FULL.decode(raw, limits)
    assert quick.items(raw, limits) == FULL.items(raw, limits)


@pytest.mark.parametrize("name", sorted(DRAFTS))
def test_an_ordinary_message_is_read_as_text(name) -> None:
    """Once its layout is known a message needs no tree, and says the same."""
    memory = skeleton.Memory(worth=1)
    CebAdapter(memory).decode(_message(name, PARCELS[:3]), Limits())
    raw = _message(name, PARCELS[2:])
    read = skeleton.read(raw, Limits(), memory)
    assert read is not None
    assert len(read.documents) == 3
    assert not has_errors(CebAdapter(memory).decode(raw, Limits()).findings)
    _agree(raw)


def test_the_short_way_needs_a_known_layout() -> None:
    """A message whose layout nobody has written before goes to the parser, and teaches it."""
    memory, raw = skeleton.Memory(worth=1), _message("CEB603")
    assert skeleton.read(raw, Limits(), memory) is None
    CebAdapter(memory).decode(raw, Limits())
    assert skeleton.read(raw, Limits(), memory) is not None


@settings(max_examples=400, deadline=None)
@given(
    name=st.sampled_from(sorted(DRAFTS)),
    edits=st.lists(
        st.tuples(st.floats(0, 1), st.sampled_from(NASTY), st.integers(0, 12)), min_size=1, max_size=3
    ),
    glue=st.sampled_from(("", "", "\n", "\r\n  ", "\t", "\u00a0")),
)
def test_damaged_messages_are_read_alike(name, edits, glue) -> None:
    """Whatever is put into a message, or replaced in it, both ways find the same."""
    text = _message(name).decode().replace("><", f">{glue}<")
    for where, what, gone in edits:
        at = int(where * len(text))
        text = text[:at] + what + text[at + gone :]
    _agree(text.encode())


@settings(max_examples=200, deadline=None)
@given(
    places=st.lists(
        st.tuples(st.integers(0, 400), st.sampled_from(NASTY), st.booleans()), min_size=1, max_size=3
    )
)
def test_damage_at_the_borders_of_tags_is_read_alike(places) -> None:
    """Damage right before or after a tag, where patterns and parsers differ first, is found by both."""
    parts = _message("CEB603").decode().split("<")
    for place, what, before in places:
        index = 1 + place % (len(parts) - 1)
        head, end, tail = parts[index].partition(">")
        parts[index] = f"{head}{what}{end}{tail}" if before else f"{head}{end}{what}{tail}"
    _agree("<".join(parts).encode())


@settings(max_examples=150, deadline=None)
@given(where=st.floats(0, 1), what=st.binary(min_size=1, max_size=3))
def test_damaged_bytes_are_read_alike(where, what) -> None:
    """Bytes that are no UTF-8, or another encoding, are refused alike."""
    raw = _message("CEB603")
    at = int(where * len(raw))
    _agree(raw[:at] + what + raw[at:])


@settings(max_examples=60, deadline=None)
@given(order=st.permutations(range(7)), count=st.integers(1, 7))
def test_children_of_the_root_in_any_order_are_read_alike(order, count) -> None:
    """Documents twice, missing, or after their siblings are found alike."""
    text = _message("CEB603").decode()
    start, end = text.index("<ceb:Inventory>"), text.index("</ceb:CEB603Message>")
    children = text[start:end].replace("</ceb:Inventory>", "</ceb:Inventory>\0").split("\0")
    children += [children[0]]
    body = "".join(children[one] for one in order[:count])
    _agree(f"{text[:start]}{body}{text[end:]}".encode())


@settings(max_examples=60, deadline=None)
@given(raw=st.sampled_from(("CEB303", "CEB505", "CEB603", "CEB621", "CEB816", "CEB792")).flatmap(messages))
def test_any_sound_document_is_read_alike(raw) -> None:
    """Also when its own layout was learnt from itself."""
    quick = _primed(raw)
    assert quick.decode(raw, Limits()) == FULL.decode(raw, Limits())


@pytest.mark.parametrize("off", [-1, 0, 1])
@pytest.mark.parametrize("limit", ["max_bytes", "max_elements", "max_depth"])
def test_limits_hold_alike(limit, off) -> None:
    """What is one too large, too many or too deep is refused on both ways, and the rest on neither."""
    raw = _message("CEB603")
    exact = {"max_bytes": len(raw), "max_elements": raw.count(b"</"), "max_depth": 4}[limit]
    _agree(raw, replace(Limits(), **{limit: exact + off}))
    assert has_errors(QUICK.decode(raw, replace(Limits(), **{limit: exact + off})).findings) is (off < 0)


def test_more_documents_than_a_message_may_have_are_refused_alike() -> None:
    """One document too many refuses the message on both ways."""
    parcels = [ParcelMaker(random.Random(4), [], date(2026, 11, 2)).make(n) for n in range(101)]
    _agree(_message("CEB603", parcels))
    _agree(_message("CEB603", parcels[:100]))


def test_a_layout_is_remembered_only_when_it_comes_often() -> None:
    """A few documents of a layout are not worth a pattern of their own."""
    memory = skeleton.Memory()
    adapter = CebAdapter(memory)
    for _ in range(skeleton.WORTH // len(PARCELS)):
        adapter.decode(_message("CEB505"), Limits())
        assert not memory.known("CEB505")
    adapter.decode(_message("CEB505"), Limits())
    assert skeleton.read(_message("CEB505"), Limits(), memory) is not None


def test_layouts_that_nobody_repeats_are_not_counted_for_ever() -> None:
    """What is counted is bounded, whatever senders make up."""
    memory = skeleton.Memory()
    for number in range(2_000):
        document = RawDocument("document 1", [(Layout("InventoryHead", (f"x{number}",)), ("",))])
        memory.learn("CEB603", [document])
    assert len(memory._seen) <= 1_024


def test_blanks_before_a_message_cost_no_more_than_their_length() -> None:
    """A message of blanks is told from an ordinary one in one pass."""
    for blanks in (b" " * 300_000, b"<?xml version='1.0'?>" + b"\n" * 300_000):
        assert skeleton.read(blanks, Limits(), skeleton.Memory()) is None


def test_odd_layouts_do_not_pile_up() -> None:
    """The memory keeps a few layouts of a group and lets the oldest go."""
    memory = skeleton.Memory(worth=1)
    adapter = CebAdapter(memory)
    for number in range(30):
        adapter.decode(_message("CEB603").replace(b"ceb:note>", f"ceb:note{number}>".encode()), Limits())
        adapter.decode(
            _message("CEB603").replace(b"<ceb:guid>", f"<ceb:x{number}/><ceb:guid>".encode()), Limits()
        )
    assert all(len(one) <= skeleton.MOST_KNOWN for one in memory.known("CEB603").values())
