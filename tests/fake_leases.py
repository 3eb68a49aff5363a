# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Leases in memory."""


class MemoryLeases:
    """The part of a transaction about leases."""

    def take_lease(self, name, holder, token, now, milliseconds):
        other, end, known = self.t.leases.get(name, ("", 0, 0))
        if known != token or not token:
            if other not in ("", holder) and end > now:
                return 0
            known += 1
        self.t.leases[name] = (holder, now + milliseconds, known)
        return known

    def drop_lease(self, name, token):
        if self.holds_lease(name, token):
            self.t.leases[name] = ("", 0, token)

    def holds_lease(self, name, token):
        return name in self.t.leases and self.t.leases[name][2] == token
