# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Invented controls before shipment, and the manifests and departures that come after them."""

from datetime import datetime, timedelta
from hashlib import sha256
from importlib import resources

from tests.restating import TEXT

SAMPLES = resources.files("adapters.gacc_ceb") / "samples"
SAMPLE_NUMBER = "LX473124829CN"
PICTURE = sha256(b"an image").hexdigest()
RULES = """
title = "Rules of a test"
source = "invented"
status = "sample"

[[rule]]
id = "OLD"
from = 2020-01-01
until = 2020-12-31
decision = "ignore"
results = ["satisfactory"]
source = "invented"

[[rule]]
id = "SCANS"
from = 2026-01-01
decision = "accept"
results = ["satisfactory"]
methods = ["scan"]
offices = ["22", "29"]
partners = ["customs-cn", "alpha"]
source = "invented"

[[rule]]
id = "TEXTILES"
from = 2026-01-01
decision = "sample"
per_cent = 100
results = ["satisfactory"]
methods = ["physical"]
chapters = ["61", "95"]
source = "invented"

[[rule]]
id = "HALF"
from = 2026-01-01
decision = "sample"
per_cent = 50
results = ["satisfactory"]
methods = ["weighing"]
source = "invented"
"""


def result_of(number, place=1, **fields):
    """Return the result of a control of an item, in the form of JSON."""
    return {
        "reference": f"C-{number}-{place}",
        "tracking_number": number,
        "office": "2244",
        "at": "2026-11-20T09:00:00+08:00",
        "method": "scan",
        "result": "satisfactory",
    } | fields


def seals(**states):
    """Return seals by number."""
    return [{"number": number, "state": state} for number, state in states.items()]


def manifest(number, bill="78400000011", stamp="20261103103000", copy="MAN1"):
    """Return a CEB607 that puts an item under a master bill."""
    return (
        _filled("ceb607.xml", number, stamp)
        .replace(b"78400000011", bill.encode())
        .replace(b"MAN20261103001", copy.encode())
    )


def departure(number, left, copy="DEP1"):
    """Return a CEB509 by which an item left at an aware time."""
    there = left.astimezone(datetime.fromisoformat("2026-01-01T00:00:00+08:00").tzinfo)
    raw = _filled("ceb509.xml", number, f"{there + timedelta(minutes=5):%Y%m%d%H%M%S}")
    raw = raw.replace(b"20261103231500", f"{there:%Y%m%d%H%M%S}".encode())
    return raw.replace(b"DEP20261103001", copy.encode())


def _filled(name, number, stamp):
    """Return a sample about another item, at another time."""
    raw = (SAMPLES / name).read_bytes()
    assert SAMPLE_NUMBER.encode() in raw
    return raw.replace(SAMPLE_NUMBER.encode(), number.encode()).replace(b"20261102103000", stamp.encode())


def terms(sender, recipient, record, match):
    """Return the text of an agreement about a kind of record."""
    leaves = {
        "item": '"destination_country", "content[].hs", "content[].description"',
        "control": '"destination_country", "control.*"',
        "assessment": '"destination_country", "assessment.*"',
    }[record]
    return TEXT.format(
        sender=sender,
        recipient=recipient,
        record=record,
        onward="none",
        agencies=[],
        match=match,
        more=f", {leaves}",
        days=30,
    ).encode()
