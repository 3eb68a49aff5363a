# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What a receipt says about records: outcomes and findings, without the data themselves."""

from collections.abc import Iterator

from gateway.exchange.rows import OpenedTransfer
from gateway.wire.findings import wire_finding
from gateway.wire.v1 import envelope_pb2

__all__ = ["MAX_RECEIPT_FINDINGS", "record_outcomes", "wire_finding"]

MAX_RECEIPT_FINDINGS = 1000


def record_outcomes(opened: OpenedTransfer) -> Iterator[envelope_pb2.RecordOutcome]:
    """Return the outcomes of the records that were rejected or gave rise to findings, within bounds."""
    room = MAX_RECEIPT_FINDINGS
    for index, one in enumerate(opened.records):
        if one.findings or not one.accepted:
            shown = one.findings[: max(room, 1)]
            room -= len(shown)
            yield envelope_pb2.RecordOutcome(
                index=index, accepted=one.accepted, findings=[wire_finding(each) for each in shown]
            )
