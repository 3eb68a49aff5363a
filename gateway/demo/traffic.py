# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The invented traffic: lists, orders and waybills over HTTP, supplements through the folder, and returns.

Three quarters of the parcels go to the partner's country, the rest to the world. Some lists are faulty, some
supplements come late, some never.
"""

import http.client
import json
import re
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from zlib import crc32

from gateway.demo.stage import Party
from gateway.envelope.whole_file import write_file
from gateway.errors import GatewayError
from gateway.sample import SampleMessage, generate

FAULT_RATE, LATE_RATE = 0.03, 0.05
SENDERS = 4
RETURNS = 40
TIMEOUT_SECONDS = 60.0
_WAYBILL = re.compile(rb"<ceb:logisticsNo>([^<]+)<")


@dataclass(slots=True)
class Sent:
    """What was sent in and what the gateway answered; `lock` guards all of it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    messages: int = 0
    documents: int = 0
    accepted: int = 0
    spoilt: list[int] = field(default_factory=list)
    surprises: list[str] = field(default_factory=list)

    def note(self, sample: SampleMessage, outcome: str, number: int, documents: int, accepted: int) -> None:
        """Count one answer, and keep what is not as the sample foretold."""
        told = sample.expectation
        expected = 0 if told.whole else told.documents - len(told.refused)
        with self.lock:
            self.messages += 1
            self.documents += documents
            self.accepted += accepted
            if outcome in ("partial", "refused"):
                self.spoilt.append(number)
            if accepted != expected:
                self.surprises.append(f"{sample.name}: {accepted} accepted, {expected} foretold")


@dataclass(frozen=True, slots=True)
class Traffic:
    """The messages of the demonstration in order of arrival, and the tracking numbers in them."""

    on_time: tuple[SampleMessage, ...]
    late: tuple[SampleMessage, ...]
    parcels: tuple[str, ...]


def make_traffic(lists: int, seed: int, partner_country: str) -> Traffic:
    """Invent the messages of so many lists."""
    near, silent = lists * 3 // 4, lists // 100
    runs = (
        generate(seed, near, fault_rate=FAULT_RATE, late_rate=LATE_RATE, destinations=[partner_country]),
        generate(seed + 1, lists - near - silent, fault_rate=FAULT_RATE),
        (
            one
            for one in generate(seed + 2, silent, destinations=[partner_country])
            if one.adapter != "supplement"
        ),
    )
    # Each run numbers its messages from 1, and two files of one name would be one file in the folder.
    messages = [
        replace(one, name=f"run{number}-{one.name}") for number, run in enumerate(runs, 1) for one in run
    ]
    parcels = [
        one.decode()
        for message in messages
        if b"CEB505Message" in message.raw[:400]
        for one in _WAYBILL.findall(message.raw)
    ]
    first_late = _late_from(messages)
    late = tuple(messages[index] for index in first_late)
    on_time = tuple(one for index, one in enumerate(messages) if index not in first_late)
    return Traffic(on_time, late, tuple(parcels))


def _late_from(messages: Sequence[SampleMessage]) -> list[int]:
    """Return the places of supplements that come after all lists of their run."""
    late, previous = [], ""
    for index, message in enumerate(messages):
        if message.adapter == "supplement" and previous == "supplement":
            late.append(index)
        previous = message.adapter
    return late


def send_all(
    party: Party, messages: Sequence[SampleMessage], sent: Sent, progress: Callable[[], None]
) -> None:
    """Send CEB messages over HTTP, several at once, and drop supplements into the watched folder."""
    with ThreadPoolExecutor(SENDERS) as pool:
        for _ in pool.map(lambda one: _send(party, one, sent, progress), messages):
            pass


def _send(party: Party, sample: SampleMessage, sent: Sent, progress: Callable[[], None]) -> None:
    """Send one message."""
    if sample.adapter == "supplement":
        write_file(party.inbox / f"{sample.name}", sample.raw)
        with sent.lock:
            sent.messages += 1
            sent.documents += sample.expectation.documents
            sent.accepted += sample.expectation.documents
    else:
        outcome, number, documents, accepted = post(party, sample.raw, sample.adapter)
        sent.note(sample, outcome, number, documents, accepted)
    progress()


def post(party: Party, raw: bytes, adapter: str) -> tuple[str, int, int, int]:
    """Post one message; return outcome, message id, documents and accepted documents.

    Raises:
        GatewayError: the gateway answered neither with a receipt nor with a refusal.
    """
    connection = http.client.HTTPConnection(party.http, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("POST", f"/v1/messages?adapter={adapter}", raw)
        answer = connection.getresponse()
        answer.read()
    finally:
        connection.close()
    if "X-Gateway-Outcome" not in answer.headers:
        raise GatewayError(f"{party.organisation} answered {answer.status}")
    return (
        answer.headers["X-Gateway-Outcome"],
        int(answer.headers["X-Gateway-Message"]),
        int(answer.headers["X-Gateway-Documents"]),
        int(answer.headers["X-Gateway-Accepted"]),
    )


def returns(parcels: Sequence[str]) -> tuple[bytes, list[str]]:
    """Invent what the partner announces: some of the parcels come back; return the form and its numbers."""
    chosen = list(parcels[:RETURNS])
    numbers = [f"RET{one}" for one in chosen]
    items = [_return(number, original) for number, original in zip(numbers, chosen, strict=True)]
    form = {"supplement": 1, "sender": "SAMPLE-HUB", "message_id": "returns-1", "items": items}
    return json.dumps(form).encode(), numbers


def _return(number: str, original: str) -> dict[str, object]:
    """Invent one returned parcel."""
    return {
        "tracking_number": number,
        "nature_of_transaction": "21",
        "departure_country": "NL",
        "destination_country": "CN",
        "list_number": f"53182026E{crc32(original.encode()) % 10**9:09d}",
        "goods_value": {"amount": "40.00", "currency": "EUR"},
        "content": [
            {"number": 1, "quantity": {"value": "1", "unit": "C62"}, "description": "returned goods"}
        ],
    }
