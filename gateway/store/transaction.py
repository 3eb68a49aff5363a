# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""One unit of work with all methods of the port."""

from gateway.exchange.ports import Transaction
from gateway.store.announcements import AnnouncementTables
from gateway.store.archives import Archives
from gateway.store.controls import Controls
from gateway.store.credentials import CredentialTables
from gateway.store.enterprises import EnterpriseTables
from gateway.store.erasures import Erasures
from gateway.store.incoming import Incoming
from gateway.store.inquiries import InquiryTables
from gateway.store.leases import LeaseTables
from gateway.store.ledger import Ledger
from gateway.store.listings import Listings
from gateway.store.logs import Logs
from gateway.store.messages import Messages
from gateway.store.movements import Movements
from gateway.store.outgoing import Outgoing
from gateway.store.referrals import Referrals
from gateway.store.returns import ReturnTables
from gateway.store.rollups import Rollup
from gateway.store.self_audit import SelfAuditing
from gateway.store.shares import Shares
from gateway.store.stocks import Stocks
from gateway.store.webhooks import Webhooks
from gateway.store.witness import Witnessing


class SqlTransaction(
    Messages,
    Shares,
    Outgoing,
    Incoming,
    Referrals,
    Movements,
    InquiryTables,
    EnterpriseTables,
    Controls,
    Stocks,
    ReturnTables,
    Webhooks,
    AnnouncementTables,
    CredentialTables,
    LeaseTables,
    Rollup,
    Logs,
    Witnessing,
    Erasures,
    Archives,
    SelfAuditing,
    Listings,
    Ledger,
    Transaction,
):
    """The port on SQL; the groups of methods each stand in a file of their own."""
