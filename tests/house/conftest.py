# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The files of the house, parsed once."""

import ast
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("gateway", "adapters", "bench", "proto", "tests")
GENERATED = ROOT / "gateway" / "wire" / "v1"


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the folder of the project."""
    return ROOT


@pytest.fixture(scope="session")
def sources() -> Mapping[Path, ast.Module]:
    """Return every Python file written by hand, by path from the root, parsed."""
    files = sorted(file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py"))
    return {
        file.relative_to(ROOT): ast.parse(file.read_text("utf-8"))
        for file in files
        if GENERATED not in file.parents and "__pycache__" not in file.parts
    }
