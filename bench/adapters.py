# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What reading and writing a record costs in each adapter: `python -m bench.adapters [NAME ...]`.

The records of a sample are varied (numbers, names, descriptions, amounts), written, and read again, so that
no two documents are alike. Beside XML stands a plain lxml parse of the same bytes. Limits: 60 µs to write and
100 µs to read a record with two content pieces. A new adapter adds a line to `SAMPLES`.
"""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from lxml import etree

from gateway.errors import ConfigError
from gateway.registry import load_adapters
from gateway.sdk import Adapter, Item, Limits

FOLDER = Path(__file__).parent.parent / "adapters"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
DOCUMENTS = 256
ROUNDS = 7
QUICK_DOCUMENTS = 32
QUICK_ROUNDS = 2
ENCODE_LIMIT_US = 60.0
DECODE_LIMIT_US = 100.0


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample of an adapter, and the message type as which its records are written again.

    `declared` is a file with the values that the adapter demands and no record holds, where there are such.
    """

    adapter: str
    message_type: str
    file: str
    declared: str = ""


SAMPLES = (
    Sample("gacc_ceb", "CEB603", "ceb603.xml"),
    Sample("uk_cds", "DEC", "dec_low_value_postal.xml"),
    Sample("eu_ics2", "postal_house", "postal_house.xml", "adapters/eu_ics2/samples/declared.toml"),
    Sample("gb_ens", "CC315A", "cc315a_postal.xml"),
    Sample("ead_json", "EAD", "good_filing.json"),
    Sample("upu_edi", "ITMATT", "good_itmatt.edi"),
    Sample("upu_cds", "DECLARATION", "good_declaration.json"),
    Sample("post_xml", "ITEM", "good_item.xml"),
)


def by_adapter(*, quick: bool) -> dict[str, dict[str, float]]:
    """Return the figures of every installed adapter by its name; `quick` is a rough look."""
    documents, rounds = (QUICK_DOCUMENTS, QUICK_ROUNDS) if quick else (DOCUMENTS, ROUNDS)
    found: dict[str, dict[str, float]] = {}
    for name, value in measure(documents=documents, rounds=rounds).items():
        _, adapter, key = name.split(".")
        found.setdefault(adapter, {})[key] = value
    return found


def measure(
    names: Sequence[str] = (), *, documents: int = DOCUMENTS, rounds: int = ROUNDS
) -> dict[str, float]:
    """Return microseconds per record, by `adapter.<name>.<figure>`; all samples if no name is given."""
    figures: dict[str, float] = {}
    for sample in SAMPLES:
        if names and sample.adapter not in names:
            continue
        with contextlib.suppress(ConfigError):  # an adapter that is not installed is not measured
            adapter: Any = load_adapters((sample.adapter,))[sample.adapter]
            if sample.declared:
                adapter = type(adapter).with_declared(FOLDER.parent / sample.declared)
            found = _measure(adapter, sample, documents, rounds)
            figures |= {f"adapter.{sample.adapter}.{key}": value for key, value in found.items()}
    return figures


def _measure(adapter: Adapter, sample: Sample, documents: int, rounds: int) -> Mapping[str, float]:
    """Measure one adapter; the best round counts, since everything else is the machine's."""
    first = (FOLDER / sample.adapter / "samples" / sample.file).read_bytes()
    records = _records(adapter, first)
    items = [[varied(one, number) for one in records] for number in range(documents)]
    raw = [adapter.encode(sample.message_type, one, NOW).body for one in items]
    limits = Limits()
    if any(_records(adapter, one) == records for one in raw[1:]):
        raise ValueError(f"the records of {sample.file} cannot be varied")
    count = len(records) * documents

    def best(work: Callable[[], object]) -> float:
        return _best(work, count, rounds)

    is_xml = raw[0].startswith(b"<")
    return {
        "encode_us": best(lambda: [adapter.encode(sample.message_type, one, NOW) for one in items]),
        "decode_us": best(lambda: [adapter.decode(one, limits) for one in raw]),
        **({"lxml_us": best(lambda: [etree.fromstring(one) for one in raw])} if is_xml else {}),
        "bytes": sum(map(len, raw)) / count,
        "content_pieces": sum(len(one.content) for one in records) / len(records),
    }


def _records(adapter: Adapter, raw: bytes) -> list[Item]:
    message = adapter.decode(raw, Limits())
    return [one.item for document in message.documents for one in document.contributions]


def varied(item: Item, number: int) -> Item:
    """Return the item with other numbers, names, descriptions and amounts."""
    replace = msgspec.structs.replace
    content = tuple(
        replace(
            one,
            description=f"{one.description} {number}" if one.description else None,
            value=replace(one.value, amount=one.value.amount + Decimal(number) / 100)
            if one.value and one.value.amount is not None
            else one.value,
        )
        for one in item.content
    )
    parties = {
        name: replace(party, name=f"{party.name} {number}")
        for name in ("sender", "addressee")
        if (party := getattr(item, name)) is not None and party.name
    }
    number_of_item = f"RR{number:08d}0CN" if item.tracking_number else None
    return replace(item, tracking_number=number_of_item, content=content, **parties)


def _best(work: Callable[[], object], count: int, rounds: int) -> float:
    """Return microseconds of processor time per record in the best of some rounds."""

    def times() -> Iterator[float]:
        for _ in range(rounds):
            begun = time.process_time()
            work()
            yield time.process_time() - begun

    work()
    return min(times()) / count * 1e6


def main() -> int:
    """Print the figures, and what is above its limit."""
    figures = measure(sys.argv[1:])
    for name, value in figures.items():
        limit = {"encode_us": ENCODE_LIMIT_US, "decode_us": DECODE_LIMIT_US}.get(name.rpartition(".")[2])
        held = "" if limit is None or value <= limit else f"   NOT REACHED, limit {limit:.0f}"
        print(f"{name:36} {value:10.1f}{held}")
    return 0


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        sys.exit(main())
