# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The parts that agreements and items of these tests are made of."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from gateway.model import Item

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
    return next(one for one in annotation.__args__ if one is not type(None) and one is not Ellipsis)
