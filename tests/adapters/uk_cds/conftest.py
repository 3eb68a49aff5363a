# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What the tests of the UK adapter share."""

import random
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest

import adapters.uk_cds
from adapters.uk_cds import adapter
from gateway.sdk import DecodedMessage, Item, Limits
from tests.adapters.uk_cds import xsd_documents


@pytest.fixture(name="folder", scope="session")
def _folder() -> Path:
    """Return the folder of samples."""
    return Path(adapters.uk_cds.__file__).parent / "samples"


@pytest.fixture(name="text", scope="session")
def _text(folder: Path) -> Callable[[str], str]:
    """Return a reader of samples by name."""
    return lambda name: (folder / f"{name}.xml").read_text("utf-8")


@pytest.fixture(name="decode", scope="session")
def _decode() -> Callable[[str | bytes], DecodedMessage]:
    """Return a decoder of texts."""
    return lambda raw: adapter.decode(raw.encode() if isinstance(raw, str) else raw, Limits())


@pytest.fixture(name="told", scope="session")
def _told() -> Callable[[DecodedMessage], list]:
    """Return a lister of all findings of a message."""
    return lambda message: [*message.findings, *(two for one in message.documents for two in one.findings)]


@pytest.fixture(name="items", scope="session")
def _items() -> Callable[[DecodedMessage], list[Item]]:
    """Return a lister of the records of a message."""
    return lambda message: [two.item for one in message.documents for two in one.contributions]


@pytest.fixture(name="now", scope="session")
def _now() -> datetime:
    """Return a moment."""
    return datetime(2026, 3, 5, 1, 2, 3, 456000, tzinfo=UTC)


@pytest.fixture(name="official", scope="session")
def _official() -> ModuleType:
    """Return the official schemas and what draws documents from them; skip where they are absent."""
    if not xsd_documents.FOLDER.is_dir():
        pytest.skip("the official schemas are not at shared/schemas; they are not shipped")
    return xsd_documents


@pytest.fixture(name="seed")
def _seed(capsys) -> int:
    """Return a new seed and print it, so that a failure can be repeated."""
    seed = random.SystemRandom().randrange(1_000_000)
    with capsys.disabled():
        sys.stdout.write(f" [seed {seed}] ")
    return seed
