# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The table of field treatments that statements bind."""

import pytest

from gateway.agreement import parse, treatment_digest, treatment_table, verify_table
from gateway.audit import withheld
from gateway.errors import VerificationError
from gateway.model import leaf_types
from tests.partner_messages import AGREEMENT, agreement

SENDER = 'paths = ["sender.name"]\ntreatment = "commit"\narticle = "6"'
CHANGES = {
    "treatment": SENDER.replace("commit", "pass"),
    "parameter": SENDER.replace('"commit"', '"truncate"\nlength = 9'),
    "article": SENDER.replace('"6"', '"7"'),
}


def changed(name):
    """Return the agreement with another treatment of one field."""
    terms = {
        "id": "alpha-beta",
        "version": 1,
        "sender": "alpha",
        "recipient": "beta",
        "until": "2027-01-01T00:00:00Z",
        "destination": "AU",
        "required": "addressee.name",
        "then": "drop",
    }
    text = AGREEMENT.format(**terms)
    assert SENDER in text
    return parse(text.replace(SENDER, CHANGES[name]).encode())


def test_named_leaves_and_the_rest_are_stated() -> None:
    """Every leaf that the agreement names stands in the table, and one row omits whatever it leaves out."""
    rows = {row.path: row for row in withheld.parse(treatment_table(agreement()))}
    assert set(rows) == {*agreement().fields, "*"}
    assert set(agreement().fields) < set(leaf_types())
    assert (rows["sender.name"].treatment, rows["sender.name"].clause) == ("commit", "6")
    assert (rows["*"].treatment, rows["*"].clause) == ("omit", "")


@pytest.mark.parametrize("name", CHANGES)
def test_digest_tells_every_difference(name) -> None:
    """Another treatment, parameter or article of one field is another digest."""
    assert treatment_digest(changed(name)) != treatment_digest(agreement())


def test_table_of_the_agreement_verifies() -> None:
    """The table verifies against agreement and digest, and gives its rows."""
    one = agreement()
    assert len(verify_table(one, treatment_table(one), treatment_digest(one))) == len(one.fields) + 1


@pytest.mark.parametrize("name", CHANGES)
def test_table_of_another_agreement_is_refused(name) -> None:
    """A table that was bound but is not that of the agreement is refused."""
    other = changed(name)
    with pytest.raises(VerificationError) as caught:
        verify_table(agreement(), treatment_table(other), treatment_digest(other))
    assert [one.code for one in caught.value.findings] == ["AGREEMENT-TREATMENT-TABLE"]


def test_leaves_of_another_model_may_only_be_omitted() -> None:
    """A table that omits fewer or more unnamed leaves holds, unless one of them leaves."""
    one = agreement()
    rows = list(withheld.parse(treatment_table(one)))
    older = withheld.canonical(row for row in rows if row.path != "*")
    newer = withheld.canonical([*rows, ("zone.new", "omit", "", "", None)])
    wider = withheld.canonical([*rows, ("zone.new", "pass", "", "", None)])
    for raw in (older, newer):
        assert verify_table(one, raw, withheld.digest(raw))
    with pytest.raises(VerificationError):
        verify_table(one, wider, withheld.digest(wider))


def _table(*rows) -> bytes:
    """Return the bytes of a table of other rows, and let the statement bind it."""
    return withheld.canonical(rows)


def test_table_of_another_model_is_accepted_if_the_rest_is_omitted() -> None:
    """A side that knows more leaves may list them as omitted; the leaves that are named must be the same."""
    known = list(withheld.parse(treatment_table(agreement())))
    more = _table(*known, withheld.FieldTreatment("later.leaf", "omit", "", ""))
    assert len(verify_table(agreement(), more, withheld.digest(more))) == len(known) + 1


@pytest.mark.parametrize("path", ["later.leaf", "*"])
def test_nothing_unnamed_may_pass(path) -> None:
    """A table in which an unnamed leaf, or everything else, does not stay at home is not the agreement's."""
    known = [one for one in withheld.parse(treatment_table(agreement())) if one.path != path]
    wrong = _table(*known, withheld.FieldTreatment(path, "pass", "", "5"))
    with pytest.raises(VerificationError):
        verify_table(agreement(), wrong, withheld.digest(wrong))


def test_missing_named_leaf_is_refused() -> None:
    """A table without a leaf that the agreement names, as after one side's model grew a group, is refused."""
    known = [one for one in withheld.parse(treatment_table(agreement())) if one.path != "sender.name"]
    less = _table(*known)
    with pytest.raises(VerificationError) as raised:
        verify_table(agreement(), less, withheld.digest(less))
    assert raised.value.findings[0].path == "sender.name"
