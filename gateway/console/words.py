# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The words of the pages: one TOML catalogue for each language, the same keys in all of them."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

LANGUAGES: Mapping[str, str] = {"en": "English", "zh": "中文"}
FALLBACK = "en"


class Words:
    """The words of one language; calling it with a key gives the text."""

    def __init__(self, language: str, table: Mapping[str, str]) -> None:
        """Take the catalogue."""
        self.language = language
        self._table = table

    def __call__(self, key: str, **values: object) -> str:
        """Return the text of a key with its values."""
        return self._table[key].format(**values) if values else self._table[key]

    def term(self, room: str, word: object) -> str:
        """Return what a code of the interface is called, the code itself if it has no other name."""
        return self._table.get(f"{room}.{word}", str(word))


@cache
def words_of(language: str) -> Words:
    """Return the words of a language, of the first one if nobody has translated it."""
    chosen = language if language in LANGUAGES else FALLBACK
    return Words(chosen, load_table(chosen))


def load_table(language: str) -> Mapping[str, str]:
    """Return a catalogue with flat keys, `section.key`."""
    text = resources.files("gateway.console").joinpath("words", f"{language}.toml").read_text("utf-8")
    return {
        f"{section}.{key}": value
        for section, entries in tomllib.loads(text).items()
        for key, value in entries.items()
    }


def choose(wanted: str, kept: str, accepted: str) -> str:
    """Return the language that is asked for, else the kept one, else the first that the browser takes."""
    given = (wanted, kept, *(one.split(";")[0].strip()[:2].lower() for one in accepted.split(",")))
    return next((one for one in given if one in LANGUAGES), FALLBACK)
