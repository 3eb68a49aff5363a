# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Messages of the CDS objects."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import adapters.upu_cds
from adapters.upu_cds import adapter
from gateway.sdk import DecodedMessage, DocumentOutcome, Limits, has_errors


@pytest.fixture(name="folder", scope="session")
def _folder() -> Path:
    return Path(adapters.upu_cds.__file__).parent / "samples"


@pytest.fixture(name="read", scope="session")
def _read() -> Callable[..., DecodedMessage]:
    """Return a reader of views."""

    def read(*views: Any, **frame: Any) -> DecodedMessage:
        return adapter.decode(json.dumps({**frame, "CDSViews": list(views)}).encode(), Limits())

    return read


@pytest.fixture(name="told", scope="session")
def _told() -> Callable[[DecodedMessage], list[tuple[str, str]]]:
    """Return a lister of all findings of a message, as code and path."""
    return lambda message: [
        (one.code, one.path)
        for one in (*message.findings, *(two for document in message.documents for two in document.findings))
    ]


@pytest.fixture(name="outcomes", scope="session")
def _outcomes() -> Callable[..., list[DocumentOutcome]]:
    """Return what an intake makes of a message, with more findings if it has any."""

    def judge(message: DecodedMessage, *more: Any) -> list[DocumentOutcome]:
        return [
            DocumentOutcome(
                position=one.position,
                accepted=not has_errors(message.findings) and not has_errors(one.findings),
                echo=one.echo,
                findings=(*one.findings, *more),
            )
            for one in message.documents
        ]

    return judge
