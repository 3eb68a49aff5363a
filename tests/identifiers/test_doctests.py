# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The examples in the docstrings run."""

import doctest
import importlib
import pkgutil

import pytest

from gateway import identifiers

MODULES = sorted(one.name for one in pkgutil.iter_modules(identifiers.__path__) if one.name != "exceptions")


@pytest.mark.parametrize("name", MODULES)
def test_examples_hold(name: str) -> None:
    """Every module shows at least one example, and all of them hold."""
    result = doctest.testmod(importlib.import_module(f"gateway.identifiers.{name}"))
    assert result.attempted > 0
    assert result.failed == 0
