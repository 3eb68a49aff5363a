# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Give documents their effect, the same whichever way they came: check, judge, assemble, refer, route.

`check_and_judge` only reads, so that its findings can stand in the answer; `apply` writes, after the message
itself was stored.
"""

from collections.abc import Sequence

from gateway.agreement import AgreementSet
from gateway.clock import moment
from gateway.exchange import advance_data, movement, refer
from gateway.exchange.assemble import Judged, assemble, judge
from gateway.exchange.following import Follows, Unfollowed
from gateway.exchange.ports import Transaction
from gateway.exchange.route import route
from gateway.exchange.rows import FROM_PARTNER, PackedDocument
from gateway.exchange.touched import Arrival

_UNFOLLOWED = Unfollowed()


def check_and_judge(
    tx: Transaction,
    documents: Sequence[PackedDocument],
    arrival: Arrival,
    follows: Follows = _UNFOLLOWED,
) -> Judged:
    """Say what becomes of the documents of a message, and write nothing."""
    if not arrival.scope.startswith(FROM_PARTNER):  # a partner's records are checked by its own gateway
        documents = advance_data.checked(tx, documents, moment(arrival.now).date())
        documents = follows.checked(tx, documents, arrival)
    return judge(tx, arrival.returns.checked(tx, refer.checked(tx, documents), arrival), arrival)


def apply(
    tx: Transaction,
    judged: Judged,
    arrival: Arrival,
    *,
    agreements: AgreementSet,
    organisation: str,
    follows: Follows = _UNFOLLOWED,
) -> frozenset[str]:
    """Write the effects of a message; return the channels with something ready."""
    touched = assemble(tx, judged, arrival)
    touched += follows.follow(tx, judged.effects.rows, touched, arrival)
    touched += arrival.returns.settle(tx, touched, arrival)
    refer.settle(tx, touched, ids=arrival.ids, now=arrival.now, organisation=organisation)
    movement.note(tx, touched, arrival.ids, arrival.now)
    return route(tx, touched, agreements, sender=organisation, ids=arrival.ids, now=arrival.now)
