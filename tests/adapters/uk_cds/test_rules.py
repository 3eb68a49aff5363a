# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from adapters.uk_cds import adapter
from adapters.uk_cds.catalogue import FOLDER
from adapters.uk_cds.rules import load, rules
from gateway.sdk import ContentPiece, Filing, InputError, Item, LineFiling, Money, Party, Procedure

# The shipped rule, and one that follows it; the second is made for this test.
CHANGE = """
[[low_value]]
from = 2021-01-01
until = 2027-07-01
amount = "135"
currency = "GBP"
data_set = "1H7"
reliefs = ["C07", "C08"]
limited = ["C07"]

[[low_value]]
from = 2027-07-01
amount = "50"
currency = "GBP"
data_set = "1H7"
reliefs = ["C08"]
limited = ["C07"]

[[function]]
code = "9"
type = ""
does = "new"

[response.01]
name = "DMSACC"
outcome = "registered"
phase = "receipt"
"""


def parcel(*codes, amount="100", currency="GBP") -> Item:
    """Return an item of one line with additional procedure codes."""
    filing = LineFiling(
        procedure="40",
        previous_procedure="00",
        additional_procedures=tuple(Procedure(code=one) for one in codes),
    )
    return Item(
        tracking_number="RR473124829CN",
        declarant=Party(identifier="GB1"),
        filing=Filing(reference="L1"),
        content=(
            ContentPiece(
                number=1, hs="611710", value=Money(amount=Decimal(amount), currency=currency), filing=filing
            ),
        ),
    )


@pytest.mark.parametrize(
    ("day", "faults"),
    [
        (date(2020, 12, 31), None),
        (date(2021, 1, 1), 0),
        (date(2027, 6, 30), 0),
        (date(2027, 7, 1), 2),
    ],
)
def test_the_same_item_is_judged_by_the_rule_of_the_day(day, faults) -> None:
    """On the day before a change the old rule holds, from the day of the change the new one."""
    rule = load(CHANGE).low_value_on(day)
    assert (rule is None) == (faults is None)
    if rule is not None:
        assert len(list(rule.faults(parcel("1H7", "C07")))) == faults


@pytest.mark.parametrize(
    ("item", "faults"),
    [
        (parcel("1H7", "C07", amount="135"), 0),
        (parcel("1H7", "C07", amount="135.01"), 1),
        (parcel("1H7", "C08", amount="136"), 0),
        (parcel("1H7"), 1),
        (parcel("000", amount="5000"), 0),
        (parcel("1H7", "C07", amount="5000", currency="CNY"), 0),
    ],
)
def test_the_shipped_rule_knows_its_threshold(item, faults) -> None:
    """C07 up to and including 135 pounds; 1H7 only beside C07 or C08; other currencies are not judged."""
    rule = rules().low_value_on(date(2026, 3, 1))
    assert len(list(rule.faults(item))) == faults


def test_what_the_rule_forbids_is_not_written() -> None:
    """A low-value declaration above the threshold is refused; before the rule there is nothing to refuse."""
    item = parcel("1H7", "C07", amount="136")
    with pytest.raises(InputError) as caught:
        adapter.encode("DEC", [item], datetime(2026, 3, 1, tzinfo=UTC))
    assert [one.code for one in caught.value.findings] == ["UKCDS-LOW-VALUE-REFUSED"]
    assert adapter.encode("DEC", [item], datetime(2020, 12, 31, tzinfo=UTC)).body


def test_the_value_of_all_lines_counts() -> None:
    """Two lines below the threshold are above it together."""
    one = parcel("1H7", "C07", amount="70").content[0]
    rule = rules().low_value_on(date(2026, 3, 1))
    assert len(list(rule.faults(Item(content=(one, one))))) == 1


def test_every_rule_names_its_source() -> None:
    """No threshold and no function stands in the file without saying where it is known from."""
    text = (FOLDER / "rules.toml").read_text("utf-8")
    assert text.count("\nsource = ") == text.count("[[low_value]]") + text.count("[[function]]")


def test_all_notifications_are_known() -> None:
    """The fifteen function codes of HMRC's notifications have a name; no outcome is written by two codes."""
    known = rules().responses
    assert set(known) == {f"{one:02d}" for one in (1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16, 18)}
    assert set(rules().codes) == {"registered", "reject", "hold", "rfi", "release"}
