# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The conformance kit, run over every adapter that comes with the gateway, and over broken ones."""

import shutil
import socket
from importlib.metadata import entry_points
from pathlib import Path

import msgspec
import pytest

from adapters.supplement.codec import SupplementAdapter
from gateway.errors import ConfigError
from gateway.sdk import Item
from gateway.sdk.kit import check_adapter, folder_of, load_promises, write_expected

POINTS = {point.name: point for point in entry_points(group="ead_gateway.adapters")}
SUPPLEMENT = Path(folder_of(POINTS["supplement"].load()))


@pytest.fixture(name="folder")
def _folder(tmp_path):
    """Return a copy of the supplement's folder, to be spoilt."""
    return Path(shutil.copytree(SUPPLEMENT, tmp_path / "supplement"))


def faults(adapter, folder):
    """Return what the kit finds, as check and subject."""
    report = check_adapter(adapter, folder, speed=False)
    return {(one.check, one.subject) for one in report.faults}


@pytest.mark.parametrize("name", sorted(POINTS))
def test_a_shipped_adapter_passes(name) -> None:
    """Every adapter passes every check, and no check has nothing to look at."""
    report = check_adapter(POINTS[name].load(), speed=False)
    assert report.good, "\n".join(report.lines())
    assert all(report.looked.values())


def test_the_report_names_speed_and_every_check() -> None:
    """The report prints each check with what it looked at, and microseconds a record for each sample."""
    report = check_adapter(POINTS["supplement"].load())
    assert report.good
    text = "\n".join(report.lines())
    assert "no socket and no process was asked for" in text
    assert {one.subject for one in report.speeds} >= {"good_return.json", "good_every_field.json"}
    assert all(0 < one.decode < 1e5 and 0 < one.encode < 1e5 for one in report.speeds)


class Forgetful(SupplementAdapter):
    """Forgets the note of an item when it writes."""

    def encode(self, message_type, items, now):
        return super().encode(message_type, [msgspec.structs.replace(one, note=None) for one in items], now)


class Raising(SupplementAdapter):
    """Raises over what is cut short."""

    def decode(self, raw, limits):
        if not raw.rstrip().endswith(b"}"):
            raise ValueError(len(raw))
        return super().decode(raw, limits)


class Talking(SupplementAdapter):
    """Asks the network, and swallows the refusal."""

    def decode(self, raw, limits):
        try:
            socket.getaddrinfo("partner.example", 443)
        except Exception:  # noqa: BLE001 - this is what is shown: swallowing does not hide it
            return super().decode(raw, limits)
        raise AssertionError


class Mistaken(SupplementAdapter):
    """Reads another destination than the message says, and finds nothing."""

    def decode(self, raw, limits):
        message = super().decode(raw, limits)
        documents = tuple(msgspec.structs.replace(one, findings=()) for one in message.documents)
        return msgspec.structs.replace(message, documents=documents, findings=())


class Speechless(SupplementAdapter):
    """Has no receipt when the documents are gone."""

    def acknowledge(self, message, outcomes, now):
        return super().acknowledge(message, outcomes, now) if message.documents else message.documents[0]


@pytest.mark.parametrize(
    ("broken", "check"),
    [
        (Forgetful, "round-trip"),
        (Raising, "never-raises"),
        (Talking, "no-network"),
        (Mistaken, "bad"),
        (Speechless, "receipt"),
    ],
)
def test_a_broken_adapter_is_found_out(broken, check, folder) -> None:
    """Each kind of broken adapter fails the check that is there for it."""
    assert check in {one for one, _ in faults(broken(), folder)}


def test_a_thing_that_is_no_adapter_is_told_what_it_lacks() -> None:
    """What lacks a method of the contract is not checked further."""
    report = check_adapter(Item(tracking_number="A"), SUPPLEMENT)  # type: ignore[arg-type]
    assert {one.check for one in report.faults} == {"contract"}


def test_wrong_folders_are_found_out(folder) -> None:
    """A changed expectation, a missing one, a row without sample, a name without code, a foreign import."""
    adapter, samples = SupplementAdapter(), folder / "samples"
    expected = samples / "good_return.expected.json"
    expected.write_text(expected.read_text("utf-8").replace('"SUPPLEMENT"', '"OTHER"'), "utf-8")
    (samples / "good_delete.expected.json").unlink()
    (samples / "good_every_field.json").unlink()
    (samples / "good_every_field.expected.json").unlink()
    shutil.copy(samples / "bad_no_items.json", samples / "bad_no_luck.json")
    (folder / "own.py").write_text("from gateway.store import open_store\nimport gateway.sdk\n", "utf-8")
    found = faults(adapter, folder)
    assert {("good", "good_return.json"), ("good", "good_delete.json"), ("bad", "bad_no_luck.json")} <= found
    assert ("imports", "own.py") in found
    assert ("rows", "SUPPLEMENT SUP-004") in found


def test_expected_files_are_written_once(folder) -> None:
    """Missing expectations are written, present ones are left alone."""
    missing = folder / "samples" / "good_delete.expected.json"
    before = missing.read_bytes()
    missing.unlink()
    assert write_expected(SupplementAdapter(), folder) == [missing]
    assert msgspec.json.decode(missing.read_bytes()) == msgspec.json.decode(before)
    assert write_expected(SupplementAdapter(), folder) == []


def test_a_reason_that_is_not_needed_is_a_fault(folder) -> None:
    """A sample that is said to be unwritable and is written is a fault, so no reason goes stale."""
    with (folder / "samples.toml").open("a") as file:
        file.write('\n[unwritten]\n"good_return.json" = "somehow"\n"gone.json" = "somehow"\n')
    assert {("round-trip", "good_return.json"), ("samples", "gone.json")} <= faults(
        SupplementAdapter(), folder
    )


@pytest.mark.parametrize("text", ["colour = 1", "now = 1", '[bad]\n"bad_x.json" = "NO-SUCH"', "a ="])
def test_a_wrong_samples_file_is_refused(tmp_path, text) -> None:
    """An unknown key, a wrong type, an unknown code and bad TOML are errors of the author."""
    (tmp_path / "samples.toml").write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=r"samples\.toml"):
        load_promises(tmp_path)
