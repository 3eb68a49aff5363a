# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The official schemas, where they are present, and what the tests of the adapter share."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

import adapters.gb_ens
from adapters.gb_ens import adapter
from gateway.sdk import DecodedMessage, DocumentOutcome, Limits, has_errors

ROOT = Path(__file__).parents[3]
SCHEMAS = ROOT.parent / "shared" / "schemas" / "gb_ens"
STORE, DECISION, OUTCOME, INTERVENTION = (
    "import-control-entry-declaration-store/conf",
    "import-control-entry-declaration-decision/conf",
    "import-control-entry-declaration-outcome/public/api/conf/1.0/schemas",
    "import-control-entry-declaration-intervention/conf",
)
XSDS = {
    "CC315A": (f"{STORE}/xsds/CC315A-v11-2-New.xsd",),
    "CC313A": (f"{STORE}/xsds/CC313A-v11-2-New.xsd",),
    "CC351A": (f"{INTERVENTION}/xsds/CC351A-v10-0New.xsd",),
    **{
        name: (f"{OUTCOME}/{name}-v10-0.xsd", f"{DECISION}/xsds/{name}-v10-0.xsd")
        for name in ("CC304A", "CC305A", "CC316A", "CC328A")
    },
}
JSON_SCHEMAS = {
    "IE315": f"{STORE}/jsonschemas/EntrySummaryDeclarationNew.json",
    "IE313": f"{STORE}/jsonschemas/EntrySummaryDeclarationNew.json",
    "IE351": f"{INTERVENTION}/jsonSchemas/AdvancedInterventionNew.json",
    **dict.fromkeys(
        ("IE304", "IE305", "IE316", "IE328"), f"{DECISION}/jsonSchemas/EntrySummaryDeclarationResponse.json"
    ),
}


@pytest.fixture(name="folder", scope="session")
def _folder() -> Path:
    return Path(adapters.gb_ens.__file__).parent


@pytest.fixture(name="schemas", scope="session")
def _schemas() -> Path:
    """Return the folder of official schemas; they are not part of the project."""
    if not SCHEMAS.is_dir():
        pytest.skip("the official schemas of gb_ens are not beside the project (shared/schemas/gb_ens)")
    return SCHEMAS


@pytest.fixture(name="xsd_faults", scope="session")
def _xsd_faults(schemas: Path) -> Callable[[str, bytes], list[str]]:
    """Return a judge of a message against every official XSD of its name, or the first and widest one."""
    known = {
        name: [etree.XMLSchema(etree.parse(str(schemas / one))) for one in files]
        for name, files in XSDS.items()
    }

    def judge(name: str, body: bytes, *, first: bool = False) -> list[str]:
        tree = etree.fromstring(body)
        return [str(one.error_log) for one in known[name][: 1 if first else None] if not one.validate(tree)]

    return judge


@pytest.fixture(name="json_schema", scope="session")
def _json_schema(schemas: Path) -> Callable[[str], Any]:
    """Return a reader of the official JSON Schema of a message."""
    known = {name: json.loads((schemas / one).read_text("utf-8")) for name, one in JSON_SCHEMAS.items()}
    return lambda name: known[name]


@pytest.fixture(name="decode", scope="session")
def _decode() -> Callable[[bytes], DecodedMessage]:
    return lambda raw: adapter.decode(raw, Limits())


@pytest.fixture(name="outcomes", scope="session")
def _outcomes() -> Callable[[DecodedMessage], list[DocumentOutcome]]:
    """Return what an intake makes of a decoded message."""
    return lambda message: [
        DocumentOutcome(
            position=one.position,
            accepted=not has_errors(one.findings),
            echo=one.echo,
            findings=one.findings,
        )
        for one in message.documents
    ]


@pytest.fixture(name="seed")
def _seed(request: pytest.FixtureRequest) -> int:
    """Return the seed of a run of generated messages, printed so that the run can be repeated."""
    seed = random.SystemRandom().randrange(1_000_000)
    sys_out = request.config.get_terminal_writer()
    sys_out.line(f" seed {seed}")
    return seed
