# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The finding catalogue and the code that speaks it agree."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from gateway.finding import catalogue

FORM = re.compile(r"[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)+")


def product(sources: Mapping[Path, ast.Module]) -> Iterator[tuple[Path, ast.Module]]:
    """Yield the files that may reject something."""
    for file, module in sources.items():
        if file.parts[0] in ("gateway", "adapters"):
            yield file, module


def spoken(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield line and code of every finding made from a literal."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and node.args:
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            code = node.args[0]
            if name == "finding" and isinstance(code, ast.Constant) and isinstance(code.value, str):
                yield node.lineno, code.value


def literals(module: ast.Module) -> Iterator[str]:
    """Yield every text constant."""
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_every_spoken_code_is_in_the_catalogue(sources: Mapping[Path, ast.Module]) -> None:
    """Each literal given to finding() has a catalogue entry."""
    faults = [
        f"{file}:{line} {code}"
        for file, module in product(sources)
        for line, code in spoken(module)
        if code not in catalogue()
    ]
    assert faults == []


def test_every_catalogue_code_is_spoken(root: Path, sources: Mapping[Path, ast.Module]) -> None:
    """Each catalogue entry is a literal of the code, or stands in a rule table of an adapter."""
    used = {text for _, module in product(sources) for text in literals(module)}
    for table in (root / "adapters").rglob("*.toml"):
        used.update(FORM.findall(table.read_text("utf-8")))
    assert sorted(set(catalogue()) - used) == []


def test_codes_have_their_form() -> None:
    """Codes are upper case with hyphens, start with the name of their room, and say what to do."""
    for code, entry in catalogue().items():
        assert FORM.fullmatch(code), code
        assert entry.meaning.endswith("."), code
        assert entry.remedy.endswith("."), code
