# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What the tests of the ICS2 adapter share: the adapter, the official schemas, random numbers."""

import os
import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

import adapters.eu_ics2
from adapters.eu_ics2 import Ics2Adapter

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
SCHEMAS = Path(__file__).parents[4] / "shared" / "schemas" / "eu_ics2"
DRIVERS = {"postal_house": "postal_house_f43.xsd", "postal_master": "postal_master_f42.xsd"}


@pytest.fixture(name="now", scope="session")
def _now() -> datetime:
    """Return a moment at which every declared value of the tests holds."""
    return NOW


@pytest.fixture(name="ics2", scope="session")
def _ics2() -> Ics2Adapter:
    """Return the adapter with the declared values of the tests."""
    return Ics2Adapter.with_declared(Path(adapters.eu_ics2.__file__).parent / "samples" / "declared.toml")


@pytest.fixture(name="schema_path", scope="session")
def _schema_path() -> Callable[[str], Path]:
    """Return where the official schema of a message lies, or skip."""
    if not SCHEMAS.is_dir():
        pytest.skip("the official schemas are not here: shared/schemas/eu_ics2 beside the repository")
    folder = next(SCHEMAS.rglob("IE4Q10.xsd")).parent

    def path(message: str) -> Path:
        return SCHEMAS / "drivers" / DRIVERS[message] if message in DRIVERS else folder / f"{message}.xsd"

    return path


@pytest.fixture(name="schema", scope="session")
def _schema(schema_path) -> Callable[[str], etree.XMLSchema]:
    """Return the compiled official schema of a message."""
    made: dict[str, etree.XMLSchema] = {}

    def compile_schema(message: str) -> etree.XMLSchema:
        if message not in made:
            made[message] = etree.XMLSchema(etree.parse(str(schema_path(message))))
        return made[message]

    return compile_schema


@pytest.fixture(name="dice")
def _dice() -> random.Random:
    """Return random numbers; a failing test shows the seed, which ICS2_SEED gives again."""
    seed = int(os.environ.get("ICS2_SEED") or random.SystemRandom().randrange(1_000_000_000))
    print(f"ICS2_SEED={seed}")  # noqa: T201 - pytest shows it with a failure
    return random.Random(seed)
