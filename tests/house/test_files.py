# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What every file of the house has and has not."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

LONGEST = 400
# Files above the limit, each with the reason why it may be.
LONG: Mapping[str, str] = {}
HEADER = "# SPDX-FileCopyrightText: 2026 The ead-gateway authors\n# SPDX-License-Identifier: Apache-2.0\n"
FORBIDDEN_NAME = re.compile(r"(?:^|_)(?:util|utils|helper|helpers|manager|managers|common|base|misc)(?:_|$)")
UNFINISHED = re.compile(r"#.*\b(?:" + "|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK")) + r")\b")
REGISTRY = re.compile(r"https?://|--(?:extra-)?index-url|--find-links|--trusted-host|\s@\s")
Tests = ast.FunctionDef | ast.AsyncFunctionDef


def facts_of(module: ast.Module) -> Iterator[Tests]:
    """Yield the test functions of a module, those in classes too."""
    for node in ast.walk(module):
        if isinstance(node, Tests) and node.name.startswith("test_"):
            yield node


def names_of(module: ast.Module) -> Iterator[str]:
    """Yield the names of classes and functions in snake case."""
    for node in ast.walk(module):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield re.sub(r"(?<=[a-z])(?=[A-Z])", "_", node.name).lower()


def is_one_sentence(text: str) -> bool:
    """Say whether a docstring is one sentence: one full stop, at its end, in one paragraph."""
    return (
        bool(text) and "\n\n" not in text and re.search(r"[.!?]\s+[A-Z]", text) is None and text.endswith(".")
    )


def test_every_test_states_its_fact(sources: Mapping[Path, ast.Module]) -> None:
    """Each test function has a docstring of one sentence."""
    faults = [
        f"{file}:{test.lineno} {test.name}"
        for file, module in sources.items()
        if file.name.startswith("test_")
        for test in facts_of(module)
        if not is_one_sentence(ast.get_docstring(test) or "")
    ]
    assert faults == []


def test_every_file_has_the_licence_header(root: Path, sources: Mapping[Path, ast.Module]) -> None:
    """Each Python file opens with the two SPDX lines."""
    faults = [
        str(file)
        for file in sources
        if not (root / file).read_text("utf-8").removeprefix("#!/usr/bin/env python3\n").startswith(HEADER)
    ]
    assert faults == []


def test_no_file_is_too_long(root: Path, sources: Mapping[Path, ast.Module]) -> None:
    """No Python file has more lines than the limit, unless its reason stands here."""
    lengths = {str(file): len((root / file).read_text("utf-8").splitlines()) for file in sources}
    assert {file for file, length in lengths.items() if length > LONGEST} == set(LONG)


def test_no_name_says_nothing(sources: Mapping[Path, ast.Module]) -> None:
    """No file, folder, class or function is called by one of the words that say nothing."""
    faults = [
        f"{file}: {name}"
        for file, module in sources.items()
        for name in (*file.with_suffix("").parts, *names_of(module))
        if FORBIDDEN_NAME.search(name)
    ]
    assert faults == []


def test_nothing_is_left_to_be_done(root: Path, sources: Mapping[Path, ast.Module]) -> None:
    """No comment marks unfinished work and nothing raises NotImplementedError."""
    unfinished = [
        f"{file}:{number}"
        for file in sources
        for number, line in enumerate((root / file).read_text("utf-8").splitlines(), 1)
        if UNFINISHED.search(line)
    ]
    unfinished += [
        str(file)
        for file, module in sources.items()
        for node in ast.walk(module)
        if isinstance(node, ast.Name) and node.id == "NotImplementedError"
    ]
    assert unfinished == []


def test_lock_files_name_no_registry(root: Path) -> None:
    """The lock files hold names, versions and hashes, so they install from any registry."""
    locks = sorted(root.glob("*.lock"))
    assert len(locks) == 3
    for lock in locks:
        text = lock.read_text("utf-8")
        assert "--hash=sha256:" in text
        assert REGISTRY.search(text) is None, lock.name


@pytest.mark.parametrize("text", ["", "No full stop", "Two. Sentences.", "A line.\n\nAnd more."])
def test_other_docstrings_are_no_sentence(text: str) -> None:
    """The rule about docstrings bites."""
    assert not is_one_sentence(text)


@pytest.mark.parametrize("name", ["utils", "key_manager", "base", "base_codec", "test_helpers"])
def test_empty_names_are_caught(name: str) -> None:
    """The rule about names bites in every position, and spares words that only contain one."""
    assert FORBIDDEN_NAME.search(name)
    assert not FORBIDDEN_NAME.search(f"x{name}x")
