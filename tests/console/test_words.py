# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The catalogues of words: complete, alike, and used."""

import re
import string
from importlib import resources

import pytest

from gateway.console.words import LANGUAGES, choose, load_table, words_of

TEMPLATES = resources.files("gateway.console").joinpath("templates")
LITERAL = re.compile(r"\bt\(\s*[\"']([a-z_.]+)[\"']\s*[,)]")
COMPOSED = re.compile(
    r"for name in \(([^)]*)\) %}(?:(?!endfor).)*?t\(\s*\"([a-z]+\.(?:col_)?)\" ~ name", re.DOTALL
)
ROOM = re.compile(r"t\.term\(\s*[\"']([a-z_]+)[\"']")


def templates():
    """Return the text of every template by name."""
    return {one.name: one.read_text("utf-8") for one in TEMPLATES.iterdir() if one.name.endswith(".html")}


def placeholders(text):
    """Return the names of the values in a text."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_languages_have_the_same_keys() -> None:
    """Every language says everything, with the same values in it, and nothing is empty."""
    english = load_table("en")
    for language in LANGUAGES:
        table = load_table(language)
        assert table.keys() == english.keys(), language
        for key, text in table.items():
            assert text.strip(), key
            assert placeholders(text) == placeholders(english[key]), key


def test_every_key_of_a_template_exists() -> None:
    """What templates ask for by name stands in the catalogue; each title and heading too."""
    table, pages = load_table("en"), templates()
    asked = {key for text in pages.values() for key in LITERAL.findall(text)}
    asked |= {
        start + name
        for text in pages.values()
        for names, start in COMPOSED.findall(text)
        for name in re.findall(r"\"([a-z_]+)\"", names)
    }
    asked |= {
        f"title.{name.removesuffix('.html')}"
        for name in pages
        if name not in ("frame.html", "parts.html", "keys.html")
    }
    assert len(asked) > 100
    assert asked - table.keys() == set()
    rooms = {room for text in pages.values() for room in ROOM.findall(text)}
    assert {room for room in rooms if not any(key.startswith(f"{room}.") for key in table)} == set()


@pytest.mark.parametrize(
    ("wanted", "kept", "accepted", "chosen"),
    [
        ("zh", "en", "en", "zh"),
        ("", "zh", "en", "zh"),
        ("xx", "", "fr;q=0.9, zh-CN;q=0.8, en", "zh"),
        ("", "", "", "en"),
        ("../en", "", "*", "en"),
    ],
)
def test_the_language_is_that_of_the_reader(wanted, kept, accepted, chosen) -> None:
    """What is asked for goes before what was kept, and that before what the browser takes."""
    assert choose(wanted, kept, accepted) == chosen


def test_an_unknown_code_is_shown_as_it_is() -> None:
    """A state that no catalogue names is not hidden behind an error."""
    assert words_of("zh").term("state", "new-state") == "new-state"
    assert words_of("zh").term("state", "waiting") == "等待"
