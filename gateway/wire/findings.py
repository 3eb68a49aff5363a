# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Findings as statements carry them."""

from gateway.finding import Finding
from gateway.wire.v1 import envelope_pb2


def wire_finding(one: Finding) -> envelope_pb2.WireFinding:
    """Return a finding as a receipt carries it: everything but the data itself."""
    return envelope_pb2.WireFinding(
        code=one.code,
        severity=one.severity,
        finding_class=one.finding_class,
        path=one.path,
        position=one.position,
        expected=one.expected,
        remedy=one.remedy,
    )
