# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The script that writes parts of docs/, as a module."""

import importlib.util

import pytest

from tests.docs.pages import DOCS


@pytest.fixture(name="generate", scope="session")
def _generate():
    """Load docs/generate.py, which is a script and no part of any package."""
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    assert spec.loader is not None
    spec.loader.exec_module(module)
    return module
