# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The doors to what is kept of controls before shipment."""

from collections.abc import Sequence
from typing import Protocol

from gateway.exchange.control_rows import ConsolidationRow, ControlRow, RecognitionCount, RecognitionRow


class ControlTables(Protocol):
    """The part of a transaction about controls before shipment."""

    def put_controls(self, rows: Sequence[ControlRow]) -> None:
        """Insert versions, or replace those whose id exists."""

    def controls_of(self, tracking_numbers: Sequence[str]) -> list[ControlRow]:
        """Return every version of the controls of items, in id order."""

    def controls_by_reference(self, reference: str) -> list[ControlRow]:
        """Return every version of a control, oldest first."""

    def controls_after(self, key: int, limit: int) -> list[ControlRow]:
        """Return versions with an id above `key`, in id order."""

    def put_consolidations(self, tracking_number: str, rows: Sequence[ConsolidationRow]) -> None:
        """Replace what manifests say of an item."""

    def consolidations_of(self, tracking_numbers: Sequence[str]) -> list[ConsolidationRow]:
        """Return what manifests say of items, in id order."""

    def consolidated_under(self, bill: str) -> list[ConsolidationRow]:
        """Return the controlled items under a master bill, in id order."""

    def put_recognitions(self, rows: Sequence[RecognitionRow]) -> None:
        """Insert decisions, or replace those whose id exists."""

    def recognitions_of(self, tracking_numbers: Sequence[str]) -> list[RecognitionRow]:
        """Return the decisions about controls of items, in id order."""

    def recognitions_after(self, key: int, limit: int) -> list[RecognitionRow]:
        """Return decisions with an id above `key`, in id order."""

    def recognition_counts(self, side: str, partner: str, begin: int, end: int) -> list[RecognitionCount]:
        """Count the decisions made at `begin` <= time < `end`; an empty partner stands for all."""
