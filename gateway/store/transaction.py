# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""One unit of work with all methods of the port."""

from gateway.exchange.ports import Transaction
from gateway.store.erasures import Erasures
from gateway.store.incoming import Incoming
from gateway.store.ledger import Ledger
from gateway.store.logs import Logs
from gateway.store.messages import Messages
from gateway.store.outgoing import Outgoing
from gateway.store.self_audit import SelfAuditing
from gateway.store.shares import Shares
from gateway.store.witness import Witnessing


class SqlTransaction(
    Messages, Shares, Outgoing, Incoming, Logs, Witnessing, Erasures, SelfAuditing, Ledger, Transaction
):
    """The port on SQL; the groups of methods each stand in a file of their own."""
