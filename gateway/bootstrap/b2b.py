# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Join the rules of export lists to what else follows records."""

from gateway.config import Config
from gateway.exchange.following import Follows, InTurn
from gateway.trade.b2b_export import B2bExport
from gateway.trade.b2b_rules import load_rules
from gateway.trade.exchange_rates import Rates


def load_b2b(config: Config, rates: Rates) -> Follows | None:
    """Return what judges export lists, none where the configuration names no rules.

    Raises:
        ConfigError: the file of rules is absent or wrong.
    """
    rules = load_rules(config.b2b.rules)
    return None if rules is None else B2bExport(rules, rates)


def followed(*each: Follows | None) -> Follows | None:
    """Return all that follow as one, none if there is none."""
    there = [one for one in each if one is not None]
    return InTurn(*there) if len(there) > 1 else (there[0] if there else None)
