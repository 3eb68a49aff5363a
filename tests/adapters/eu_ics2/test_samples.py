# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The samples beside the adapter: good ones give their record and are valid, bad ones are found out."""

from pathlib import Path

import msgspec
import pytest
from lxml import etree

import adapters.eu_ics2
from adapters.eu_ics2 import adapter, frames
from gateway.sdk import Limits

FOLDER = Path(adapters.eu_ics2.__file__).parent / "samples"
GOOD = sorted(one.stem for one in FOLDER.glob("*.xml") if not one.stem.startswith("bad_"))
BAD = sorted(one.stem for one in FOLDER.glob("bad_*.xml"))


def message_of(name: str) -> str:
    """Return the message that a good sample is named for."""
    return name[:6].upper() if name.startswith("ie") else "_".join(name.split("_")[:2])


@pytest.mark.parametrize("name", GOOD)
def test_a_good_sample_decodes_to_its_expected_record(name) -> None:
    """Every good sample gives exactly the record that stands beside it."""
    decoded = adapter.decode((FOLDER / f"{name}.xml").read_bytes(), Limits())
    expected = msgspec.json.decode((FOLDER / f"{name}.expected.json").read_bytes())
    assert msgspec.json.decode(msgspec.json.encode(decoded)) == expected


@pytest.mark.parametrize("name", GOOD)
def test_a_good_sample_is_valid_and_labelled(schema, name) -> None:
    """Every good sample is valid against the official schema and says that it is synthetic."""
    raw = (FOLDER / f"{name}.xml").read_bytes()
    official = schema(message_of(name))
    assert official.validate(etree.fromstring(raw)), official.error_log.last_error
    assert b"<!-- Synthetic" in raw


@pytest.mark.parametrize("name", BAD)
def test_a_bad_sample_is_found_out_by_its_name(name) -> None:
    """The finding that a bad sample is named for is among its findings."""
    decoded = adapter.decode((FOLDER / f"{name}.xml").read_bytes(), Limits())
    codes = {
        one.code for one in (*decoded.findings, *(two for one in decoded.documents for two in one.findings))
    }
    assert name.removeprefix("bad_").split("__")[0].upper().replace("_", "-") in codes


def test_every_message_has_a_sample_and_every_fault_too() -> None:
    """Each message that is read has a good sample, and there are more than twenty bad ones."""
    read = {one.split("-")[0] for one in adapter.tables()}
    assert read == {message_of(one) for one in GOOD}
    assert len(BAD) > 20


def test_one_bad_house_does_not_void_the_others() -> None:
    """A house consignment with a fault is refused alone."""
    text = (FOLDER / "postal_house.xml").read_text("utf-8")
    decoded = adapter.decode(text.replace("<typeOfPerson>2</typeOfPerson>", "", 1).encode(), Limits())
    assert [len(one.contributions) for one in decoded.documents] == [0, 1]


@pytest.mark.parametrize("cut", range(0, 2000, 97))
def test_decoding_never_raises(cut) -> None:
    """Any beginning of a message gives findings and no exception."""
    raw = (FOLDER / "ie4s01.xml").read_bytes()[:cut]
    assert adapter.decode(raw, Limits()).findings


def test_every_mapped_field_is_in_a_sample(monkeypatch) -> None:
    """No row with a canonical path goes without a sample that fills it."""
    seen: set[tuple[str, str, str]] = set()
    plain = frames.compiled

    class Watched:
        """Notes which fields a table is given."""

        def __init__(self, name):
            self.inner = plain(name)

        def decode(self, groups, position):
            for group, several in groups.items():
                seen.update((self.inner.table.name, group, name) for fields in several for name in fields)
            return self.inner.decode(groups, position)

        def __getattr__(self, name):
            return getattr(self.inner, name)

    monkeypatch.setattr(frames, "compiled", Watched)
    for name in GOOD:
        adapter.decode((FOLDER / f"{name}.xml").read_bytes(), Limits())
    rows = [(name, row) for name, table in adapter.tables().items() for row in table.rules.values()]
    mapped = {(name, row.group, row.outside) for name, row in rows if row.path and row.outside}
    assert mapped <= seen
