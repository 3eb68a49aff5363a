# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The character sets that UNB names (ISO 9735, data element 0001): which bytes are which characters.

Nothing is read silently in a wrong set: bytes that the set does not have, control characters, and UTF-8 under
the name of a single-byte set are faults.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

# Released characters are masked by these (tokenise.py); UTF-8 cannot produce them.
MASKS = "\ud800-\ud805"
# Bytes that are no characters of their set are read as these.
UNDECODED = re.compile("[\udc80-\udcff]")
_MARKS = re.escape(" .,-()/='+:?!\"%&*;<>")
_RUN = re.compile(rb"[\x80-\xff]+")
_PAIRS = re.compile(rb"(?:[\xb0-\xf7][\xa1-\xfe]){2,}")


@dataclass(frozen=True, slots=True)
class Charset:
    """One repertoire; `wrong` finds the first character that is not in it."""

    name: str
    codec: str
    wrong: Callable[[str], re.Match[str] | None]
    single_byte: bool = True

    def decode(self, raw: bytes) -> str:
        """Return the text; bytes that are no characters become lone surrogates, which `wrong` finds."""
        return raw.decode(self.codec, "surrogateescape")

    def misread(self, raw: bytes) -> str:
        """Say what bytes rather are than this set: `UTF-8`, `perhaps ...`, or nothing."""
        if not self.single_byte or raw.isascii():
            return ""
        runs = _RUN.findall(raw)
        try:
            raw.decode("utf-8")
        except UnicodeDecodeError:
            doubtful = self.codec == "iso8859_1" and any(_PAIRS.fullmatch(run) for run in runs)
            return "perhaps a Chinese double-byte set" if doubtful else ""
        # Two letters of another alphabet can look like one character of UTF-8 by chance.
        certain = self.codec in ("ascii", "iso8859_1") or sum(map(len, runs)) > 2  # noqa: PLR2004 - one character
        return "UTF-8" if certain else "perhaps UTF-8"


_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\ud806-\udfff\ufdd0-\ufdef\ufffe\uffff]").search


def _sets() -> Iterator[Charset]:
    yield Charset("UNOA", "ascii", re.compile(f"[^A-Z0-9{_MARKS}{MASKS}]").search)
    yield Charset("UNOB", "ascii", re.compile(f"[^A-Za-z0-9{_MARKS}{MASKS}]").search)
    parts = {"C": 1, "D": 2, "E": 5, "F": 7, "G": 3, "H": 4, "I": 6, "J": 8, "K": 9, "L": 15}
    for letter, part in parts.items():
        yield Charset(f"UNO{letter}", f"iso8859_{part}", _CONTROLS)
    for letter in "WY":
        yield Charset(f"UNO{letter}", "utf-8", _CONTROLS, single_byte=False)


CHARSETS: Mapping[str, Charset] = {one.name: one for one in _sets()}
