# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Reading EDIFACT: `python -m bench.edifact` prints microseconds per message and peak memory.

Every message of a run differs (numbers, names, amounts), so nothing is gained by remembering. Where
pydifact is installed it reads the same bytes in the same run; it is not needed for anything else.
"""

import contextlib
import importlib
import importlib.util
import json
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from gateway.formats.edifact import Reader, own_guides, parse, tokenise, tree_of
from gateway.sample.edifact_faults import HEAD, interchange, joined, message, ten_faults

MESSAGES = 200
ROUNDS = 9
LARGE = 100_000_000

_BODY_30 = interchange()


def one_message(number: int) -> bytes:
    """Return an interchange of 30 segments with values of its own."""
    segments = list(_BODY_30)
    place = next(at for at, one in enumerate(segments) if one.startswith("MOA"))
    segments.insert(place + 1, f"MOA+64:{number % 90}.{number % 10}0:EUR")
    text = "'".join(segments).replace("UNT+27", "UNT+28").replace("REF1", f"R{number}")
    text = text.replace("ITM0001", f"ITM{number:07d}").replace("LX47312482", f"LX{number:08d}")
    text = text.replace("12 HARBOUR", f"{number} HARBOUR").replace("25.50", f"{number % 997}.50")
    return (text + "'").encode("latin-1")


def per_message(work: Callable[[bytes], object], raws: Sequence[bytes]) -> float:
    """Return the least microseconds per message over the rounds, in processor time."""
    best = float("inf")
    for _ in range(ROUNDS):
        begun = time.process_time()
        for raw in raws:
            work(raw)
        best = min(best, time.process_time() - begun)
    return best / len(raws) * 1e6


def measure(*, large: bool = True) -> dict[str, float]:
    """Return the figures; `large` reads 100 MB for its memory; pydifact is measured where it is installed."""
    guides = own_guides()
    raws = [one_message(number) for number in range(1, MESSAGES + 1)]
    found = [one.code for raw in raws for one in parse(raw, guides).findings]
    if found:
        raise RuntimeError(f"the messages measured are not faultless: {found[0]}")
    faulty = next(one.raw for one in ten_faults() if one.name == "too_long")
    figures = {
        "edifact_parse_us": per_message(lambda raw: parse(raw, guides), raws),
        "edifact_parse_and_tree_us": per_message(lambda raw: tree_of(parse(raw, guides).messages[0]), raws),
        "edifact_tokenise_us": per_message(lambda raw: tokenise(raw.decode("latin-1")), raws),
        "edifact_parse_one_fault_us": per_message(lambda raw: parse(raw, guides).findings, [faulty] * 100),
        "edifact_segments": float(parse(raws[0], guides).messages[0].count + 2),
    }
    many = joined([HEAD, *(one for number in range(1, 2001) for one in message(number)), "UNZ+2000+REF1"])
    figures["edifact_stream_us"] = per_message(_drain, [many]) / 2000
    figures |= _memory() if large else {}
    peer = _pydifact()
    if peer is not None:
        figures["pydifact_us"] = per_message(peer, raws)
        figures["pydifact_times"] = figures["pydifact_us"] / figures["edifact_parse_us"]
    return figures


def _drain(raw: bytes) -> None:
    reader = Reader(own_guides())
    if any(one.faults for one in reader.feed(raw)):
        raise RuntimeError("the stream measured is not faultless")


def _pydifact() -> Callable[[bytes], object] | None:
    """Return what reads a message with pydifact into its segments, without any check."""
    if importlib.util.find_spec("pydifact") is None:
        return None
    collections = importlib.import_module("pydifact.segmentcollection")

    def read(raw: bytes) -> object:
        # It warns of the segment tables that its wheel does not have.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            inside = collections.Interchange.from_str(raw.decode("latin-1"))
            return [list(one.segments) for one in inside.get_messages()]

    return read


def _memory() -> dict[str, float]:
    """Return the peak memory of a fresh process that reads a large interchange, and what it started with."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.edifact", "--large"], capture_output=True, text=True, check=True
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def large(size: int) -> Iterator[bytes]:
    """Yield an interchange of at least so many bytes, a thousand messages at a time."""
    yield joined([HEAD])
    made = count = 0
    while made < size:
        piece = joined([one for number in range(count + 1, count + 1001) for one in message(number)])
        count += 1000
        made += len(piece)
        yield piece
    yield joined([f"UNZ+{count}+REF1"])


def read_large() -> dict[str, float]:
    """Read it and return peaks; faults would be a fault of this bench."""
    reader = Reader(own_guides())
    before, begun = _peak(), time.process_time()
    messages = size = 0
    for piece in large(LARGE):
        size += len(piece)
        for event in reader.feed(piece):
            messages += 1
            if event.faults and event.faults[0].code != "EDIFACT-COUNT":
                raise RuntimeError(event.faults[0].code)
    return {
        "edifact_large_mb": size / 1e6,
        "edifact_large_messages": float(messages - 1),
        "edifact_large_seconds": time.process_time() - begun,
        "edifact_large_start_mib": before,
        "edifact_large_peak_mib": _peak(),
    }


def _peak() -> float:
    """Return the peak memory of this process in MiB, as Linux counts it; a parent's does not count."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


def main() -> int:
    """Print the figures."""
    if "--large" in sys.argv[1:]:
        print(json.dumps(read_large()))
        return 0
    figures = measure()
    for name, value in figures.items():
        print(f"{name:32} {value:12.1f}")
    if "pydifact_us" not in figures:
        print("pydifact is not installed: the comparison was not run")
    return 0


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        sys.exit(main())
