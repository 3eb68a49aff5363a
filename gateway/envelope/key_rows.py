# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The keys of an organisation as people look at them: for what, until when, revoked, usable or why not."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gateway.envelope.material import Material, judge, require_usable
from gateway.errors import CouldNotCheck, VerificationError

GOOD = "good"


def key_rows(material: Material, slots: Mapping[str, str], now: datetime) -> list[dict[str, Any]]:
    """Return one row per key in plain values; `slots` names certificates by digest."""
    rows: list[dict[str, Any]] = []
    for key in judge(material, now=now).keys:
        state = GOOD
        try:
            require_usable(key, owner=key.owner, purpose=key.purpose, at=now)
        except (VerificationError, CouldNotCheck) as error:
            state = error.findings[0].code
        rows.append(
            {
                "purpose": str(key.purpose),
                "slot": slots.get(key.certificate, "present"),
                "algorithm": str(key.algorithm),
                "key_id": key.key_id,
                "not_before": key.not_before.isoformat(),
                "not_after": key.not_after.isoformat(),
                "days_left": (key.not_after - now).days,
                "state": state,
                "revoked_at": key.revoked_at.isoformat() if key.revoked_at else "",
                "revocation_known_until": (
                    key.revocation_known_until.isoformat() if key.revocation_known_until else ""
                ),
            }
        )
    return rows
