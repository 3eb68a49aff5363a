# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The register of enterprises as it was recorded at a moment, to judge again what was judged then."""

from gateway.exchange.enterprise_ports import Registered
from gateway.exchange.enterprise_rows import EnterpriseRow


class RegisterAsOf:
    """Reads a register without what was recorded after a moment; fits what a `Facilitator` reads."""

    def __init__(self, tx: Registered, moment: int) -> None:
        """Take the register and the moment in milliseconds."""
        self._tx = tx
        self._moment = moment

    def enterprise_versions(self, uscc: str) -> list[EnterpriseRow]:
        """Return every version of an enterprise that was recorded by then, oldest first."""
        return [one for one in self._tx.enterprise_versions(uscc) if one.recorded_at <= self._moment]

    def enterprises_with_code(self, customs_code: str) -> list[str]:
        """Return the USCCs of the enterprises of which a version had a customs code by then."""
        owners = self._tx.enterprises_with_code(customs_code)
        return [
            owner
            for owner in owners
            if any(one.customs_code == customs_code for one in self.enterprise_versions(owner))
        ]

    def enterprise_revision(self) -> tuple[int, int]:
        """Return number and id of the version that was made last by then; zeros if there was none."""
        made = self.enterprises_since(0)
        return (made[-1].revision, made[-1].id) if made else (0, 0)

    def enterprises_since(self, revision: int) -> list[EnterpriseRow]:
        """Return the versions from a revision on that were recorded by then."""
        return [one for one in self._tx.enterprises_since(revision) if one.recorded_at <= self._moment]

    def enterprises_after(self, uscc: str, limit: int) -> list[EnterpriseRow]:
        """Return the newest version by then of each enterprise above a USCC."""
        newest = {one.uscc: one for one in self.enterprises_since(0) if one.uscc > uscc}
        return [newest[key] for key in sorted(newest)][:limit]
