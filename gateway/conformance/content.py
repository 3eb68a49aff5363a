# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Cases of records: each is taken or rejected by itself, by what the agreement lets it hold."""

import os
from functools import partial

from gateway.conformance.builders import FLOW, Words, case, rejected
from gateway.conformance.case import Case, Family, require
from gateway.conformance.drafts import COMMITTED, LONGEST_NAME
from gateway.conformance.stage import Stage
from gateway.conformance.transfer import INVENTED, item, records, release
from gateway.model import ContentPiece, FieldCommitment, Item, Party
from gateway.wire.v1 import envelope_pb2, records_pb2

AGREEMENT = "docs/writing-an-agreement.md; docs/flow.md 7. Receive"
RECORDS = "records.proto Release"
_agreed = partial(Words, family=Family.RECORD, clause=AGREEMENT)
_formed = partial(Words, family=Family.RECORD, clause=RECORDS)
_FORBIDDEN, _WIDE = "AGREEMENT-FORBIDDEN-FIELD", "AGREEMENT-TOO-WIDE"


def _of(**fields: object) -> bytes:
    """Return the record of an item with these fields."""
    return records(release(item(**fields)))[0]


def _committing(path: str, digest: bytes) -> bytes:
    """Return a record with a commitment."""
    return records(release(commitments=(FieldCommitment(path=path, digest=digest),)))[0]


def _wired(**fields: object) -> bytes:
    """Return a record whose item holds texts in a form that no writer of ours would give them."""
    message = records_pb2.Release.FromString(records(release())[0])
    message.item.MergeFrom(records_pb2.Item(**fields))  # type: ignore[arg-type]  # the fields of the message
    return message.SerializeToString()


def _deep() -> bytes:
    """Return a record with an unknown field nested ten thousand times."""
    return records(release())[0] + b"\x9b\x06" * 10_000 + b"\x9c\x06" * 10_000


async def _twice(stage: Stage) -> str:
    same = release()
    answer = await stage.send(stage.transfer(records(same, same)))
    codes = {each.code for one in answer.said.records for each in one.findings}
    bad = [one.index for one in answer.said.records if not one.accepted]
    require(bad == [1] and "RECEIVE-TWICE" in codes, answer.text)
    return answer.text


async def _all_bad(stage: Stage) -> str:
    answer = await stage.send(stage.transfer([_of(ucr="X"), _of(ucr="Y")]))
    bad = [one.index for one in answer.said.records if not one.accepted]
    require(
        answer.said.outcome == envelope_pb2.ReceiptStatement.OUTCOME_PARTIAL and bad == [0, 1], answer.text
    )
    after = await stage.deliver()
    return f"{answer.text}; then {after[1].text}"


async def _allowed(stage: Stage) -> str:
    whole = item(
        content=(ContentPiece(number=1, description="lantern", commodity_code="940550"),),
        order_number="A" * 26,
    )
    one = release(whole, commitments=(FieldCommitment(path=COMMITTED, digest=os.urandom(32)),))
    _, answer = await stage.deliver(records(one))
    require(not answer.said.records, answer.text)
    return answer.text


CASES: tuple[Case, ...] = (
    case(
        _agreed(
            "record-allowed",
            "A record with everything that the agreement allows is accepted without a finding.",
            "one record with a field of every treatment",
        ),
        "receipt: accepted, no findings",
        _allowed,
    ),
    rejected(
        _agreed("record-forbidden-field", "A field that the agreement does not name is rejected.", "a UCR"),
        lambda: _of(ucr="INVENTED"),
        _FORBIDDEN,
    ),
    rejected(
        _agreed(
            "record-forbidden-nested",
            "A field that the agreement does not name is rejected wherever it is nested.",
            "the origin of a content piece",
        ),
        lambda: _of(content=(ContentPiece(number=1, description="x", origin_country="CN"),)),
        _FORBIDDEN,
    ),
    rejected(
        _agreed(
            "record-committed-in-clear", "A field to be committed is rejected in clear.", "the sender's name"
        ),
        lambda: _of(sender=Party(name=INVENTED)),
        _FORBIDDEN,
    ),
    rejected(
        _agreed("record-too-long", "A field to be truncated is rejected at full length.", "a long name"),
        lambda: _of(addressee=Party(name="N" * (LONGEST_NAME + 1))),
        _WIDE,
    ),
    rejected(
        _agreed("record-too-fine", "A field to be generalised is rejected in detail.", "a code of 10 digits"),
        lambda: _of(content=(ContentPiece(number=1, description="x", commodity_code="9405500000"),)),
        _WIDE,
    ),
    rejected(
        _agreed(
            "record-not-pseudonymised", "A field to be pseudonymised is rejected as it is.", "an order number"
        ),
        lambda: _of(order_number="SO-1001"),
        _WIDE,
    ),
    rejected(
        _agreed("record-required-missing", "A record without a required field is rejected.", "no addressee"),
        lambda: records(release(Item(tracking_number="KTMISSING", destination_country="ZZ")))[0],
        "AGREEMENT-REQUIRED-MISSING",
    ),
    rejected(
        _agreed(
            "record-commitment-elsewhere",
            "A commitment to a field that is not to be committed is rejected.",
            "a commitment to the postage",
        ),
        lambda: _committing("postage.amount", os.urandom(32)),
        "AGREEMENT-COMMITMENT-FORM",
    ),
    rejected(
        _agreed(
            "record-commitment-short", "A commitment is a digest of 32 bytes.", "a commitment of 8 bytes"
        ),
        lambda: _committing(COMMITTED, b"12345678"),
        "AGREEMENT-COMMITMENT-FORM",
    ),
    rejected(
        _formed(
            "record-reference", "A reference is made of letters, digits, - and _.", "a path as reference"
        ),
        lambda: records(release(reference="../../etc/passwd"))[0],
        "RECEIVE-REFERENCE",
    ),
    case(
        Words("record-twice", "A record stands once in a batch.", "one record twice", Family.RECORD, FLOW),
        "receipt: partial, record 1 rejected, RECEIVE-TWICE",
        _twice,
    ),
    rejected(
        _formed("record-noise", "Bytes that are no record reject that record alone.", "noise"),
        lambda: b"\xff" * 64,
        "WIRE-PARSE",
    ),
    rejected(
        _formed("record-unknown-field", "A record with an unknown field is rejected.", "an unknown field"),
        lambda: records(release())[0] + b"\x9a\x06\x01x",
        "WIRE-UNKNOWN-FIELD",
    ),
    rejected(
        _formed("record-deep", "A record nested without end is rejected, not followed.", "10,000 levels"),
        _deep,
        "WIRE-PARSE",
    ),
    rejected(
        _formed("record-function", "A function that the contract does not have is rejected.", "function 99"),
        lambda: records_pb2.Release.FromString(b"\x18\x63").SerializeToString(),
        "WIRE-ENUM",
    ),
    rejected(
        _formed("record-decimal", "Numbers are plain decimals.", "a mass of 1e9"),
        lambda: _wired(gross_mass=records_pb2.Mass(value="1e9", unit="KGM")),
        "WIRE-DECIMAL",
    ),
    rejected(
        _formed("record-not-a-number", "What is no number is rejected.", "a mass of NaN"),
        lambda: _wired(gross_mass=records_pb2.Mass(value="NaN", unit="KGM")),
        "WIRE-DECIMAL",
    ),
    rejected(
        _formed("record-text", "Texts are UTF-8.", "a reference of two bytes that are no UTF-8"),
        lambda: records(release())[0] + b"\x0a\x02\xff\xfe",
        "WIRE-PARSE",
    ),
    rejected(
        _formed("record-date", "Dates are ISO 8601.", "the 32nd of a month"),
        lambda: _wired(posting_date="2026-01-32"),
        "WIRE-DATE",
    ),
    case(
        Words(
            "record-all-bad",
            "A batch of bad records is stored and answered for each, and the channel goes on.",
            "two bad records, then a good transfer",
            Family.RECORD,
            FLOW,
        ),
        "receipt: partial, both rejected; then accepted",
        _all_bad,
    ),
)
