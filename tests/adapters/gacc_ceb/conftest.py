# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What the tests of the CEB adapter share."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

import adapters.gacc_ceb
from adapters.gacc_ceb import adapter
from gateway.sdk import DecodedMessage, DocumentOutcome, Limits, has_errors


@pytest.fixture(name="folder", scope="session")
def _folder() -> Path:
    """Return the folder of samples."""
    return Path(adapters.gacc_ceb.__file__).parent / "samples"


@pytest.fixture(name="text", scope="session")
def _text(folder: Path) -> Callable[[str], str]:
    """Return a reader of samples by name."""
    return lambda name: (folder / f"{name}.xml").read_text("utf-8")


@pytest.fixture(name="decode", scope="session")
def _decode() -> Callable[[str | bytes], DecodedMessage]:
    """Return a decoder of texts."""
    return lambda raw: adapter.decode(raw.encode() if isinstance(raw, str) else raw, Limits())


@pytest.fixture(name="outcomes", scope="session")
def _outcomes() -> Callable[[DecodedMessage], list[DocumentOutcome]]:
    """Return what an intake makes of a decoded message."""

    def judge(message: DecodedMessage) -> list[DocumentOutcome]:
        whole = has_errors(message.findings)
        return [
            DocumentOutcome(
                position=one.position,
                accepted=not whole and not has_errors(one.findings),
                echo=one.echo,
                findings=one.findings,
            )
            for one in message.documents
        ]

    return judge


@pytest.fixture(name="codes", scope="session")
def _codes() -> Callable[[DecodedMessage], list[str]]:
    """Return a lister of all finding codes of a message."""
    return lambda message: [
        one.code
        for one in (*message.findings, *(two for document in message.documents for two in document.findings))
    ]


@pytest.fixture(name="now", scope="session")
def _now() -> datetime:
    """Return a moment with milliseconds."""
    return datetime(2026, 11, 5, 1, 2, 3, 456000, tzinfo=UTC)
