# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Persons are shown only after an entry in the anchor log says to whom, of what, and why.

The rules:

1. The entry is written before anything is shown; where it cannot be, nothing is.
2. It names the record by our own number or its place in a log, never by what is shown.
3. Who gives no reason is refused, and that is an entry too.
"""

from gateway.admission.acts import Acts
from gateway.errors import InputError
from gateway.exchange.ports import Transaction
from gateway.finding import finding

LONGEST_REASON = 500
SHOWN, PROOF = "item.reveal", "item.proof"


class Reveals:
    """Where it is entered that persons are shown."""

    def __init__(self, acts: Acts) -> None:
        """Take where acts are entered."""
        self._acts = acts

    async def show(self, about: str, reason: str, *, actor: str) -> int:
        """Enter that somebody sees the persons of a record; return the index of the entry.

        Raises:
            InputError: the reason is empty or too long.
            CouldNotCheck: the log must not be signed.
        """
        said = reason.strip()

        def work(tx: Transaction, now: int) -> int:
            if not 0 < len(said) <= LONGEST_REASON:
                expected = f"1 to {LONGEST_REASON} characters"
                raise InputError("no reason", (finding("ACCESS-REASON", path="reason", expected=expected),))
            return self._acts.done(tx, SHOWN, actor, about, now=now, reason=said)

        return await self._acts.do(SHOWN, actor, about, work)

    async def hand_out(self, about: str, *, actor: str) -> int:
        """Enter that somebody fetches a proof, which holds the record; return the index of the entry.

        Raises:
            CouldNotCheck: the log must not be signed.
        """
        return await self._acts.do(
            PROOF, actor, about, lambda tx, now: self._acts.done(tx, PROOF, actor, about, now=now)
        )
