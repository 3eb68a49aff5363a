# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway adapter check|list` on what is installed here."""

import shutil

import pytest

from adapters.supplement import adapter
from gateway.sdk.kit import folder_of


def test_a_good_adapter_ends_with_zero(gateway) -> None:
    """The report has every check and the speed of each sample, for people and for machines."""
    done = gateway("adapter", "check", "supplement")
    assert (done.code, done.out.splitlines()[-1]) == (0, "supplement: good")
    assert "µs a record" in done.out
    told = gateway("adapter", "check", "supplement", "--json").json
    assert told["good"]
    assert told["looked"]["rows"] > 100
    assert {"decode", "encode", "records", "subject"} == set(told["speeds"][0])


def test_a_fault_ends_with_one(gateway, tmp_path) -> None:
    """A bad sample that promises nothing fails the check, and `--write-expected` fills what is absent."""
    folder = shutil.copytree(folder_of(adapter), tmp_path / "supplement")
    (folder / "samples" / "good_delete.expected.json").unlink()
    words = ("adapter", "check", "supplement", "--folder", folder)
    assert gateway(*words).code == 1
    assert gateway(*words, "--write-expected").code == 0
    (folder / "samples" / "bad_luck.json").write_text("{", "utf-8")
    done = gateway(*words, "--json")
    assert (done.code, done.json["faults"][0]["subject"]) == (1, "bad_luck.json")


def test_the_list_tells_enabled_from_installed(gateway, tmp_path) -> None:
    """Adapters that configuration names are enabled; one that is named and absent ends with 1."""
    config = tmp_path / "gateway.toml"
    text = '[node]\norganisation = "customs-cn"\n'
    config.write_text('adapters = ["supplement"]\n' + text, "utf-8")
    done = gateway("adapter", "list", "--config", config, "--json")
    enabled = {one["name"] for one in done.json["adapters"] if one["enabled"]}
    assert (done.code, enabled) == (0, {"supplement"})
    assert {one["distribution"] for one in done.json["adapters"]} == {"ead-gateway"}
    config.write_text('adapters = ["supplement", "nowhere"]\n' + text, "utf-8")
    absent = gateway("adapter", "list", "--config", config)
    assert absent.code == 1
    assert "nowhere" in absent.err


@pytest.mark.parametrize("name", ["nowhere", ""])
def test_an_adapter_that_is_not_there_is_wrong_usage(gateway, name) -> None:
    """Nothing can be asked about what is not installed."""
    assert gateway("adapter", "check", name).code == 2
