# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
import random
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.gacc_ceb.catalogue import MESSAGES, NAMESPACE
from adapters.gacc_ceb.reading import read_documents
from adapters.gacc_ceb.template import TextScan, plain_text
from gateway.sample import ceb
from gateway.sample.parcel import ParcelMaker
from gateway.sdk import Limits, xml

PARCELS = [ParcelMaker(random.Random(3), [], date(2026, 11, 2)).make(n) for n in range(8)]
ODD = (
    "",
    "<ceb:note/>",
    "<ceb:note></ceb:note>",
    "<ceb:note> a </ceb:note>",
    "<ceb:note> </ceb:note>",
    "<ceb:note>\r\n</ceb:note>",
    "<ceb:note>a &amp; b</ceb:note>",
    "<ceb:note>a<!-- b -->c</ceb:note>",
    "<ceb:note><![CDATA[<ceb:note>]]></ceb:note>",
    "<ceb:note x='1'>a</ceb:note>",
    "<ceb:note>a<ceb:note>b</ceb:note></ceb:note>",
    "<note>a</note>",
    "<c:note xmlns:c='http://www.chinaport.gov.cn/ceb'>a</c:note>",
    "<ceb:n.te>a</ceb:n.te>",
    "<ceb:nxte>a</ceb:nxte>",
    "stray",
    "\u00a0",
    "<?pi x?>",
    "<ceb:Inventory/>",
    "<ceb:Inventory></ceb:Inventory>",
)


def _read(raw: bytes, *, quick: bool):
    message = MESSAGES["CEB603"]
    root = xml.parse(raw, Limits()).root
    elements = [one for one in root if xml.local_name(one) == "Inventory"]
    text = plain_text(raw)
    scan = TextScan(text, "ceb", "Inventory") if quick and text is not None else None
    return [
        (one.position, one.groups, one.layouts, one.findings)
        for one in read_documents(elements, message, NAMESPACE, scan)
    ]


@settings(max_examples=150)
@given(
    places=st.lists(
        st.tuples(
            st.integers(0, 7), st.sampled_from(ODD), st.sampled_from(("InventoryHead", "InventoryList"))
        ),
        max_size=6,
    ),
    glue=st.sampled_from(("", "\n", "\r\n  ", "\t")),
)
def test_the_quick_way_and_the_tree_walk_agree(places, glue) -> None:
    """Whatever stands in the documents, patterns and tree give the same fields and findings."""
    documents = [
        ceb.message("CEB603", parcel.guids[0], [ceb.inventory(parcel).content()]).decode()
        for parcel in PARCELS
    ]
    start, end = documents[0].index("<ceb:Inventory>"), documents[0].index("</ceb:CEB603Message>")
    opening, closing = documents[0][:start], documents[0][end:]
    bodies = [one[one.index("<ceb:Inventory>") : one.index("</ceb:CEB603Message>")] for one in documents]
    for place, odd, group in places:
        bodies[place] = bodies[place].replace(f"</ceb:{group}>", f"{odd}</ceb:{group}>", 1)
    raw = (opening + "".join(bodies).replace("><", f">{glue}<") + closing).encode()
    assert _read(raw, quick=True) == _read(raw, quick=False)


@pytest.mark.parametrize(
    ("nested", "empty"),
    [
        ("<ceb:Inventory></ceb:Inventory>", "<ceb:Inventory/>"),
        ("<ceb:Inventory></ceb:Inventory>", "<ceb:Inventory ></ceb:Inventory >"),
        ("<ceb:Inventory></ceb:Inventory>", "<c:Inventory xmlns:c='http://www.chinaport.gov.cn/ceb'/>"),
    ],
)
def test_the_scan_cannot_be_brought_out_of_step(nested, empty) -> None:
    """A nested document and an empty one that together keep the count right do not shift the others."""
    raws = [ceb.message("CEB603", one.guids[0], [ceb.inventory(one).content()]).decode() for one in PARCELS]
    opening = raws[0][: raws[0].index("<ceb:Inventory>")]
    bodies = [one[one.index("<ceb:Inventory>") : one.index("</ceb:CEB603Message>")] for one in raws]
    bodies[1] = bodies[1].replace("</ceb:InventoryHead>", f"{nested}</ceb:InventoryHead>")
    bodies.insert(4, empty)
    raw = f"{opening}{''.join(bodies)}</ceb:CEB603Message>".encode()
    assert _read(raw, quick=True) == _read(raw, quick=False)


def test_plain_documents_are_read_without_the_tree() -> None:
    """After the first document of a layout the scan finds the others by itself."""
    raw = ceb.message("CEB603", PARCELS[0].guids[0], [ceb.inventory(one).content() for one in PARCELS[:2]])
    scan = TextScan(plain_text(raw), "ceb", "Inventory")
    root = xml.parse(raw, Limits()).root
    groups = MESSAGES["CEB603"].groups
    assert scan.next_document(groups) is None
    first = next(read_documents([root[0]], MESSAGES["CEB603"], NAMESPACE, None))
    scan.skip()
    scan.learn(first.layouts)
    found = scan.next_document(groups)
    assert dict(zip(found[0][0].tags, found[0][1], strict=True))["orderNo"] == PARCELS[1].order_number


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        (b"<a/>", True),
        (b"\xef\xbb\xbf<?xml version='1.0' encoding='utf-8'?><a/>", True),
        (b"<?xml version='1.0' encoding='GBK'?><a/>", False),
        (b"<a><!-- --></a>", False),
        (b"<a><?b?></a>", False),
        (b"\xff\xfe<\x00", False),
    ],
)
def test_patterns_read_plain_utf_8_only(raw, plain) -> None:
    """Other encodings, comments, CDATA and processing instructions go to the tree."""
    assert (plain_text(raw) is not None) is plain


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("<ceb:copNo>COP", "stray<ceb:copNo>COP", "SCHEMA-FORMAT"),
        ("<ceb:copNo>COP", "<ceb:copNo>COP<ceb:x/>", "SCHEMA-FORMAT"),
        ("<ceb:copNo>COP", "<ceb:copNo kind='a'>COP", "SCHEMA-UNKNOWN-FIELD"),
        ("<ceb:InventoryHead>", "<ceb:InventoryHead kind='a'>", "SCHEMA-UNKNOWN-FIELD"),
        ("<ceb:InventoryHead>", "<ceb:InventoryTail/><ceb:InventoryHead>", "SCHEMA-UNKNOWN-FIELD"),
        ("<ceb:InventoryHead>", "between<ceb:InventoryHead>", "SCHEMA-FORMAT"),
    ],
)
def test_nothing_vanishes_unseen(*, decode, codes, text, old, new, code) -> None:
    """Stray text, nested elements, attributes and foreign groups are all said."""
    assert code in codes(decode(text("ceb603").replace(old, new, 1)))


def test_a_comment_inside_a_value_does_not_cut_it(decode, text) -> None:
    """A value is its whole text, whatever comment stands in it."""
    message = decode(text("ceb603").replace("COP20261102000001", "COP2026<!-- x -->1102000001"))
    assert message.documents[0].echo["copNo"] == "COP20261102000001"


def test_other_encodings_are_read(decode, text) -> None:
    """GB 18030 and UTF-16 give the same documents as UTF-8."""
    plain = decode(text("ceb603")).documents
    for name in ("GB18030", "UTF-16"):
        raw = text("ceb603").replace('encoding="UTF-8"', f'encoding="{name}"').encode(name)
        assert decode(raw).documents == plain


def test_lines_before_the_head_are_out_of_order(decode, codes, text) -> None:
    """The head of a document stands first."""
    raw = text("ceb507")
    start, end = raw.index("    <ceb:ArrivalHead>"), raw.index("    <ceb:ArrivalList>")
    head = raw[start:end]
    moved = raw.replace(head, "").replace("  </ceb:Arrival>", head + "  </ceb:Arrival>")
    assert "SCHEMA-ORDER" in codes(decode(moved))
