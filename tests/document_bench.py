# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Documents that take effect in a store in memory, without intake and without partners."""

from datetime import UTC, datetime

import msgspec

from gateway.agreement import AgreementSet
from gateway.clock import milliseconds
from gateway.exchange.effects import apply, check_and_judge
from gateway.exchange.rows import PackedMessage
from gateway.exchange.touched import Arrival
from gateway.finding import Finding
from gateway.model import unpack_item
from tests.fakes import FakeIds, MemoryTables, MemoryTransaction, repeating
from tests.partner_messages import message

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
_findings = msgspec.msgpack.Decoder(list[Finding])


class DocumentBench:
    """One organisation's records, made from documents one message at a time."""

    def __init__(self, agreements=()):
        self.tables = MemoryTables()
        self.tx = MemoryTransaction(self.tables)
        self.agreements = AgreementSet(agreements)
        self.ids = FakeIds()
        self.random = repeating()
        self.now = milliseconds(NOW)

    def take(self, *documents, scope="own|"):
        """Take one message; return (accepted, codes) for every document."""
        packed = msgspec.msgpack.decode(message(*documents), type=PackedMessage)
        self.now += 1000
        arrival = Arrival(self.ids.take(1)[0], scope, self.now, self.ids, self.random)
        judged = check_and_judge(self.tx, packed.documents, arrival)
        apply(self.tx, judged, arrival, agreements=self.agreements, organisation="alpha")
        return [(one.accepted, [each.code for each in one.findings]) for one in judged.outcomes]

    def codes(self, document, scope="own|"):
        """Take one document that is accepted; return the codes of its findings."""
        ((accepted, codes),) = self.take(document, scope=scope)
        assert accepted
        return codes

    def rows(self, record="item"):
        """Return the rows of a kind of record, in order."""
        return [row for _, row in sorted(self.tables.items.items()) if row.record == record]

    def postings(self):
        """Return state, words and codes of every item, by number and posting date."""
        found = {}
        for row in self.rows():
            item = unpack_item(row.body)
            codes = tuple(one.code for one in _findings.decode(row.findings))
            found[item.tracking_number, item.posting_date] = (row.state, item, codes)
        return found

    def referrals(self):
        """Return kind, number and state of every referral, in order."""
        return [(row.kind, row.referral, row.state) for _, row in sorted(self.tables.referrals.items())]
