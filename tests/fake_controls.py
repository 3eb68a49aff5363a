# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Controls before shipment of a store in memory."""


class MemoryControls:
    """The part of the port about controls, over the tables `t`."""

    def _held(self, table):
        """Return a table, made when it is first asked for."""
        return vars(self.t).setdefault(table, {})

    def put_controls(self, rows):
        self._held("controls").update({row.id: row for row in rows})

    def controls_of(self, tracking_numbers):
        wanted = set(tracking_numbers)
        return [row for _, row in sorted(self._held("controls").items()) if row.tracking_number in wanted]

    def controls_by_reference(self, reference):
        return [row for _, row in sorted(self._held("controls").items()) if row.reference == reference]

    def consolidations_of(self, tracking_numbers):
        wanted = set(tracking_numbers)
        held = self._held("consolidations").items()
        return [row for _, row in sorted(held) if row.tracking_number in wanted]

    def put_consolidations(self, tracking_number, rows):
        held = self._held("consolidations")
        for row in self.consolidations_of([tracking_number]):
            del held[row.id]
        held.update({row.id: row for row in rows})

    def recognitions_of(self, tracking_numbers):
        wanted = set(tracking_numbers)
        return [row for _, row in sorted(self._held("recognitions").items()) if row.tracking_number in wanted]

    def put_recognitions(self, rows):
        self._held("recognitions").update({row.id: row for row in rows})
