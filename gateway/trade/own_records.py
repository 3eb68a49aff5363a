# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Make records of our own of what the customs' own systems say, by the same way as messages."""

import hashlib
from collections.abc import Callable, Sequence

from gateway.exchange import refer
from gateway.exchange.assemble import Judged, judge
from gateway.exchange.ports import Ids, Transaction
from gateway.exchange.rollup_ports import Census
from gateway.exchange.rows import MessageRow, PackedContribution, PackedDocument
from gateway.exchange.touched import Arrival
from gateway.finding import Finding
from gateway.model import Contribution, pack_contribution

WAY = "control"
SCOPE = "control"
# The same bytes may have been submitted as a message; that must not stand in the way.
_DIGESTED = b"own record\x00"


class Speaker:
    """Says records in our own name; each word is a message, so that the books of messages hold."""

    def __init__(self, *, ids: Ids, random: Callable[[int], bytes], census: Callable[[], Census]) -> None:
        """Take the doors."""
        self._ids = ids
        self._random = random
        self._census = census

    def say(
        self,
        tx: Transaction,
        said: Sequence[Contribution],
        *,
        raw: bytes,
        actor: str,
        now: int,
        findings: Sequence[Finding] = (),
    ) -> tuple[Judged, Arrival]:
        """Store a message of contributions, a document each; return what is to be written of them.

        `raw` is what was said, verbatim; nothing else may have the same bytes.
        """
        arrival = Arrival(self._ids.take(1)[0], SCOPE, now, self._ids, self._random, self._census())
        judged = judge(tx, [_document(place, one) for place, one in enumerate(said, 1)], arrival)
        accepted = sum(one.accepted for one in judged.outcomes)
        found = [*findings, *(each for one in judged.outcomes for each in one.findings)]
        tx.add_message(
            MessageRow(
                id=arrival.message,
                digest=hashlib.sha256(_DIGESTED + raw).digest(),
                source=WAY,
                submitter=actor,
                adapter="",
                message_type=said[0].kind.value,
                message_id=str(arrival.message),  # erasure keeps it, so it must lead to nobody
                received_at=now,
                outcome="accepted" if accepted == len(said) else "partial" if accepted else "refused",
                documents=len(said),
                accepted=accepted,
                raw=raw,
                acknowledgement=b"",
                content_type="application/json",
                findings=refer.pack_findings(found),
            )
        )
        return judged, arrival


def _document(position: int, said: Contribution) -> PackedDocument:
    """Return one contribution as a document."""
    packed = PackedContribution(
        kind=said.kind,
        function=said.function,
        reference=said.reference,
        keys=said.keys,
        body=pack_contribution(said),
    )
    return PackedDocument(
        position=position, reference=said.reference, echo={}, contributions=(packed,), findings=()
    )
