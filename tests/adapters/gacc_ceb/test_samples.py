# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import msgspec
import pytest

import adapters.gacc_ceb
from adapters.gacc_ceb.catalogue import MESSAGES, NAMESPACE, compiled, older
from adapters.gacc_ceb.reading import read_documents
from adapters.gacc_ceb.receipt import receipt_types
from gateway.sdk import DecodedMessage, Limits, xml

FOLDER = Path(adapters.gacc_ceb.__file__).parent / "samples"
GOOD = sorted(one.stem for one in FOLDER.glob("*.json"))
BAD = sorted(one.stem for one in FOLDER.glob("bad_*.xml"))


@pytest.mark.parametrize("name", GOOD)
def test_a_good_sample_decodes_to_its_expected_record(decode, folder, name) -> None:
    """Every good sample gives exactly the record that stands beside it."""
    message = decode((folder / f"{name}.xml").read_bytes())
    expected = msgspec.json.decode((folder / f"{name}.json").read_bytes())
    assert msgspec.json.decode(msgspec.json.encode(message)) == expected
    assert message == msgspec.json.decode((folder / f"{name}.json").read_bytes(), type=DecodedMessage)


@pytest.mark.parametrize("name", BAD)
def test_a_bad_sample_is_found_out_by_its_name(decode, codes, folder, name) -> None:
    """The finding that a bad sample is named for is among its findings; a message may follow its code."""
    message = decode((folder / f"{name}.xml").read_bytes())
    assert name.removeprefix("bad_").partition("__")[0].upper().replace("_", "-") in codes(message)


@pytest.mark.parametrize("name", [*sorted(MESSAGES), *sorted(receipt_types())])
def test_every_message_has_good_and_bad_samples(folder, name) -> None:
    """Each message and each receipt has a good sample and at least two bad ones of its own."""
    assert any(one.startswith(name.lower()) for one in GOOD)
    own = [one for one in BAD if f"{name}Message" in (folder / f"{one}.xml").read_text("utf-8")]
    assert len(own) >= 2, own


@pytest.mark.parametrize("name", ["ceb505", "ceb507", "ceb509", "ceb603", "ceb607"])
def test_messages_whose_editions_differ_have_a_sample_of_2018(name) -> None:
    """Where a field was longer in 2018, a sample uses that length."""
    assert f"{name}_2018" in GOOD


@pytest.mark.parametrize("name", [one for one in GOOD if MESSAGES.get(one[:6].upper())])
def test_samples_mean_the_same_in_both_editions(decode, folder, name) -> None:
    """A good sample of 2022 that the table of 2018 takes gives the same items under it."""
    message = MESSAGES[name[:6].upper()]
    table = older(message.name)
    if table is None or name.endswith("_2018"):
        assert message.name in ("CEB213", "CEB215") or name.endswith("_2018")
        return
    root = xml.parse((folder / f"{name}.xml").read_bytes(), Limits()).root
    elements = [one for one in root if xml.local_name(one) == message.document]
    for one in read_documents(elements, message, NAMESPACE, None):
        groups = {key: found[:1] if message.per_line else found for key, found in one.groups.items()}
        newer, faults = compiled(message.name).decode(groups)
        item, more = table.decode(groups)
        if not any(fault.code == "SCHEMA-LENGTH" for fault in more):
            assert (item, more) == (newer, faults)


def test_receipts_come_with_and_without_namespace() -> None:
    """A receipt without a namespace has a sample."""
    assert "ceb622_without_namespace" in GOOD


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_every_row_is_hit_by_a_sample(folder, name) -> None:
    """Each field of each table is filled in some good sample of its message."""
    message = MESSAGES[name]
    filled: set[tuple[str, str]] = set()
    for one in GOOD:
        root = xml.parse((folder / f"{one}.xml").read_bytes(), Limits()).root
        if xml.local_name(root) != f"{name}Message":
            continue
        elements = [each for each in root if xml.local_name(each) == message.document]
        for document in read_documents(elements, message, xml.namespace(root), None):
            for group, found in document.groups.items():
                filled |= {(group, key) for fields in found for key, text in fields.items() if text.strip()}
    rows = {
        (row.group, row.outside) for group in compiled(name).table.groups for row in group.rows if row.outside
    }
    assert rows - filled == set()
