# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Generate sample messages with a ledger of what must become of every document and item.

Per block of parcels: orders, waybills, lists, supplement, each as one message. A share of the lists carries a
fault; a share of the supplements comes late, after everything else. The same arguments give the same bytes.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from gateway.errors import InputError
from gateway.finding import finding
from gateway.formats import xml
from gateway.sample import ceb
from gateway.sample.faults import FAULTS, Fault
from gateway.sample.parcel import Parcel, ParcelMaker, tables
from gateway.sample.supplement import supplement

FIRST_DAY = date(2026, 11, 2)
MAX_DOCUMENTS = 100


@dataclass(slots=True)
class Expectation:
    """What must become of one message.

    `whole` is the finding code that refuses the message, empty if it is read. `refused` and `noted` give, by
    document position from 1, the code that refuses a document or stands beside an accepted one. `incomplete`
    are tracking numbers of items that will lack a part for good, told with the message that lacks it.
    """

    documents: int
    whole: str = ""
    refused: dict[int, str] = field(default_factory=dict)
    noted: dict[int, str] = field(default_factory=dict)
    incomplete: list[str] = field(default_factory=list)
    fault: str = ""

    @property
    def accepted(self) -> int:
        """Return how many documents must be accepted."""
        return 0 if self.whole else self.documents - len(self.refused)


@dataclass(frozen=True, slots=True)
class SampleMessage:
    """One message; `name` is a file name, `adapter` who reads it."""

    name: str
    adapter: str
    raw: bytes
    expectation: Expectation


def generate(
    seed: int,
    lists: int,
    *,
    fault_rate: float = 0.0,
    faults: Sequence[str] = (),
    documents_per_message: int = MAX_DOCUMENTS,
    destinations: Sequence[str] | None = None,
    late_rate: float = 0.0,
    day: date = FIRST_DAY,
) -> Iterator[SampleMessage]:
    """Yield the messages of `lists` parcels in the order in which they would arrive.

    Args:
        seed: the same seed and arguments give the same bytes.
        lists: how many parcels, each with order, waybill, list and supplement.
        fault_rate: share of parcels with a fault, 0 to 1.
        faults: names of `FAULTS` to choose from; all if empty.
        documents_per_message: 1 to 100.
        destinations: ISO alpha-2 codes to choose from; all of the table if empty.
        late_rate: share of parcels whose supplement comes after everything else.
        day: posting date of the first parcels.

    Raises:
        InputError: a fault or destination is not known, or a number is out of range.
    """
    _check(fault_rate, faults, documents_per_message, destinations or (), late_rate)
    return _Generator(seed, faults, documents_per_message, destinations or (), day).run(
        lists, fault_rate, late_rate
    )


def _check(
    fault_rate: float, faults: Sequence[str], per_message: int, destinations: Sequence[str], late_rate: float
) -> None:
    """Refuse arguments that make no sense."""
    countries = {row["country"] for row in tables()["destinations"]}
    wrong = [
        *(f"fault {one}" for one in faults if one not in FAULTS),
        *(f"destination {one}" for one in destinations if one not in countries),
    ]
    if not 1 <= per_message <= MAX_DOCUMENTS:
        wrong.append(f"documents per message {per_message}")
    wrong += [f"rate {rate}" for rate in (fault_rate, late_rate) if not 0 <= rate <= 1]
    if wrong:
        found = tuple(finding("SAMPLE-ARGUMENT", actual=one) for one in wrong)
        raise InputError(f"cannot generate: unknown or out of range: {', '.join(wrong)}", found)


class _Generator:
    """One run."""

    def __init__(
        self, seed: int, faults: Sequence[str], per_message: int, destinations: Sequence[str], day: date
    ) -> None:
        self._seed = seed
        self._chance = random.Random(seed)  # noqa: S311 - invented data, must repeat
        self._maker = ParcelMaker(self._chance, destinations, day)
        self._faults = [FAULTS[name] for name in (faults or FAULTS)]
        self._per_message = per_message
        self._number = 0

    def run(self, lists: int, fault_rate: float, late_rate: float) -> Iterator[SampleMessage]:
        """Yield block after block, then the late supplements."""
        late: list[Parcel] = []
        for start in range(0, lists, self._per_message):
            parcels = [self._maker.make(n) for n in range(start, min(start + self._per_message, lists))]
            spoilt = {
                parcel.index: self._chance.choice(self._faults)
                for parcel in parcels
                if self._chance.random() < fault_rate
            }
            delayed = {parcel.index for parcel in parcels if self._chance.random() < late_rate}
            yield self._plain("CEB303", [ceb.order(one) for one in parcels], parcels)
            yield self._plain("CEB505", [ceb.waybill(one) for one in parcels], parcels)
            yield from self._lists(parcels, spoilt)
            withheld = {index for index, fault in spoilt.items() if fault.withhold}
            on_time = [one for one in parcels if one.index not in delayed | withheld]
            missing = [one.tracking for one in parcels if one.index in withheld]
            late += [one for one in parcels if one.index in delayed - withheld]
            if on_time or missing:
                yield self._supplement(on_time, missing)
        for start in range(0, len(late), self._per_message):
            yield self._supplement(late[start : start + self._per_message], [])

    def _plain(self, kind: str, drafts: Sequence[ceb.Draft], parcels: Sequence[Parcel]) -> SampleMessage:
        """Return a message without faults."""
        return self._sample(kind, [one.content() for one in drafts], parcels, Expectation(len(drafts)))

    def _lists(self, parcels: Sequence[Parcel], spoilt: dict[int, Fault]) -> Iterator[SampleMessage]:
        """Yield the message of lists with its faults, in parts where repeats overfill it, and broken ones."""
        content: list[tuple[str, xml.Content]] = []
        expectation = Expectation(0)
        apart: list[tuple[Parcel, Fault]] = []
        for parcel in parcels:
            fault = spoilt.get(parcel.index)
            if fault is not None and fault.build is not None:
                apart.append((parcel, fault))
                continue
            room = MAX_DOCUMENTS - (1 if fault is not None and fault.repeat else 0)
            if len(content) >= room:
                yield self._sample("CEB603", content, parcels, expectation)
                content, expectation = [], Expectation(0)
            self._add(parcel, fault, content, expectation)
        if content:
            yield self._sample("CEB603", content, parcels, expectation)
        for parcel, fault in apart:
            yield self._broken(parcel, fault)

    def _add(
        self, parcel: Parcel, fault: Fault | None, content: list[tuple[str, xml.Content]], told: Expectation
    ) -> None:
        """Add one list, spoilt if it must be, and tell what must become of it."""
        draft = ceb.inventory(parcel)
        if fault is not None and fault.spoil is not None:
            fault.spoil(draft)
        content.append(draft.content())
        told.documents += 1
        if fault is None or fault.withhold:
            return
        if fault.repeat:
            content.append(draft.content())
            told.documents += 1
        if fault.refuses:
            told.refused[told.documents] = fault.code
            if not fault.repeat:
                told.incomplete.append(parcel.tracking)
        elif fault.code:
            told.noted[told.documents] = fault.code

    def _broken(self, parcel: Parcel, fault: Fault) -> SampleMessage:
        """Return a message that must be refused as a whole."""
        raw = fault.build(parcel) if fault.build is not None else b""
        told = Expectation(0, whole=fault.code, incomplete=[parcel.tracking], fault=fault.name)
        return SampleMessage(self._name(f"CEB603-{fault.name}", "xml"), "gacc_ceb", raw, told)

    def _sample(
        self,
        kind: str,
        content: Sequence[tuple[str, xml.Content]],
        parcels: Sequence[Parcel],
        told: Expectation,
    ) -> SampleMessage:
        """Return a CEB message."""
        self._number += 1
        guid = f"{self._number:08d}{parcels[0].guids[0][8:]}"
        raw = ceb.message(kind, guid, [*content, ceb.transfer(parcels[0].agent)])
        return SampleMessage(self._name(kind, "xml", count=False), "gacc_ceb", raw, told)

    def _supplement(self, parcels: Sequence[Parcel], missing: list[str]) -> SampleMessage:
        """Return a supplement; what is withheld stays incomplete."""
        name = self._name("supplement", "json")
        told = Expectation(len(parcels), incomplete=missing)
        return SampleMessage(
            name, "supplement", supplement(f"{self._seed}-{name.removesuffix('.json')}", parcels), told
        )

    def _name(self, kind: str, suffix: str, *, count: bool = True) -> str:
        """Return a file name that sorts in the order of arrival."""
        self._number += count
        return f"{self._number:06d}-{kind}.{suffix}"
