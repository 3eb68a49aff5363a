# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
import json
from datetime import date

import pytest

from adapters.gacc_ceb import adapter
from gateway.errors import InputError
from gateway.sample import FAULTS, generate
from gateway.sdk import Limits, has_errors


def _judge(sample) -> None:
    """Hold what the adapter makes of a message against the ledger."""
    message, told = adapter.decode(sample.raw, Limits()), sample.expectation
    errors = [one.code for one in message.findings if one.severity == "error"]
    if told.whole:
        assert told.whole in errors, sample.name
        return
    assert errors == []
    assert len(message.documents) == told.documents
    refused = {one.position: one for one in message.documents if has_errors(one.findings)}
    assert set(refused) == set(told.refused), sample.name
    for position, code in {**told.refused, **told.noted}.items():
        assert code in [one.code for one in message.documents[position - 1].findings], sample.name
    for one in message.documents:
        if one.position not in {**told.refused, **told.noted}:
            assert one.findings == ()


def test_the_same_seed_gives_the_same_bytes() -> None:
    """Name, bytes and ledger repeat; another seed gives others."""
    arguments = {"fault_rate": 0.3, "late_rate": 0.3, "documents_per_message": 7}
    first = list(generate(5, 30, **arguments))
    assert first == list(generate(5, 30, **arguments))
    assert [one.raw for one in first] != [one.raw for one in generate(6, 30, **arguments)]


def test_seeds_do_not_share_numbers() -> None:
    """Orders and lists of different seeds do not meet on one node."""
    first, second = (next(generate(seed, 5)).raw for seed in (1, 2))
    number = first.decode().partition("orderNo>")[2][:22]
    assert number not in second.decode()


def test_the_ledger_is_kept_for_faults_of_every_kind() -> None:
    """A run with many faults is judged by the adapter exactly as the ledger says."""
    for sample in generate(1, 400, fault_rate=0.25):
        if sample.adapter == "gacc_ceb":
            _judge(sample)


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_each_fault_does_what_it_says(name) -> None:
    """Every fault alone gives its own finding, and refuses or accepts as told."""
    samples = list(generate(2, 4, fault_rate=1, faults=[name]))
    for sample in samples:
        if sample.adapter == "gacc_ceb":
            _judge(sample)
    told = [sample.expectation for sample in samples]
    fault = FAULTS[name]
    incomplete = [tracking for one in told for tracking in one.incomplete]
    assert len(incomplete) == (0 if fault.repeat or not (fault.refuses or fault.withhold) else 4)


def test_there_are_faults_enough() -> None:
    """At least twenty faults have names, and each says how it is made in one way only."""
    assert len(FAULTS) >= 20
    for fault in FAULTS.values():
        assert sum(map(bool, (fault.spoil, fault.build, fault.repeat, fault.withhold))) == 1


def test_a_run_without_faults_is_clean() -> None:
    """Order, waybill, list and supplement of each parcel, nothing refused, nothing incomplete."""
    samples = list(generate(3, 25, documents_per_message=10))
    assert len(samples) == 12
    assert [one.expectation.documents for one in samples if "CEB603" in one.name] == [10, 10, 5]
    assert all(not (one.expectation.refused or one.expectation.incomplete) for one in samples)
    assert sorted(one.name for one in samples) == [one.name for one in samples]


def test_repeats_do_not_overfill_a_message() -> None:
    """A message of lists stays within a hundred documents; the rest comes in another."""
    lists = [
        one for one in generate(3, 100, fault_rate=1, faults=["duplicate_in_message"]) if "603" in one.name
    ]
    assert [one.expectation.documents for one in lists] == [100, 100]
    assert sum(one.expectation.accepted for one in lists) == 100
    for one in lists:
        _judge(one)


def test_late_supplements_come_last() -> None:
    """With late_rate 1 all supplements follow all CEB messages."""
    adapters = [one.adapter for one in generate(4, 20, documents_per_message=5, late_rate=1)]
    assert adapters == ["gacc_ceb"] * 12 + ["supplement"] * 4


def test_a_supplement_holds_what_no_list_says() -> None:
    """Addressee, origin and net mass per line, joined by the tracking number."""
    samples = list(generate(4, 1))
    body = json.loads(samples[3].raw)
    listed = adapter.decode(samples[2].raw, Limits()).documents[0].contributions[0].item
    item = body["items"][0]
    assert item["tracking_number"] == listed.tracking_number
    assert item["addressee"]["address"]["country"] == listed.destination_country
    assert [one["number"] for one in item["content"]] == [one.number for one in listed.content]
    assert all(one["hs"] == two.hs for one, two in zip(item["content"], listed.content, strict=True))


def test_destinations_can_be_chosen() -> None:
    """Only the countries asked for are used."""
    raws = [one.raw for one in generate(4, 30, destinations=["JP"]) if one.adapter == "supplement"]
    countries = {one["addressee"]["address"]["country"] for raw in raws for one in json.loads(raw)["items"]}
    assert countries == {"JP"}


@pytest.mark.parametrize(
    "arguments",
    [
        {"faults": ["no_such_fault"]},
        {"destinations": ["XX"]},
        {"documents_per_message": 0},
        {"documents_per_message": 101},
        {"fault_rate": 1.5},
        {"late_rate": -1},
    ],
)
def test_senseless_arguments_are_refused(arguments) -> None:
    """Unknown names and numbers out of range raise with a finding each, before anything is made."""
    with pytest.raises(InputError) as caught:
        generate(1, 1, **arguments)
    assert [one.code for one in caught.value.findings] == ["SAMPLE-ARGUMENT"]


def test_the_first_day_can_be_chosen() -> None:
    """Dates follow the day given."""
    raw = next(generate(1, 1, day=date(2025, 3, 4))).raw
    assert b"appTime>20250304" in raw
