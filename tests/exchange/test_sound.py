# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What is found sound at once has no finding in the full check, whatever is sent."""

import hashlib
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from gateway.agreement import check_release, compile_treatment, parse
from gateway.agreement.check import present
from gateway.errors import InputError
from gateway.exchange.sound import compile_sound
from gateway.exchange.unmerged import about
from gateway.model import Release, ReleaseFunction
from gateway.wire.convert import pack_release, unpack_release
from gateway.wire.v1 import records_pb2
from tests.agreement.samples import REST, VALUES, build, field, small
from tests.agreement.test_treat import KEY, LEAVES, SECRET, agreements, items

FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FUNCTIONS = st.sampled_from(list(ReleaseFunction))


def release(item, commitments=(), function=ReleaseFunction.ORIGINAL):
    """Return the record of an item; an example whose numbers do not fit into one is no example."""
    made = Release(reference="r", version=1, function=function, item=item, commitments=tuple(commitments))
    try:
        return pack_release(made)
    except InputError:
        reject()


def full(agreement, record):
    """Return what the full check finds; none if the record cannot be read."""
    try:
        return check_release(agreement, unpack_release(record))
    except InputError:
        return None


@FEW
@given(agreements(), items(), FUNCTIONS)
def test_treated_records_are_sound(agreement, item, function):
    """What the sender's treatment makes is sound at once exactly if the full check has no finding."""
    treated = compile_treatment(agreement, KEY)(item, SECRET)
    record = release(treated.item, treated.commitments, function)
    found = compile_sound(agreement)(record)
    assert (found is not None) == (full(agreement, record) == [])
    if found is not None:
        assert found == (about(treated.item), "r", 1)


@FEW
@given(agreements(), items(), FUNCTIONS)
def test_untreated_records_are_sound_only_if_allowed(agreement, item, function):
    """A record that was never treated is sound only if the full check has no finding."""
    record = release(item, (), function)
    if compile_sound(agreement)(record) is not None:
        assert full(agreement, record) == []


@FEW
@given(agreements(), items(), st.data())
def test_damaged_records_are_sound_only_if_allowed(agreement, item, data):
    """Bytes changed, cut or added anywhere never make a record sound that the full check objects to."""
    treated = compile_treatment(agreement, KEY)(item, SECRET)
    record = bytearray(release(treated.item, treated.commitments))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(record) - 1))
        record[place] = data.draw(st.integers(0, 255))
    damaged = bytes(record) + data.draw(st.sampled_from([b"", b"\x08\x01", b"\x22\x02\x08\x01"]))
    if compile_sound(agreement)(damaged) is not None:
        assert full(agreement, damaged) == []


@pytest.mark.parametrize("leaf", LEAVES)
def test_each_forbidden_leaf_is_found(leaf):
    """Whichever single leaf is not agreed, a record with it is not sound."""
    agreement = parse(small(field([one for one in LEAVES if one != leaf], "pass")))
    sound = compile_sound(agreement)
    assert sound(release(build({leaf: VALUES[LEAVES[leaf]]}, pieces=1))) is None
    assert sound(release(build({}))) == ("", "r", 1)


REQUIRED = REST.replace("required = []", 'required = ["sender.name", "content[].hs", "package_count"]')


def test_required_leaves_are_asked_for():
    """A record without a required leaf is sound only if every goods line commits to it, or it cancels."""
    leaves = {"sender.name": "A", "content[].hs": "620520", "package_count": 2}
    for kind in ("pass", "commit"):
        agreement = parse(small(field(leaves, kind), rest=REQUIRED))
        sound, treat = compile_sound(agreement), compile_treatment(agreement, KEY)
        for lacking in ("", *leaves):
            item = build({path: value for path, value in leaves.items() if path != lacking})
            treated = treat(item, SECRET)
            record = release(treated.item, treated.commitments)
            if not lacking:
                assert sound(record) == ("", "r", 1)
            assert (sound(record) is None) == (full(agreement, record) != [])
            cancelled = release(treated.item, treated.commitments, ReleaseFunction.CANCELLATION)
            assert sound(cancelled) == ("", "r", 1)


@FEW
@given(agreements(), items(), FUNCTIONS, st.data())
def test_required_leaves_are_those_of_the_full_check(agreement, item, function, data):
    """Whatever leaves are required, within goods lines or not, the quick answer is that of the full check."""
    required = data.draw(st.lists(st.sampled_from(list(agreement.fields)), unique=True))
    digest = hashlib.sha256(agreement.digest + repr(required).encode()).digest()
    agreement = replace(agreement, required=tuple(required), digest=digest)
    treated = compile_treatment(agreement, KEY)(item, SECRET)
    record = release(treated.item, treated.commitments, function)
    assert (compile_sound(agreement)(record) is not None) == (full(agreement, record) == [])


def test_commitments_stand_once_and_in_their_form():
    """A commitment given twice, too short, or to a field that is not committed, is not sound."""
    agreement = parse(small(field(["note"], "commit"), field(["ucr"], "pass")))
    sound = compile_sound(agreement)

    def with_commitments(*commitments):
        return records_pb2.Release(
            reference="r", version=1, function=1, item={"ucr": "U"}, commitments=list(commitments)
        ).SerializeToString()

    good = {"path": "note", "digest": bytes(32)}
    assert sound(with_commitments(good)) == ("", "r", 1)
    for bad in (
        [good, good],
        [{"path": "note", "digest": bytes(31)}],
        [{"path": "ucr", "digest": bytes(32)}],
        [{"path": "content[01].hs", "digest": bytes(32)}],
        [{"path": "x" * 5000, "digest": bytes(32)}],
    ):
        assert sound(with_commitments(*bad)) is None


def test_forms_of_numbers_and_dates_are_checked():
    """A text that is no number, no date or empty where one must be is not sound."""
    agreement = parse(small(field(["goods_value.amount", "border_date"], "pass")))
    sound = compile_sound(agreement)
    for item in (
        {"goods_value": {"amount": "1e3"}},
        {"goods_value": {"amount": ""}},
        {"border_date": "2026-02-31"},
        {"border_date": "1" * 200},
    ):
        record = records_pb2.Release(reference="r", version=1, function=1, item=item).SerializeToString()
        assert sound(record) is None
        assert full(agreement, record) is None


def test_a_number_in_few_bytes_hides_nothing():
    """A negative number written in five bytes does not make room for a field that nobody knows."""
    agreement = parse(small(field(["content[].number"], "pass")))
    piece = b"\x08\xff\xff\xff\xff\x0f" + b"\xfa\x7f\x02hi"
    item = b"\xba\x03" + bytes([len(piece)]) + piece
    record = b"\x0a\x01r\x10\x01\x18\x01\x22" + bytes([len(item)]) + item
    assert compile_sound(agreement)(record) is None


def test_every_present_leaf_is_named():
    """The samples of this test reach every leaf of the model."""
    item = build({path: VALUES[kind] for path, kind in LEAVES.items()}, pieces=1)
    assert {leaf for _, leaf, _ in present(item)} == set(LEAVES)
