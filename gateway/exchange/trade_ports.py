# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The doors to what the customs' own systems keep: enterprises, controls, stock, returns."""

from typing import Protocol

from gateway.exchange.control_ports import ControlTables
from gateway.exchange.enterprise_ports import Enterprises
from gateway.exchange.return_ports import Returns
from gateway.exchange.stock_ports import StockTables


class TradeTables(Enterprises, ControlTables, StockTables, Returns, Protocol):
    """The part of a transaction about the customs' own systems."""
