# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway convert` from every adapter to every other: a document that the target reads, or findings."""

import json
import re

import msgspec
import pytest

from gateway.model import leaf_values, values
from gateway.registry import installed
from gateway.sdk import Limits, has_errors
from gateway.sdk.kit import folder_of, load_promises, samples_in

ADAPTERS = {one.name: one.adapter for one in installed() if one.adapter is not None}


def records(message):
    """Return the records of a message."""
    return [one.item for document in message.documents for one in document.contributions]


def sample_of(name):
    """Return the first good sample of an adapter that has records, the fullest of them."""
    adapter = ADAPTERS[name]
    folder = folder_of(adapter)
    good = [one for one in samples_in(folder, load_promises(folder)) if not one.bad]
    return max(
        good,
        key=lambda one: sum(
            1 for item in records(adapter.decode(one.raw, Limits())) for _ in leaf_values(item)
        ),
    ).path


@pytest.mark.parametrize("source", sorted(ADAPTERS))
@pytest.mark.parametrize("target", sorted(ADAPTERS))
def test_every_pair_gives_a_document_or_findings(gateway, source, target) -> None:
    """What is written is read back by the target without error, and what is not written has a reason."""
    done = gateway("convert", sample_of(source), "--from", source, "--to", target, "--json", "--loss")
    if done.code:
        assert (done.code, done.out) == (1, "")
        assert "  error " in done.err
        return
    told = done.json
    assert told["documents"]
    for document in told["documents"]:
        again = ADAPTERS[target].decode(document.encode(), Limits())
        assert not has_errors(again.findings)
        assert not any(has_errors(one.findings) for one in again.documents)
    for loss in told["losses"]:
        assert loss["kind"] in {"lost", "truncated", "rounded", "derived", "unmapped"}
        assert loss["rule"] or loss["cite"] or loss["detail"]


@pytest.mark.parametrize("target", sorted(ADAPTERS))
@pytest.mark.parametrize("source", sorted(ADAPTERS))
def test_the_loss_report_agrees_with_a_field_diff(gateway, source, target) -> None:
    """Whatever was said and does not come back, or comes back otherwise, is named by the report."""
    file = sample_of(source)
    done = gateway("convert", file, "--from", source, "--to", target, "--json")
    before = records(ADAPTERS[source].decode(file.read_bytes(), Limits()))
    written = done.json["documents"] if not done.code else []
    after = [one for text in written for one in records(ADAPTERS[target].decode(text.encode(), Limits()))]
    if len(before) != len(after):
        assert done.code or len(written) == 1
        return
    told = {plain(one["path"]) for one in done.json["losses"]}
    for one, other in zip(before, after, strict=True):
        changed = {path for path in plain_leaves(one) if values(one, path) != values(other, path)}
        assert changed <= told, changed - told


def plain(path):
    """Return a path without the numbers of its repetitions."""
    return re.sub(r"\[\d+\]", "[]", path)


def plain_leaves(item):
    """Return the leaf paths that an item fills."""
    return {plain(path) for path, _ in leaf_values(item)}


def test_a_heading_that_is_read_again_as_a_subheading_is_told(gateway) -> None:
    """A list of four digits becomes postal data of six, and the report says whence they come."""
    file = folder_of(ADAPTERS["gacc_ceb"]) / "samples" / "ceb603.xml"
    (before,) = records(ADAPTERS["gacc_ceb"].decode(file.read_bytes(), Limits()))
    assert {len(one.hs) for one in before.content} == {4}
    done = gateway("convert", file, "--from", "gacc_ceb", "--to", "upu_edi:ITMATT", "--json")
    (text,) = done.json["documents"]
    (after,) = records(ADAPTERS["upu_edi"].decode(text.encode(), Limits()))
    assert {len(one.hs) for one in after.content} == {6}
    (told,) = [one for one in done.json["losses"] if one["path"] == "content[].hs"]
    assert (told["kind"], told["rule"]) == ("derived", "EDI-ITEM-45")


def test_what_edifact_says_and_no_table_takes_is_told(gateway, tmp_path) -> None:
    """A component that no row takes and a qualifier that is not ours are unmapped, with their places."""
    raw = (folder_of(ADAPTERS["upu_edi"]) / "samples" / "good_itmatt.edi").read_bytes()
    raw = raw.replace(b"NAD+CZ+ID1++Mei Lan", b"NAD+CZ+ID1+c/o Example+Mei Lan", 1)
    file = tmp_path / "said.edi"
    file.write_bytes(
        raw.replace(b"FTX+AAI+++a note", b"FTX+AAI+1++a note").replace(b"MEA+WT++", b"MEA+VOL++")
    )
    done = gateway("convert", file, "--to", "ead_json", "--json")
    told = {one["outside_path"] for one in done.json["losses"] if one["kind"] == "unmapped"}
    assert told == {"ITMATT/item/sender/3124", "ITMATT/item/note/4453", "ITMATT/item/gross/purpose"}
    sound = gateway(
        "convert",
        folder_of(ADAPTERS["upu_edi"]) / "samples" / "good_itmatt.edi",
        "--to",
        "ead_json",
        "--json",
    )
    assert not [one for one in sound.json["losses"] if one["kind"] == "unmapped"]


def test_plain_json_takes_what_can_be_found_again(gateway) -> None:
    """Records that have a number of their own are written as plain JSON without loss."""
    for source in ("ead_json", "supplement"):
        done = gateway("convert", sample_of(source), "--from", source, "--to", "ead_json", "--json")
        assert done.code == 0, done.err
        assert [one for one in done.json["losses"] if one["kind"] != "unmapped"] == []


def test_a_loss_names_rule_path_and_citation(gateway, tmp_path) -> None:
    """A text that is cut is told with its rule and where the limit is known from."""
    adapter = ADAPTERS["supplement"]
    source = folder_of(adapter) / "samples" / "good_return.json"
    said = json.loads(source.read_bytes())
    said["items"][0] |= {"sender": {"name": "A" * 60}, "destination_country": "NL"}
    file = tmp_path / "said.json"
    file.write_bytes(msgspec.json.encode(said))
    done = gateway("convert", file, "--to", "supplement", "--loss")
    assert done.code == 0
    assert "written as SUPPLEMENT" in done.err
    assert "nothing was lost" in done.err or "[SUP-000;" in done.err


def test_an_unwritten_type_and_an_unknown_adapter_are_wrong_usage(gateway) -> None:
    """A message type that the target does not write ends with 1, an adapter that is not there with 2."""
    file = sample_of("supplement")
    assert gateway("convert", file, "--to", "supplement", "--type", "OTHER").code == 1
    assert gateway("convert", file, "--to", "nowhere").code == 2
