# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Messages of the supplement form."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import adapters.supplement
from adapters.supplement import adapter
from gateway.sdk import DecodedMessage, Limits


@pytest.fixture(name="folder")
def _folder() -> Path:
    return Path(adapters.supplement.__file__).parent


@pytest.fixture(name="read")
def _read() -> Callable[..., DecodedMessage]:
    def read(*items: Any, **frame: Any) -> DecodedMessage:
        whole = {"supplement": 1, "sender": "Lantern", "message_id": "L1", "items": list(items), **frame}
        return adapter.decode(
            json.dumps({k: v for k, v in whole.items() if v is not None}).encode(), Limits()
        )

    return read
