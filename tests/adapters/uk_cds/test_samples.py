# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import msgspec
import pytest
from lxml import etree

import adapters.uk_cds
from adapters.uk_cds.catalogue import table
from gateway.sdk import DecodedMessage, values

FOLDER = Path(adapters.uk_cds.__file__).parent / "samples"
GOOD = sorted(one.name.removesuffix(".expected.json") for one in FOLDER.glob("*.expected.json"))
BAD = sorted(one.stem for one in FOLDER.glob("bad_*.xml"))


@pytest.mark.parametrize("name", GOOD)
def test_a_good_sample_decodes_to_its_expected_record(decode, folder, name) -> None:
    """Every good sample gives exactly the message that stands beside it."""
    expected = msgspec.json.decode((folder / f"{name}.expected.json").read_bytes(), type=DecodedMessage)
    assert decode((folder / f"{name}.xml").read_bytes()) == expected
    assert expected.documents[0].contributions


@pytest.mark.parametrize("name", BAD)
def test_a_bad_sample_is_found_out_by_its_name(decode, told, folder, name) -> None:
    """The finding that a bad sample is named for is among its findings."""
    message = decode((folder / f"{name}.xml").read_bytes())
    assert name.removeprefix("bad_").upper().replace("_", "-") in {one.code for one in told(message)}


def test_there_are_samples_of_every_kind() -> None:
    """Import, export, low value by post, amendment, invalidation and notifications; many faults."""
    kinds = {"dec_import", "dec_export", "dec_low_value_postal", "dec_amendment", "dec_invalidation"}
    assert kinds <= set(GOOD)
    assert {"res_accepted", "res_rejected", "res_released", "res_without_namespace"} <= set(GOOD)
    assert len(BAD) >= 20


@pytest.mark.parametrize("name", [one for one in GOOD if one != "res_without_namespace"])
def test_a_good_sample_is_valid(official, folder, name) -> None:
    """The official schema passes every good sample but the one that is known to lack its namespaces."""
    schema = official.schema(name[:3].upper())
    assert schema.validate(etree.parse(str(folder / f"{name}.xml"))), schema.error_log


def test_every_mapping_row_is_hit_by_a_sample(decode, items) -> None:
    """No row of either table is there without a sample that fills it."""
    records = [one for name in GOOD for one in items(decode((FOLDER / f"{name}.xml").read_bytes()))]
    rows = [row for kind in ("DEC", "RES") for group in table(kind).groups for row in group.rows if row.path]
    idle = [
        row.path
        for row in rows
        if not any(value is not None for one in records for value in values(one, row.path))
    ]
    assert idle == []
