# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway validate|convert|explain`: the library at work, without node or database."""

import json

import pytest


@pytest.mark.parametrize("kind", ["CEB303", "CEB505", "CEB603", "supplement"])
def test_good_messages_are_valid(gateway, samples, kind) -> None:
    """A good message ends with 0 and refuses no document."""
    done = gateway("validate", samples[kind], "--json")
    assert done.code == 0
    assert (done.json["documents"], done.json["refused"]) == (4, 0)
    assert gateway("validate", samples[kind]).code == 0


def test_faults_end_with_one(gateway, samples) -> None:
    """A message with a fault ends with 1, as data on standard output, for people on standard error."""
    done = gateway("validate", samples["fault"], "--json")
    assert done.code == 1
    assert 0 < done.json["refused"] < done.json["documents"]
    assert "CEB-TOTAL-PRICE" in {one["code"] for one in done.json["findings"]}
    people = gateway("validate", samples["fault"])
    assert people.code == 1
    assert "CEB-TOTAL-PRICE" in people.err
    assert "CEB-TOTAL-PRICE" not in people.out


def test_message_refused_whole_ends_with_one(gateway, samples) -> None:
    """A message that cannot be read as its type ends with 1."""
    assert gateway("validate", samples["whole"], "--from", "gacc_ceb").code == 1


def test_unknown_format_is_wrong_usage(gateway, tmp_path) -> None:
    """A file that no adapter recognises ends with 2 and the advice to name one."""
    file = tmp_path / "noise"
    file.write_bytes(b"\x00\x01")
    done = gateway("validate", file)
    assert done.code == 2
    assert "--from" in done.err


def test_convert_to_records(gateway, samples) -> None:
    """Conversion to JSON gives one canonical record per contribution."""
    done = gateway("convert", samples["CEB603"], "--to", "json")
    assert done.code == 0
    assert len(json.loads(done.out)) == 4


def test_convert_writes_a_message_and_tells_the_loss(gateway, samples) -> None:
    """Conversion to a message type writes that message, and with `--loss` what it could not carry."""
    done = gateway("convert", samples["CEB505"], "--to", "gacc_ceb:CEB505", "--loss")
    assert done.code == 0
    assert done.out.lstrip().startswith("<?xml")
    assert done.out.count("<ceb:logisticsNo>") == 4


def test_convert_refuses_what_would_lack_a_field(gateway, samples) -> None:
    """A list does not say what a waybill must: conversion ends with 1 and names the field."""
    done = gateway("convert", samples["CEB603"], "--to", "gacc_ceb:CEB505")
    assert (done.code, done.out) == (1, "")
    assert "goods_summary" in done.err


def test_explain_names_rule_and_source(gateway) -> None:
    """A canonical path is explained by every table that feeds it; an unknown one ends with 1."""
    done = gateway("explain", "gross_mass.value")
    assert done.code == 0
    assert "CEB603" in done.out
    assert "grossWeight" in done.out
    assert gateway("explain", "no.such.path").code == 1
    assert "CEB603" in gateway("explain", "--type", "CEB603").out
