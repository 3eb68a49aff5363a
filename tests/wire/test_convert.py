# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Records to the wire and back."""

from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.envelope.dsse import Envelope, Signature
from gateway.errors import InputError
from gateway.model import ContentPiece, FieldCommitment, Item, Mass, Party, Release, ReleaseFunction
from gateway.model.record import Record
from gateway.wire import convert
from gateway.wire.v1 import envelope_pb2, records_pb2

LEAVES = {
    str: st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=20),
    int: st.integers(0, 2**31 - 1),
    Decimal: st.decimals(
        allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=6
    ),
    date: st.dates(),
    datetime: st.datetimes(timezones=st.just(UTC)),
}


def records(kind):
    """Return a strategy for a record with any of its fields present."""
    fields = {}
    for name, plain, repeated in convert.plan(kind):
        value = records(plain) if issubclass(plain, Record) else LEAVES[plain]
        fields[name] = st.lists(value, max_size=3).map(tuple) if repeated else st.none() | value
    return st.fixed_dictionaries({}, optional=fields).map(lambda chosen: kind(**chosen))


def release(item=Item(), **fields):  # noqa: B008 - records are frozen
    """Return a release."""
    chosen = {"reference": "R", "version": 1, "function": ReleaseFunction.ORIGINAL} | fields
    return Release(item=item, **chosen)


def code_of(caught):
    """Return the codes of an error."""
    return [one.code for one in caught.value.findings]


@settings(max_examples=60, deadline=None)
@given(
    records(Item),
    st.sampled_from(ReleaseFunction),
    st.integers(0, 2**32 - 1),
    st.lists(st.builds(FieldCommitment, path=LEAVES[str], digest=st.binary(max_size=32))),
)
def test_release_survives_the_wire(item, function, version, commitments):
    """What is packed is what is unpacked."""
    one = release(item, function=function, version=version, commitments=tuple(commitments))
    assert convert.unpack_release(convert.pack_release(one)) == one


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30))
def test_decimals_are_plain_digits(value):
    """No decimal is written with an exponent, and none loses its value."""
    raw = convert.pack_release(release(Item(gross_mass=Mass(value=value))))
    text = records_pb2.Release.FromString(raw).item.gross_mass.value
    assert "E" not in text.upper()
    assert Decimal(text) == value


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), Decimal("sNaN1")])
def test_numbers_that_are_none_do_not_leave(value):
    """A decimal that is not a finite number is refused on the way out."""
    with pytest.raises(InputError) as caught:
        convert.pack_release(release(Item(gross_mass=Mass(value=value))))
    assert code_of(caught) == ["WIRE-UNWRITABLE"]


@pytest.mark.parametrize("item", [Item(package_count=2**63), Item(goods_summary="\ud800")])
def test_values_out_of_range_do_not_leave(item):
    """A number beyond the wire type and a broken text are refused on the way out."""
    with pytest.raises(InputError) as caught:
        convert.pack_release(release(item))
    assert code_of(caught) == ["WIRE-UNWRITABLE"]


@pytest.mark.parametrize("text", ["1E5", "NaN", " 1", "1_0", "+1", "", "1.", ".5", "0x1", "١", "1" * 41])
def test_bad_decimals_are_found(text):
    """A decimal in any other form than plain digits is a finding with its path."""
    message = records_pb2.Release(reference="R", version=1, function=1)
    message.item.content.add().net_mass.value = text
    with pytest.raises(InputError) as caught:
        convert.unpack_release(message.SerializeToString())
    assert [(one.code, one.path) for one in caught.value.findings] == [
        ("WIRE-DECIMAL", "content[0].net_mass.value")
    ]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("posting_date", "20261101"),
        ("posting_date", "2026-13-01"),
        ("posting_date", "2026-11-01T00:00:00Z"),
        ("transport.departed_at", "2026-11-01T00:00:00"),
        ("transport.departed_at", "2026-11-01"),
        ("transport.departed_at", "2026-11-01T25:00:00Z"),
    ],
)
def test_bad_dates_are_found(path, text):
    """A date or moment in any other form than the contract's is a finding with its path."""
    message = records_pb2.Release(reference="R", version=1, function=1)
    *parents, name = path.split(".")
    target = message.item
    for one in parents:
        target = getattr(target, one)
    setattr(target, name, text)
    with pytest.raises(InputError) as caught:
        convert.unpack_release(message.SerializeToString())
    assert [(one.code, one.path) for one in caught.value.findings] == [("WIRE-DATE", path)]


def test_every_fault_is_reported():
    """All values in the wrong form are reported at once."""
    message = records_pb2.Release(reference="R", version=1, function=1)
    message.item.posting_date = message.item.border_date = "x"
    message.item.gross_mass.value = "y"
    with pytest.raises(InputError) as caught:
        convert.unpack_release(message.SerializeToString())
    assert len(caught.value.findings) == 3


@pytest.mark.parametrize("number", [0, 4])
def test_unknown_function_is_refused(number):
    """A function that this version does not know refuses the record."""
    raw = records_pb2.Release(reference="R", version=1, function=number).SerializeToString()
    with pytest.raises(InputError) as caught:
        convert.unpack_release(raw)
    assert code_of(caught) == ["WIRE-ENUM"]


UNKNOWN = b"\x82\x7d\x04evil"  # field 2000, four bytes


@pytest.mark.parametrize("path", [(), ("item",), ("item", "sender", "address")])
def test_unknown_fields_are_refused_at_any_depth(path):
    """A field outside the contract refuses the record, however deep it lies."""
    message = records_pb2.Release(reference="R", version=1, function=1)
    message.item.sender.address.city = "X"
    target = message
    for one in path:
        target = getattr(target, one)
    target.MergeFromString(UNKNOWN)
    with pytest.raises(InputError) as caught:
        convert.unpack_release(message.SerializeToString())
    assert code_of(caught) == ["WIRE-UNKNOWN-FIELD"]


def test_a_number_written_shorter_hides_nothing():
    """A negative number may be written in five bytes instead of ten; what fills the room is found."""

    def inside(message, field, content):
        tag = message.DESCRIPTOR.fields_by_name[field].number << 3 | 2
        head = [tag] if tag < 128 else [tag & 127 | 128, tag >> 7]
        return bytes((*head, len(content))) + content

    piece = b"\x08\xff\xff\xff\xff\x0f" + b"\x82\x7d\x02hi"
    read = records_pb2.ContentPiece.FromString(piece)
    assert read.number == -1
    item = inside(records_pb2.Item, "content", piece)
    start = records_pb2.Release(reference="R", version=1, function=1).SerializeToString()
    raw = start + inside(records_pb2.Release, "item", item)
    whole = records_pb2.Release.FromString(raw)
    whole.DiscardUnknownFields()
    assert whole.ByteSize() == len(raw)
    with pytest.raises(InputError) as caught:
        convert.unpack_release(raw)
    assert code_of(caught) == ["WIRE-UNKNOWN-FIELD"]


@given(st.binary(max_size=200))
def test_no_bytes_make_it_raise_otherwise(raw):
    """Whatever arrives is a record or an `InputError` with findings."""
    for read in (convert.unpack_release, convert.unpack_payload, convert.unpack_envelope):
        findings = (None,)
        try:
            read(raw)
        except InputError as error:
            findings = error.findings
        assert findings


def test_other_encodings_of_the_same_record_are_read():
    """A writer that repeats a singular field or pads a number is read by the rules of the encoding."""
    raw = convert.pack_release(release(Item(tracking_number="A")))
    again = records_pb2.Release(reference="S").SerializeToString()
    assert convert.unpack_release(raw + again).reference == "S"


@given(st.lists(st.tuples(st.binary(max_size=40), st.binary(max_size=40)), max_size=5))
def test_payload_survives_the_wire(entries):
    """Salts and records come back in order, byte for byte."""
    assert convert.unpack_payload(convert.pack_payload(entries)) == entries


def test_envelope_survives_the_wire():
    """An envelope comes back with the same statement bytes and signatures."""
    envelope = Envelope("type", b"statement", (Signature("k1", b"s1"), Signature("k2", b"s2")))
    assert convert.unpack_envelope(convert.pack_envelope(envelope)) == envelope


def test_every_leaf_has_a_place_on_the_wire():
    """The contract has a field for every field of the model, under the same name."""

    def compare(kind, descriptor):
        plan = convert.plan(kind)
        assert {name for name, _, _ in plan} == set(descriptor.fields_by_name)
        for name, plain, repeated in plan:
            field = descriptor.fields_by_name[name]
            assert field.is_repeated == repeated
            if issubclass(plain, Record):
                compare(plain, field.message_type)

    compare(Item, records_pb2.Item.DESCRIPTOR)


def test_empty_texts_do_not_travel():
    """An empty text is an absent one."""
    one = release(Item(note="", sender=Party(name=""), content=(ContentPiece(note=""),)))
    back = convert.unpack_release(convert.pack_release(one))
    assert back.item == Item(sender=Party(), content=(ContentPiece(),))


def test_statements_refuse_unknown_fields():
    """A statement with a field that this version does not know is refused after verification."""
    raw = envelope_pb2.BatchStatement(version=1).SerializeToString() + UNKNOWN
    for parse in (convert.parse_batch_statement, convert.parse_receipt_statement):
        with pytest.raises(InputError):
            parse(raw)
    assert convert.parse_batch_statement(raw[: -len(UNKNOWN)]).version == 1


def test_release_is_stored_alike():
    """The stored form and the wire form hold the same record."""
    one = release(Item(tracking_number="A", gross_mass=Mass(value=Decimal("1.20"), unit="KGM")))
    stored = msgspec.msgpack.decode(msgspec.msgpack.encode(one), type=Release)
    assert convert.unpack_release(convert.pack_release(one)) == stored
