# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What the field does with these documents, and what the writer must never do."""

from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.uk_cds import adapter
from gateway.sdk import (
    AdapterError,
    Assessment,
    ContentPiece,
    DocumentOutcome,
    Filing,
    Function,
    InputError,
    Item,
    Limits,
    LineFiling,
    Mass,
    Money,
    Party,
    TariffCode,
)

PLAIN = Item(
    tracking_number="RR473124829CN",
    filing=Filing(kind="IMZ", reference="L1"),
    declarant=Party(identifier="GB1"),
    content=(
        ContentPiece(
            number=1, description="Scarf", hs="611710", value=Money(amount=Decimal(9), currency="GBP")
        ),
    ),
)


def line(**fields):
    """Return the plain item with other fields in its line."""
    return msgspec.structs.replace(PLAIN, content=(msgspec.structs.replace(PLAIN.content[0], **fields),))


def one(decode, items, item, now):
    """Return what comes back of an item."""
    return items(decode(adapter.encode("DEC", [item], now).body))[0]


def test_a_response_without_namespace_is_read_as_if_it_had_them(decode, items, told, text) -> None:
    """The same response with and without namespaces gives the same record; the repair is told."""
    bare = text("res_without_namespace")
    spaced = bare.replace("<MetaData>", '<MetaData xmlns="urn:wco:datamodel:WCO:DocumentMetaData-DMS:2">')
    spaced = spaced.replace(
        "<Response>",
        '<Response xmlns="urn:wco:datamodel:WCO:RES-DMS:2" '
        'xmlns:r="urn:wco:datamodel:WCO:Response_DS:DMS:2">',
    )
    spaced = spaced.replace("<DateTimeString", "<r:DateTimeString").replace(
        "</DateTimeString", "</r:DateTimeString"
    )
    assert items(decode(bare)) == items(decode(spaced))
    assert "UKCDS-NAMESPACE-REPAIRED" in {one.code for one in told(decode(bare))}
    assert "UKCDS-NAMESPACE-REPAIRED" not in {one.code for one in told(decode(spaced))}


def test_a_declaration_without_namespace_is_refused(decode, told, text) -> None:
    """Only responses are known to come without namespaces; national sets of DEC differ."""
    raw = text("dec_export").replace(' xmlns="urn:wco:datamodel:WCO:DEC-DMS:2"', ' xmlns=""')
    assert "UKCDS-NAMESPACE" in {one.code for one in told(decode(raw))}


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ('formatCode="304">20260301093000Z', datetime(2026, 3, 1, 9, 30, tzinfo=UTC)),
        ('formatCode="304">20260301093000+08', datetime(2026, 3, 1, 1, 30, tzinfo=UTC)),
        ('formatCode="304">20260301093000-05', datetime(2026, 3, 1, 14, 30, tzinfo=UTC)),
        (">20260301093000Z", datetime(2026, 3, 1, 9, 30, tzinfo=UTC)),
        ('formatCode="304"> 20260301093000Z ', datetime(2026, 3, 1, 9, 30, tzinfo=UTC)),
        ('formatCode="304">20260301093000+24', None),
        ('formatCode="304">20261301093000Z', None),
    ],
)
def test_a_moment_is_read_in_all_its_forms(decode, items, text, written, moment) -> None:
    """Format 304 with Z or whole hours, without its code, with spaces; what is no moment is left out."""
    raw = text("dec_low_value_postal").replace('formatCode="304">20260301093000Z', written)
    assert items(decode(raw))[0].filing.declared_at == moment


def test_a_date_alone_makes_no_moment(decode, items, text) -> None:
    """Format 102 fills the day of declaration and invents no hour."""
    item = items(decode(text("dec_export")))[0]
    assert item.declared_on == date(2026, 3, 2)
    assert item.filing.declared_at is None


def test_a_mass_without_unit_is_in_kilograms(decode, items, text) -> None:
    """The unit is implied for masses, and for nothing else."""
    raw = text("dec_import").replace(' unitCode="KGM"', "").replace(' unitCode="NAR"', "")
    item = items(decode(raw))[0]
    assert item.gross_mass.unit == item.content[0].net_mass.unit == "KGM"
    assert item.content[1].legal_quantity.unit is None


def test_rounding_is_told_and_never_makes_nothing(decode, items, now) -> None:
    """Five decimals become three, half to even; a value that would become nothing is refused."""
    item = line(value=Money(amount=Decimal("9.12345"), currency="GBP"))
    encoded = adapter.encode("DEC", [item], now)
    assert items(decode(encoded.body))[0].content[0].value.amount == Decimal("9.123")
    assert [(loss.kind, loss.path) for loss in encoded.losses] == [("rounded", "content[1].value.amount")]
    with pytest.raises(InputError) as caught:
        adapter.encode("DEC", [line(value=Money(amount=Decimal("0.0004"), currency="GBP"))], now)
    assert [fault.code for fault in caught.value.findings] == ["SCHEMA-FORMAT"]


@given(amount=st.decimals("0.0001", 10**9, places=4), mass=st.decimals("0.0000001", 10**6, places=7))
def test_no_amount_or_mass_becomes_nothing(decode, items, now, amount, mass) -> None:
    """Whatever is above zero is above zero on the other side, within half a unit of the last place."""
    item = line(value=Money(amount=amount, currency="GBP"), net_mass=Mass(value=mass, unit="KGM"))
    try:
        back = one(decode, items, item, now).content[0]
    except InputError:
        assert amount < Decimal("0.001") or mass < Decimal("0.000001")
        return
    assert back.value.amount > 0
    assert abs(back.value.amount - amount) <= Decimal("0.0005")
    assert abs(back.net_mass.value - mass) <= Decimal("0.0000005")


def test_classifications_stand_apart_and_are_never_padded(decode, items, text, now) -> None:
    """TSP of eight and TRC of two digits become one code of ten; six digits stay six."""
    piece = items(decode(text("dec_low_value_postal")))[0].content[0]
    assert (piece.commodity_code, piece.hs) == ("6109100010", "610910")
    assert [(code.scheme, code.code) for code in piece.filing.tariff_codes] == [
        ("TSP", "61091000"),
        ("TRC", "10"),
    ]
    body = adapter.encode("DEC", [PLAIN], now).body
    assert b"<ID>611710</ID><IdentificationTypeCode>TSP<" in body
    assert b"TRC" not in body


def test_the_national_digits_of_others_stay_at_home(now) -> None:
    """A ten-digit code without UK classification gives its HS6, and the cut is told."""
    encoded = adapter.encode("DEC", [line(commodity_code="6117101100", hs="611710")], now)
    assert b"<ID>611710</ID>" in encoded.body
    assert [(loss.kind, loss.path) for loss in encoded.losses] == [("truncated", "content[1].commodity_code")]


@pytest.mark.parametrize("hs", ["6117", "61171", "6117A0"])
def test_a_short_code_is_refused(now, hs) -> None:
    """Fewer than six digits cannot be written."""
    with pytest.raises(InputError) as caught:
        adapter.encode("DEC", [line(hs=hs)], now)
    assert [fault.code for fault in caught.value.findings] == ["UKCDS-HS-SHORT"]


def test_line_breaks_become_spaces_and_are_told(decode, items, now) -> None:
    """The schema's pattern stops at a line break, so an address of two lines becomes one."""
    encoded = adapter.encode("DEC", [line(description="Scarf\nof wool ")], now)
    assert items(decode(encoded.body))[0].content[0].description == "Scarf of wool"
    assert [fault.code for fault in encoded.findings] == ["UKCDS-LINE-BREAK"]


@pytest.mark.parametrize("text", ["a\x01b", "a\ufffe", "a\ud800"])
def test_a_character_that_xml_cannot_carry_is_refused(now, text) -> None:
    """Control characters, non-characters and lone surrogates are no text."""
    with pytest.raises(InputError) as caught:
        adapter.encode("DEC", [line(description=text)], now)
    assert [fault.code for fault in caught.value.findings] == ["XML-CHARACTER"]


def test_long_texts_are_cut_and_told(decode, items, now) -> None:
    """A name of more than 70 characters is cut; a reference that is too long is refused."""
    item = msgspec.structs.replace(PLAIN, sender=Party(name="N" * 90))
    encoded = adapter.encode("DEC", [item], now)
    assert items(decode(encoded.body))[0].sender.name == "N" * 70
    assert [(loss.kind, loss.path) for loss in encoded.losses] == [("truncated", "sender.name")]
    with pytest.raises(InputError):
        adapter.encode("DEC", [msgspec.structs.replace(PLAIN, ucr="U" * 36)], now)


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("dec_import", Function.NEW),
        ("dec_amendment", Function.CHANGE),
        ("dec_invalidation", Function.DELETE),
    ],
)
def test_the_function_follows_its_codes(decode, text, name, function) -> None:
    """FunctionCode and TypeCode say whether a declaration is new, changes or withdraws."""
    contribution = decode(text(name)).documents[0].contributions[0]
    assert contribution.function is function
    assert contribution.kind == "filing"


def test_responses_say_outcome_and_errors_with_their_place(decode, items, text) -> None:
    """A rejection names the canonical path where the element is mapped, else the chain of sections."""
    assessment = items(decode(text("res_rejected")))[0].assessment
    assert (assessment.outcome, assessment.decision_code) == ("reject", "03")
    assert [request.path for request in assessment.requests] == [
        "content[2].description",
        "wco:42A[1]/67A/99Z[1].D006",
    ]


@pytest.mark.parametrize(
    ("outcome", "own", "code"),
    [
        ("release", None, "08"),
        ("reject", "Z9", "03"),
        ("registered", "02", "02"),
        (None, "10", "10"),
        ("rfi", "03", "06"),
    ],
)
def test_an_outcome_of_another_source_gets_a_function_code(decode, items, now, *, outcome, own, code) -> None:
    """The own code is kept if it says the outcome; else the outcome chooses."""
    item = Item(mrn="26GB1", assessment=Assessment(outcome=outcome, decision_code=own))
    back = items(decode(adapter.encode("RES", [item], now).body))[0]
    assert back.assessment.decision_code == code


@pytest.mark.parametrize("outcome", ["dnl", "seize", None])
def test_an_outcome_that_no_response_says_is_refused(now, outcome) -> None:
    """What has no function code is not written as something near."""
    with pytest.raises(InputError):
        adapter.encode("RES", [Item(mrn="26GB1", assessment=Assessment(outcome=outcome))], now)


def test_one_declaration_fills_an_envelope_and_many_responses_do(now) -> None:
    """The envelope takes one Declaration, or several Responses; other types are not written."""
    with pytest.raises(InputError):
        adapter.encode("DEC", [PLAIN, PLAIN], now)
    with pytest.raises(AdapterError):
        adapter.encode("CRI", [PLAIN], now)
    answer = Item(mrn="26GB1", assessment=Assessment(outcome="release"))
    assert adapter.encode("RES", [answer] * 3, now).body.count(b"<Response") == 3


def test_limits_hold(text) -> None:
    """Size, depth and number of elements are checked before anything is read."""
    raw = text("dec_import").encode()
    for limits in (Limits(max_bytes=100), Limits(max_depth=3), Limits(max_elements=20)):
        message = adapter.decode(raw, limits)
        assert [fault.code[:3] for fault in message.findings] == ["XML"]
        assert not message.documents


@given(cut=st.integers(0, 6000), byte=st.binary(min_size=1, max_size=3))
def test_no_input_makes_it_raise(text, cut, byte) -> None:
    """Any damage to a document ends in findings."""
    raw = text("dec_import").encode()
    cut %= len(raw)
    assert adapter.decode(raw[:cut] + byte + raw[cut + len(byte) :], Limits()).adapter == "uk_cds"


def test_many_unmapped_elements_are_counted_not_listed_without_end(decode, text) -> None:
    """Beyond two thousand elements without a mapping their number is told."""
    raw = text("dec_export").replace("<UCR>", "<Surety><Name>S</Name></Surety>" * 2100 + "<UCR>")
    codes = [one.code for one in decode(raw).documents[0].findings]
    assert codes.count("SCHEMA-UNMAPPED-FIELD") == 2000
    assert "UKCDS-MORE" in codes


def test_an_answer_says_received_or_rejected_and_no_more(decode, items, text, now) -> None:
    """The gateway answers as a receiver: 02 or 03 with the findings, never as customs."""
    message = decode(text("dec_export"))
    for accepted, code in ((True, "02"), (False, "03")):
        outcome = DocumentOutcome(position=1, accepted=accepted, echo=message.documents[0].echo)
        answer = decode(adapter.acknowledge(message, [outcome], now).body)
        assert answer.message_type == "RES"
        assert f"<FunctionCode>{code}<".encode() in adapter.acknowledge(message, [outcome], now).body
    reply = adapter.acknowledge(decode(text("res_accepted")), [], now)
    assert reply.content_type == "application/json"


def test_a_tariff_code_of_a_partner_is_kept_beside(now) -> None:
    """Classifications of other lists stand where they stood, after the subheading."""
    filing = LineFiling(tariff_codes=(TariffCode(scheme="GN", code="1234"),))
    body = adapter.encode("DEC", [line(filing=filing)], now).body
    assert body.index(b">TSP<") < body.index(b">GN<")
