# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Referrals and movements of a store in memory."""

from tests.fake_controls import MemoryControls


class MemoryReferrals(MemoryControls):
    """The part of the port about referrals and movements, over the tables `t`."""

    def movements_of(self, tracking_numbers):
        wanted = set(tracking_numbers)
        return [row for _, row in sorted(self.t.movements.items()) if row.tracking_number in wanted]

    def put_movements(self, record, rows):
        kept = {key: row for key, row in self.t.movements.items() if row.record != record}
        self.t.movements = kept | {row.id: row for row in rows}

    def forget_movements(self, tracking_number, posting_date):
        self.t.movements = {
            key: row
            for key, row in self.t.movements.items()
            if row.tracking_number != tracking_number
            or (posting_date and row.posting_date and row.posting_date != posting_date)
        }

    def referrals_of(self, tracking_numbers):
        wanted = set(tracking_numbers)
        return [row for _, row in sorted(self.t.referrals.items()) if row.tracking_number in wanted]

    def put_referrals(self, rows):
        self.t.referrals.update({row.id: row for row in rows})

    def overdue_referrals(self, now, limit):
        rows = [
            row
            for row in self.t.referrals.values()
            if row.state == "open" and 0 < row.answer_by <= now and not row.escalated_at
        ]
        return sorted(rows, key=lambda one: (one.answer_by, one.id))[:limit]

    def referrals_in_state(self, state, after, limit):
        rows = [row for key, row in sorted(self.t.referrals.items()) if key > after and row.state == state]
        return rows[:limit]
