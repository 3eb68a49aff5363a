# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Writing and reading lose nothing but what the loss report names."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.gb_ens import adapter
from adapters.gb_ens.catalogue import MESSAGES
from adapters.gb_ens.preparing import Preparing
from adapters.gb_ens.quick import quick
from adapters.gb_ens.spec import spec
from adapters.gb_ens.writing import Writing
from gateway.sdk import Item, Limits, leaf_types, values, xml
from tests.adapters.gb_ens.making import ANSWERS, Maker

NOW = datetime(2026, 3, 2, 8, 15, tzinfo=UTC)
SEEDS = st.integers(0, 2**32)


def again(name, item):
    """Return what a record becomes after writing and reading, and the report of the writing."""
    encoded = adapter.encode(name, [item], NOW)
    (document,) = adapter.decode(encoded.body, Limits()).documents
    (contribution,) = document.contributions
    return contribution.item, encoded


def without(item, path):
    """Return a record without one leaf of its filing or its own."""
    if "." in path:
        filing = msgspec.structs.replace(item.filing, **{path.partition(".")[2]: None})
        return msgspec.structs.replace(item, filing=filing)
    return msgspec.structs.replace(item, **{path: None})


def collapsed(path):
    """Return a path without the numbers of list entries."""
    return re.sub(r"\[\d+\]", "[]", path)


def differing(before, after):
    """Return every leaf path whose values are not the same; this knows nothing of messages."""
    return {
        path
        for path in leaf_types(Item)
        if [one for one in values(before, path) if one not in (None, "")]
        != [one for one in values(after, path) if one not in (None, "")]
    }


@given(SEEDS)
def test_a_declaration_comes_back_whole(seed):
    """An item of carried values is the same after CC315A, but for the MRN, which it has not yet."""
    item = without(Maker(seed).item(), "mrn")
    back, encoded = again("CC315A", item)
    assert back == item
    assert encoded.losses == ()


@given(SEEDS)
def test_an_amendment_comes_back_whole(seed):
    """An item of carried values is the same after CC313A, which names MRN instead of local reference."""
    item = without(without(Maker(seed).item(), "filing.reference"), "declaration_office")
    back, encoded = again("CC313A", item)
    assert back == item
    assert encoded.losses == ()


@pytest.mark.parametrize("name", ANSWERS)
@given(seed=SEEDS)
def test_an_answer_comes_back_whole(name, seed):
    """An assessment of carried values is the same after each of the answers."""
    item = Maker(seed).answer(name)
    back, encoded = again(name, item)
    gone = {"CC316A": {"declarant.name"}}.get(name, set())
    if not gone:
        assert back == item
        assert encoded.losses == ()
    else:
        assert back.declarant.identifier == item.declarant.identifier
        assert msgspec.structs.replace(back, declarant=None) == msgspec.structs.replace(item, declarant=None)


@pytest.mark.parametrize("name", ["CC315A", "CC313A", "IE315", "IE313"])
@given(seed=SEEDS)
def test_the_loss_report_is_what_an_independent_comparison_finds(name, seed):
    """The paths told as lost, cut, rounded or derived are exactly those whose values differ afterwards."""
    item = Maker(seed).rich()
    back, encoded = again(name, item)
    told = {collapsed(one.path) for one in encoded.losses}
    derived = {one for one in told if one == "content[].filing.documents[]"}
    leaves = {f"{one}.{name}" for one in derived for name in ("kind", "number")}
    assert differing(item, back) == (told - derived) | leaves


@pytest.mark.parametrize("name", ["CC328A", "CC316A", "IE328", "IE304", "IE316", "IE351"])
@given(seed=SEEDS)
def test_the_loss_report_of_answers_is_true_too(name, seed):
    """What an answer drops is told, in the XML and in the much smaller JSON."""
    official = next(key for key, one in MESSAGES.items() if name in {key, one.json_name})
    item = Maker(seed).answer(official)
    back, encoded = again(name, item)
    told = {collapsed(one.path) for one in encoded.losses}
    assert differing(item, back) == told


@given(st.binary(max_size=300))
def test_no_bytes_make_it_raise(raw):
    """Whatever comes is answered with a message."""
    for start in (b"", b'{"metadata":{"messageType":"IE315"},', b'<ie:CC315A xmlns:ie="u">'):
        assert adapter.decode(start + raw, Limits()).adapter == "gb_ens"


@given(SEEDS, st.integers(0, 3000), st.integers(1, 40))
def test_no_cut_or_turned_document_makes_it_raise(seed, start, count):
    """A document with bytes missing or elements repeated is read or told."""
    body, _leaves = Maker(seed).document("CC315A", 0.5)
    assert adapter.decode(body[:start] + body[start + count :], Limits()).adapter == "gb_ens"
    assert adapter.decode(body.replace(b"HEAHEA", b"ITI"), Limits()).adapter == "gb_ens"


@pytest.mark.parametrize("name", MESSAGES)
@given(seed=SEEDS, spoil=st.sampled_from(["", " x", "a  b", "a|b", "a&b", "é漢", "x\n", "a |", "\u3000"]))
def test_the_fast_road_writes_what_the_exact_walk_writes(name, seed, spoil):
    """The generated code gives up or gives the very bytes of the walk, whatever a text holds."""
    item = Maker(seed).answer(name) if name in ANSWERS else Maker(seed).item()
    if spoil:
        item = msgspec.structs.replace(item, declarant=msgspec.structs.replace(item.declarant, name=spoil))
    preparing = Preparing(
        MESSAGES[name], msgspec.to_builtins(item, builtin_types=(Decimal, date, datetime)), "item 1"
    )
    preparing.run("GB123456789000", "0123456789ABCD")
    preparing.scope["#DatOfPreMES9"], preparing.scope["#TimOfPreMES10"] = "260302", "0815"
    writing = Writing("xml", "item 1")
    elements = writing.container(spec(name, "xml"), preparing.scope)
    exact = xml.write(name, elements).body.decode().partition(f"<{name}>")[2].removesuffix(f"</{name}>")
    fast = quick(name)(preparing.scope)
    assert fast in (None, exact)
    assert fast == exact or spoil or "&" in exact
