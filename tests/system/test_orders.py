# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""In whatever order messages about an item come, the partner ends with the same item and a clean history."""

import itertools
import re

import pytest

from gateway.demo.stage import make_parties, packaged_agreements, running, set_up
from gateway.sample import generate
from gateway.sample.parcel import s10
from tests.system.books import Books
from tests.system.submitting import ask, eventually, submit

SEED = 5
PARTS = ("CEB303", "CEB505", "CEB603", "supplement")
ORDERS = {
    "".join(one[3] if one.startswith("CEB") else "s" for one in order): order
    for order in itertools.permutations(PARTS)
}
OFFICE_NUMBER = "51652026E{:09d}"
CANCEL = """<?xml version="1.0" encoding="UTF-8"?>
<ceb:CEB605Message xmlns:ceb="http://www.chinaport.gov.cn/ceb" guid="{guid}" version="1.0"><ceb:InvtCancel>
<ceb:guid>{guid}</ceb:guid><ceb:appType>1</ceb:appType><ceb:appTime>20261103103000</ceb:appTime>
<ceb:appStatus>1</ceb:appStatus><ceb:customsCode>5165</ceb:customsCode><ceb:copNo>CAN{number}</ceb:copNo>
<ceb:preNo></ceb:preNo><ceb:invtNo>{number}</ceb:invtNo><ceb:reason>x</ceb:reason>
<ceb:agentCode>4401980003</ceb:agentCode><ceb:agentName>x</ceb:agentName><ceb:ebcCode>4403961234</ceb:ebcCode>
<ceb:ebcName>x</ceb:ebcName><ceb:note></ceb:note></ceb:InvtCancel></ceb:CEB605Message>"""


@pytest.fixture(scope="module", name="stage")
def _stage(tmp_path_factory):
    """Two running gateways; batches close at once."""
    parties = make_parties(tmp_path_factory.mktemp("orders"), packaged_agreements())
    set_up(parties[0], {"batch": {"linger_ms": 0}})
    with running(parties):
        yield parties


class Parcel:
    """The messages about one parcel, to be sent in any order, changed and withdrawn.

    All parcels are alike but for their numbers.
    """

    def __init__(self, stage, number):
        self.here, self.there = stage
        self.number = number
        self.tracking = s10("LX", number, "CN")
        self.list_number = OFFICE_NUMBER.format(number)
        self.parts = {}
        for message in generate(SEED, 1, destinations=["NL"]):
            name = next(part for part in PARTS if part in message.name)
            self.parts[name] = self._renumbered(message.raw.decode())
        extra = f"<ceb:invtNo>{self.list_number}</ceb:invtNo><ceb:ieFlag>"
        self.parts["CEB603"] = self.parts["CEB603"].replace("<ceb:ieFlag>", extra, 1)

    def _renumbered(self, text):
        """Return a message with the numbers of this parcel; all of a generated parcel come from one."""
        listing = next(
            one.raw.decode() for one in generate(SEED, 1, destinations=["NL"]) if "603" in one.name
        )
        numbers = {
            name: re.search(f"<ceb:{name}>([^<]+)<", listing)[1]
            for name in ("logisticsNo", "orderNo", "copNo")
        }
        text = text.replace(numbers["logisticsNo"], self.tracking)
        for name in ("orderNo", "copNo"):
            old = numbers[name]
            text = text.replace(old, old[:-4] + f"{self.number:04d}")
        return text

    def send(self, part):
        """Submit one part; it must be accepted."""
        self._take(self.parts[part])

    def _take(self, text):
        """Submit a message that must be accepted."""
        answer = submit(self.here.url, text.encode())
        assert answer.outcome == "accepted", answer.body

    def send_again(self, kind, day, **values):
        """Submit the list of another day as a change (2) or a deletion (3), with other values."""
        text = self.parts["CEB603"].replace("<ceb:appType>1<", f"<ceb:appType>{kind}<", 1)
        text = re.sub("<ceb:appTime>[0-9]{8}", f"<ceb:appTime>202611{day:02d}", text, count=1)
        for name, value in values.items():
            text = re.sub(f"<ceb:{name}>[^<]*<", f"<ceb:{name}>{value}<", text, count=1)
        self._take(text)

    def cancel(self):
        """Submit a cancellation of the list."""
        guid = f"4B1C0000-1111-4222-8333-{self.number:012d}"
        self._take(CANCEL.format(guid=guid, number=self.list_number))

    def arrived(self, count):
        """Wait until the partner holds so many records; return them in order."""
        records = eventually(lambda: self._records(count))
        assert len(records) == count
        return records

    def _records(self, count):
        found = ask(self.there.url, f"/v1/received/{self.tracking}") or []
        return found if len(found) >= count else None

    def history(self, count):
        """Return version and function of what the partner holds, in order."""
        return [(one["release"]["version"], one["release"]["function"]) for one in self.arrived(count)]


@pytest.fixture(scope="module", name="usual")
def _usual(stage):
    """What the partner holds of a parcel whose messages came in the usual order."""
    parcel = Parcel(stage, 500)
    for part in PARTS:
        parcel.send(part)
    (record,) = parcel.arrived(1)
    return record["release"]["item"]


@pytest.mark.parametrize("order", ORDERS)
def test_order_of_arrival_does_not_change_the_item(stage, usual, order) -> None:
    """The partner's last record is the same in all twenty-four orders, and versions count from one."""
    parcel = Parcel(stage, 600 + list(ORDERS).index(order))
    for part in ORDERS[order]:
        parcel.send(part)
    shares = eventually(lambda: _at_rest(parcel))["shares"]
    assert [one["version"] for one in shares] == list(range(1, len(shares) + 1))
    held = parcel.arrived(len(shares))
    functions = [one["release"]["function"] for one in held]
    assert functions == ["original"] + ["amendment"] * (len(held) - 1)
    assert held[-1]["release"]["item"] == usual | {"tracking_number": parcel.tracking}


def filled(item):
    """Return which fields of an item are filled."""
    return {name for name, value in item.items() if value not in (None, [], {}, "")}


def _at_rest(parcel):
    """Return the trace of an item once all of its shares are accepted."""
    trace = ask(parcel.here.url, f"/v1/items/{parcel.tracking}")
    return trace if {one["state"] for one in trace["shares"]} <= {"accepted"} and trace["shares"] else None


def test_change_and_deletion_follow_the_original(stage) -> None:
    """A change makes an amendment, a deletion a cancellation that carries identification only."""
    parcel = Parcel(stage, 701)
    for part in PARTS:
        parcel.send(part)
    assert parcel.history(1) == [(1, "original")]
    parcel.send_again(2, 4, netWeight="0.001")
    assert parcel.history(2)[1:] == [(2, "amendment")]
    amended = parcel.arrived(2)[1]["release"]["item"]
    assert amended["net_mass"]["value"] == "0.001"
    parcel.send_again(3, 5)
    assert parcel.history(3)[2:] == [(3, "cancellation")]
    last = parcel.arrived(3)[2]["release"]
    assert filled(last["item"]) <= {"tracking_number", "posting_date", "ucr", "mrn"}
    assert len({one["release"]["reference"] for one in parcel.arrived(3)}) == 1


def test_cancellation_withdraws_the_item(stage) -> None:
    """A cancellation (CEB605) of the list withdraws the item at the partner."""
    parcel = Parcel(stage, 702)
    for part in PARTS:
        parcel.send(part)
    parcel.arrived(1)
    parcel.send_again(2, 4, netWeight="0.001")
    parcel.arrived(2)
    parcel.cancel()
    assert parcel.history(3) == [(1, "original"), (2, "amendment"), (3, "cancellation")]
    assert ask(parcel.here.url, f"/v1/items/{parcel.tracking}")["state"] == "cancelled"


def test_cancellation_may_come_first(stage) -> None:
    """An item whose cancellation came before its list never leaves."""
    parcel = Parcel(stage, 703)
    parcel.cancel()
    for part in ("CEB603", "CEB505", "CEB303", "supplement"):
        parcel.send(part)
    trace = ask(parcel.here.url, f"/v1/items/{parcel.tracking}")
    assert (trace["state"], trace["shares"]) == ("cancelled", [])


def test_stale_change_does_not_count(stage) -> None:
    """A change issued before the one in force is kept and has no effect at the partner."""
    parcel = Parcel(stage, 704)
    for part in PARTS:
        parcel.send(part)
    parcel.arrived(1)
    parcel.send_again(2, 6, netWeight="0.002")
    parcel.arrived(2)
    parcel.send_again(2, 5, netWeight="0.003")
    trace = eventually(lambda: _at_rest(parcel))
    assert len(trace["shares"]) == 2
    assert trace["item"]["net_mass"]["value"] == "0.002"


def test_partner_holds_every_version_in_sequence(stage) -> None:
    """For each reference the partner holds versions from one upwards, in the order of their arrival."""
    histories = {}
    for row in Books(stage[1]).rows("inbound_record", "id"):
        histories.setdefault(row["reference"], []).append(row["version"])
    assert histories
    assert all(one == list(range(1, len(one) + 1)) for one in histories.values())
