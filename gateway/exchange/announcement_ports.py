# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The doors of changes of keys that gateways tell each other."""

from typing import Protocol

from gateway.exchange.announcement_rows import AnnouncementRow, RotationRow


class Announcements(Protocol):
    """The part of a transaction about announced keys and our own rotations."""

    def add_announcement(self, row: AnnouncementRow) -> None:
        """Insert an announcement."""

    def received_announcement(self, partner: str, announcement_id: str) -> AnnouncementRow | None:
        """Return what a partner announced under an id."""

    def announcements(self, serial: int) -> list[AnnouncementRow]:
        """Return what was sent of the bundle with this serial number, in id order."""

    def unconfirmed_announcements(self) -> list[AnnouncementRow]:
        """Return what partners have not confirmed, in id order."""

    def put_announcement(self, row: AnnouncementRow) -> None:
        """Replace state, reason and answer of an announcement."""

    def announced(self) -> list[AnnouncementRow]:
        """Return the newest bundle that each partner announced, by partner."""

    def add_rotation(self, row: RotationRow) -> None:
        """Insert a rotation."""

    def put_rotation(self, row: RotationRow) -> None:
        """Replace state and times of a rotation."""

    def rotation(self) -> RotationRow | None:
        """Return the newest rotation."""
