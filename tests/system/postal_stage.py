# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Two posts and a customs on loopback, and what they say to their own gateways."""

import contextlib
import json
import urllib.request

from gateway.clock import system_clock
from gateway.demo.stage import running
from gateway.mock.run import make_postal_parties
from tests.system.submitting import ask, eventually, submit

POSTED = "2026-11-20"


@contextlib.contextmanager
def postal_parties(folder):
    """Make and start the three parties; yields origin post, destination post, customs."""
    parties = make_postal_parties(folder, system_clock())
    with running(parties):
        yield parties


def item(number, posted=POSTED, **more):
    """Return an item as a post says it."""
    party = {
        "name": "Mei Lan Trading",
        "telephone": "+86 571 0000 0000",
        "address": {"lines": "8 Lotus Road", "city": "Hangzhou", "country": "CN"},
    }
    addressee = {
        "name": "Ada Muster",
        "telephone": "+31 20 000 0000",
        "address": {"lines": "4 Harbour Row", "city": "Westport", "postcode": "1013 AB", "country": "NL"},
    }
    data = {
        "tracking_number": number,
        "posting_date": posted,
        "nature_of_transaction": "11",
        "destination_country": "NL",
        "departure_country": "CN",
        "sender": party,
        "addressee": addressee,
        "gross_mass": {"value": "0.450", "unit": "KGM"},
        "content": [
            {
                "number": 1,
                "description": "cotton table cloth, blue",
                "hs": "630251",
                "origin_country": "CN",
                "quantity": {"value": "2", "unit": "C62"},
                "net_mass": {"value": "0.400", "unit": "KGM"},
                "value": {"amount": "24.00", "currency": "EUR"},
            }
        ],
    }
    return {"kind": "item", "source": "postal", "function": "new", "data": {**data, **more}}


def record(kind, number, group, *, posted=POSTED, function="new", reference=""):
    """Return another record about an item."""
    data = {"tracking_number": number, "posting_date": posted, kind: group}
    said = {"kind": kind, "function": function, "data": data}
    return said | {"reference": reference} if reference else said


def say(party, *records):
    """Submit records to a party's own gateway; return the receipt."""
    now = system_clock().isoformat()
    message = {
        "ead_json": 1,
        "sender": party.organisation,
        "message_id": f"{party.organisation}-{now}",
        "issued_at": now,
        "records": list(records),
    }
    answer = submit(party.url, json.dumps(message).encode(), adapter="ead_json")
    assert answer.outcome in ("accepted", "partial", "refused"), answer
    return answer.outcome, json.loads(answer.body)


def referrals(party, number):
    """Return the referrals that a party knows of an item."""
    return ask(party.url, f"/v1/items/{number}/referrals") or []


def awaits(party, number, *states):
    """Wait until the referrals of an item at a party have these states, in order; return them."""

    def reached():
        rows = referrals(party, number)
        return rows if [row["state"] for row in rows] == list(states) else None

    return eventually(reached)


def arrived(party, number, group=""):
    """Wait until a partner has sent a record about an item with a group in it; return the latest."""

    def there():
        found = ask(party.url, f"/v1/received/{number}") or []
        kept = [one for one in found if not group or one["release"]["item"].get(group)]
        return kept[-1] if kept else None

    return eventually(there)


def metrics(party):
    """Return the metrics text of a party."""
    with urllib.request.urlopen(f"{party.url}/metrics", timeout=10) as reply:
        return reply.read().decode()
