# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import msgspec
import pytest

import adapters.gacc_ceb
from gateway.sdk import DecodedMessage

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
    """The finding that a bad sample is named for is among its findings."""
    message = decode((folder / f"{name}.xml").read_bytes())
    assert name.removeprefix("bad_").upper().replace("_", "-") in codes(message)


def test_there_are_samples_of_every_message() -> None:
    """Each request message has a good sample; receipts have one with and one without namespace."""
    assert {f"ceb{number}" for number in (303, 403, 505, 507, 509, 603, 605, 607, 621, 304, 604)} <= set(GOOD)
    assert "ceb622_without_namespace" in GOOD
    assert len(BAD) > 30
