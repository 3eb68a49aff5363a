# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Messages of the plain JSON form."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import adapters.ead_json
from adapters.ead_json import adapter
from gateway.sdk import DecodedMessage, Limits


@pytest.fixture(name="folder", scope="session")
def _folder() -> Path:
    return Path(adapters.ead_json.__file__).parent


@pytest.fixture(name="read", scope="session")
def _read() -> Callable[..., DecodedMessage]:
    def read(*records: Any, **frame: Any) -> DecodedMessage:
        whole = {"ead_json": 1, "sender": "Northmark", "message_id": "N1", "records": list(records), **frame}
        return adapter.decode(
            json.dumps({k: v for k, v in whole.items() if v is not None}).encode(), Limits()
        )

    return read
