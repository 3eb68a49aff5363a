# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""How a mock partner behaves, and how it decides.

Every decision derives from the seed and what it is about, never from the order of arrival, so a run can be
repeated whatever the timing.
"""

import hashlib
from dataclasses import dataclass

_SCALE = 1 << 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """Shares in per cent of what each is about: items for the first five, batches for the others.

    `rounds` is how often customs asks about one item at most; `delay` is in seconds before each answer.
    """

    seed: int = 1
    rfi: float = 0.0
    rfs: float = 0.0
    dnl: float = 0.0
    amend: float = 0.0
    silence: float = 0.0
    rounds: int = 1
    delay: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    wrong_count: float = 0.0
    bad_signature: float = 0.0

    def share(self, what: str) -> float:
        """Return a number from 0 up to 100 that is always the same for the same seed and subject."""
        digest = hashlib.sha256(f"{self.seed}|{what}".encode()).digest()
        return int.from_bytes(digest[:8], "big") * 100 / _SCALE

    def draws(self, per_cent: float, what: str) -> bool:
        """Say whether something happens to a subject."""
        return self.share(what) < per_cent

    def outcome(self, number: str, turn: int) -> str:
        """Return what customs says of an item at a turn, counted from 0; empty is silence."""
        if self.draws(self.silence, f"silence|{number}"):
            return ""
        if turn >= self.rounds:
            return "complete"
        drawn = self.share(f"outcome|{number}|{turn}")
        for outcome, per_cent in (
            ("dnl", self.dnl),
            ("rfs", self.rfs),
            ("rfi", self.rfi),
            ("amend", self.amend),
        ):
            if drawn < per_cent:
                return outcome
            drawn -= per_cent
        return "complete"
