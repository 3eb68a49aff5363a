# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The messages of a measurement: what is known beforehand, and the export lists that are timed.

Parcels are those of the sample generator, all to one destination, so that one agreement takes every item.
Each parcel has an order (CEB303), a waybill (CEB505) and a supplement, submitted before the clock starts;
only then its list (CEB603) makes the item complete under the agreement and sends it on its way.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit

from gateway.sample import ceb
from gateway.sample.generate import FIRST_DAY
from gateway.sample.parcel import Parcel, ParcelMaker
from gateway.sample.supplement import supplement

DESTINATION = "NL"
KNOWN_PER_MESSAGE = 100


@dataclass(frozen=True, slots=True)
class Load:
    """Files of messages in the order of submission; `items` is the number of lists in `lists`."""

    known: tuple[Path, ...]
    lists: tuple[Path, ...]
    items: int


def write_load(
    folder: Path, seed: int, items: int, documents: int = 100, destination: str = DESTINATION
) -> Load:
    """Write the messages of `items` parcels, with `documents` lists in each list message."""
    chance = random.Random(seed)
    maker = ParcelMaker(chance, [destination], FIRST_DAY)
    parcels = [maker.make(index) for index in range(items)]
    folder.mkdir(parents=True)
    known: list[Path] = []
    for number, some in enumerate(_chunks(parcels, KNOWN_PER_MESSAGE)):
        known.append(_write(folder / f"{number:06d}-1.xml", _message("CEB303", 1, some, ceb.order)))
        known.append(_write(folder / f"{number:06d}-2.xml", _message("CEB505", 2, some, ceb.waybill)))
        name = f"{seed}-{number}"
        known.append(_write(folder / f"{number:06d}-3.json", supplement(name, some)))
    lists = [
        _write(folder / f"{number:06d}-list.xml", _message("CEB603", 3, some, ceb.inventory))
        for number, some in enumerate(_chunks(parcels, documents))
    ]
    return Load(tuple(known), tuple(lists), items)


def lists_alone(agreement: bytes) -> bytes:
    """Return an agreement that requires only what an export list holds; treatments stay as they are."""
    document = tomlkit.parse(agreement.decode())
    wait: Any = document["wait"]
    wait["required"] = ["tracking_number", "destination_country", "sender.name", "content[].description"]
    return tomlkit.dumps(document).encode()


def adapter_of(file: Path) -> str:
    """Return the name of the adapter that reads a file."""
    return "supplement" if file.suffix == ".json" else "gacc_ceb"


def _message(kind: str, digit: int, parcels: Sequence[Parcel], draft: Callable[[Parcel], ceb.Draft]) -> bytes:
    """Return one message about some parcels; its guid is made from that of the first."""
    first = parcels[0]
    guid = f"{digit}{first.guids[0][1:]}"
    return ceb.message(kind, guid, [*(draft(one).content() for one in parcels), ceb.transfer(first.agent)])


def _chunks(parcels: Sequence[Parcel], size: int) -> Iterator[Sequence[Parcel]]:
    """Return the parcels in groups."""
    for start in range(0, len(parcels), size):
        yield parcels[start : start + size]


def _write(path: Path, raw: bytes) -> Path:
    """Write a file and return its path."""
    path.write_bytes(raw)
    return path
