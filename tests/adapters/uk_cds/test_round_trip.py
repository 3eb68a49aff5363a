# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Out and back: what a document can carry survives exactly; what it can not is told, no more and no less."""

import random
import re
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.uk_cds import adapter
from gateway.sdk import InputError, Limits
from tests.adapters.uk_cds import random_items

NOW = datetime(2026, 3, 5, tzinfo=UTC)
KINDS = st.sampled_from(["DEC", "RES"])
# Derived when reading, so that a reader finds what the writer took off.
REFUSALS = {"SCHEMA-LENGTH", "SCHEMA-MISSING", "SCHEMA-FORMAT", "UKCDS-HS-SHORT", "UKCDS-LOW-VALUE-REFUSED"}
DERIVED = ("assessment.outcome", "assessment.phase")


def flat(value, prefix=""):
    """Return every leaf of a record with its path, by a walk of its own."""
    if isinstance(value, dict):
        found = {}
        for key, one in value.items():
            found |= flat(one, f"{prefix}.{key}" if prefix else key)
        return found
    if isinstance(value, list | tuple):
        found = {}
        for number, one in enumerate(value, 1):
            found |= flat(one, f"{prefix}[{number}]")
        return found
    return {prefix: value}


def leaves(item):
    """Return the leaves of an item as plain values."""
    return flat(msgspec.to_builtins(item))


def written(kind, item):
    """Return what comes back of an item, and what was told about it; nothing if it was refused."""
    try:
        encoded = adapter.encode(kind, [item], NOW)
    except InputError as error:
        codes = {one.code for one in error.findings}
    else:
        return adapter.decode(encoded.body, Limits()), encoded
    assert codes <= REFUSALS
    return None, None


@settings(max_examples=150)
@given(kind=KINDS, seed=st.integers(0, 2**32))
def test_a_tidy_record_comes_back_as_it_was(kind, seed) -> None:
    """Every leaf of a record that the document can carry comes back with the same value."""
    item = random_items.item(kind, random.Random(seed), tidy=True)
    read, encoded = written(kind, item)
    if read is None:
        return
    assert not [one for one in read.findings if one.severity == "error"]
    assert not {one.kind for one in encoded.losses} - {"derived"}
    groups = [one.contributions[0].item for one in read.documents if one.contributions]
    if not groups:  # without a number to join it by
        assert any(one.code == "UKCDS-NO-KEY" for one in read.documents[0].findings)
        return
    back = {path: value for path, value in leaves(groups[0]).items() if path not in DERIVED}
    assert back == {path: value for path, value in leaves(item).items() if path not in DERIVED}


@settings(max_examples=150)
@given(kind=KINDS, seed=st.integers(0, 2**32))
def test_the_loss_report_is_the_difference(kind, seed) -> None:
    """Each leaf that comes back changed or not at all is told; nothing is told that came back unchanged."""
    item = random_items.item(kind, random.Random(seed), tidy=False)
    read, encoded = written(kind, item)
    if read is None or not read.documents[0].contributions:
        return
    before = leaves(item)
    after = leaves(without_derived(item, read.documents[0].contributions[0].item))
    changed = {path for path, value in before.items() if not same(value, after.get(path))}
    told = {generic(one.path) for one in encoded.losses}
    blank = {generic(one.path) for one in encoded.findings if one.code == "UKCDS-LINE-BREAK"}
    silent = {
        path
        for path in changed
        if generic(path) not in told and not (blank and isinstance(before[path], str)) and path not in DERIVED
    }
    assert not silent, (silent, {path: (before[path], after.get(path)) for path in silent})
    changed = {path for path, value in before.items() if value != after.get(path)}
    lost = {generic(one.path) for one in encoded.losses if one.kind in {"lost", "truncated", "rounded"}}
    assert lost <= {generic(path) for path in changed}, lost - {generic(path) for path in changed}


def without_derived(item, back):
    """Take off the TSP codes that the writer made of the HS6, which shift the codes beside them."""
    content = []
    for one, other in zip(item.content, back.content, strict=True):
        own = one.filing.tariff_codes if one.filing else ()
        filing = other.filing
        if filing and filing.tariff_codes and not any(code.scheme == "TSP" for code in own):
            codes = tuple(code for code in filing.tariff_codes if code.scheme != "TSP")
            filing = msgspec.structs.replace(filing, tariff_codes=codes)
        content.append(msgspec.structs.replace(other, filing=filing))
    return msgspec.structs.replace(back, content=tuple(content))


def generic(path):
    """Return a path without the numbers of repetitions."""
    return re.sub(r"\[\d*\]", "", path)


def same(one, other):
    """Say whether two leaves say the same; edges of texts are trimmed on reading, fractions of seconds go."""
    if isinstance(one, str) and isinstance(other, str):
        return one.strip() == other.strip()
    return one == other


@pytest.mark.parametrize(
    "name", ["dec_import", "dec_export", "dec_low_value_postal", "dec_amendment", "dec_invalidation"]
)
def test_a_sample_keeps_every_mapped_element(decode, items, text, name) -> None:
    """Decode, encode, decode gives the same record, and nothing is told as lost."""
    kind = {"dec_amendment": "COR", "dec_invalidation": "INV"}.get(name, "DEC")
    before = items(decode(text(name)))
    encoded = adapter.encode(kind, before, NOW)
    assert items(decode(encoded.body)) == before
    assert not encoded.losses


def test_responses_keep_every_mapped_element(decode, items, folder) -> None:
    """Outcome and phase are said by the function code; all else is written."""
    for file in sorted(folder.glob("res_*.xml")):
        before = items(decode(file.read_bytes()))
        encoded = adapter.encode("RES", before, NOW)
        assert items(decode(encoded.body)) == before
        assert {one.kind for one in encoded.losses} <= {"derived"}


def test_writing_is_deterministic(decode, items, text) -> None:
    """The same record gives the same bytes, whatever was written between."""
    item = items(decode(text("dec_import")))
    first = adapter.encode("DEC", item, NOW).body
    adapter.encode("DEC", items(decode(text("dec_export"))), NOW)
    assert adapter.encode("DEC", item, NOW).body == first
