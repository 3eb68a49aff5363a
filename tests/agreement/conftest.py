# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The sample agreements, a small one to be varied, an item with a value in every leaf, and two parties with keys."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.agreement import parse
from gateway.envelope.identity import KeySet
from gateway.envelope.issue import write_keys
from gateway.envelope.trust import Keyring
from gateway.model import Item, leaf_types

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SAMPLES = Path(__file__).parents[2] / "docs/examples/agreements"
HEAD = """\
id = "small"
version = 1
sender = "customs-cn"
recipient = "customs-nl"
purpose = "test"
legal_basis = "SAMPLE"
effective_from = 2026-01-01
effective_until = 2027-01-01
record = "item"
trigger = "push"
retention_days = 30
onward = "none"
policy = "p256+mldsa65"
"""
REST = """\
[match]
destinations = ["NL"]
[wait]
required = []
limit_seconds = 3600
then = "drop"
"""
VALUES = {
    str: "620520",
    int: 3,
    Decimal: Decimal("12.50"),
    date: date(2026, 11, 22),
    datetime: datetime(2026, 11, 22, 10, 30, tzinfo=UTC),
}


def field(paths, treatment, **parameters):
    """Write one field table."""
    lines = ["[[field]]", f"paths = {list(paths)!r}", f'treatment = "{treatment}"', 'article = "Article 1"']
    lines += [f"{key} = {value!r}" for key, value in parameters.items()]
    return "\n".join(lines) + "\n"


def small(*fields, head=HEAD, rest=REST):
    """Return the text of a small agreement with these fields."""
    return (head + rest + "".join(fields)).encode()


def build(leaves, record=Item, pieces=2):
    """Build a record out of leaf path -> value; every repeated group has `pieces` repetitions."""
    groups, plain = {}, {}
    for path, value in leaves.items():
        head, dot, rest = path.partition(".")
        if dot:
            groups.setdefault(head, {})[rest] = value
        else:
            plain[head] = value
    for head, below in groups.items():
        kind = record_of(record, head.removesuffix("[]"))
        made = build(below, kind, pieces)
        plain[head.removesuffix("[]")] = (made,) * pieces if head.endswith("[]") else made
    return record(**plain)


def record_of(record, name):
    """Return the record type of a group."""
    annotation = record.__annotations__[name]
    inner = next(one for one in annotation.__args__ if one is not type(None) and one is not Ellipsis)
    return inner


@pytest.fixture(name="now")
def _now():
    return NOW


@pytest.fixture(name="export", scope="session")
def _export():
    return parse((SAMPLES / "cn-nl-export-v1.toml").read_bytes())


@pytest.fixture(name="returns", scope="session")
def _returns():
    return parse((SAMPLES / "nl-cn-returns-v1.toml").read_bytes())


@pytest.fixture(name="full", scope="session")
def _full():
    return build({path: VALUES[kind] for path, kind in leaf_types().items()})


@pytest.fixture(name="parties", scope="session")
def _parties(tmp_path_factory):
    """Return the key sets of two parties and of a stranger, and a ring that trusts all three."""
    sets = {}
    for name in ("customs-cn", "customs-nl", "customs-xx"):
        folder = tmp_path_factory.mktemp(name)
        write_keys(folder, name, NOW)
        sets[name] = KeySet.load(folder)
    return sets, Keyring([one.material() for one in sets.values()], now=NOW)

