# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Doors of the logs in memory: what was published, and static files."""


class MemoryCheckpoints:
    """What was published, in memory."""

    def __init__(self):
        self.rows = {}

    def newest(self, origin):
        """Return the last one of a log."""
        return self.rows.get(origin, [None])[-1]

    def all_newest(self):
        """Return the last one of every log."""
        return [rows[-1] for _, rows in sorted(self.rows.items())]

    def swap(self, before, after):
        """Publish if nobody else has."""
        if self.newest(after.origin) != before:
            return False
        self.rows.setdefault(after.origin, []).append(after)
        return True


class MemoryTiles:
    """Static files, in memory."""

    def __init__(self):
        self.files = {}

    def stage(self, log, files):
        """Keep files."""
        self.files.update({(log, path): content for path, content in files.items()})

    def apply(self, log, note, outdated):
        """Replace the checkpoint and drop old files."""
        self.files[log, "checkpoint"] = note
        for path in outdated:
            self.files.pop((log, path), None)

    def read(self, log, path):
        """Return a file."""
        return self.files.get((log, path))

    def has(self, log, path):
        """Say whether there is such a file."""
        return (log, path) in self.files
