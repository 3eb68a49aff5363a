# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Masses, amounts and quantities: exact decimals with their unit or currency, never floats."""

from decimal import Decimal

from gateway.model.record import Record


class Mass(Record, frozen=True, kw_only=True, gc=False):
    """A mass; `unit` is a UN/ECE Recommendation 20 code, KGM for kilograms."""

    value: Decimal | None = None
    unit: str | None = None


class Money(Record, frozen=True, kw_only=True, gc=False):
    """An exact amount with its ISO 4217 alpha-3 currency."""

    amount: Decimal | None = None
    currency: str | None = None


class Charge(Record, frozen=True, kw_only=True, gc=False):
    """A freight or insurance charge; `basis` is rate, unit or total (an amount unless it is a rate)."""

    amount: Decimal | None = None
    currency: str | None = None
    basis: str | None = None


class Quantity(Record, frozen=True, kw_only=True, gc=False):
    """A count or measure; `unit` is a UN/ECE Recommendation 20 code, or `CEB:nnn` where none is known."""

    value: Decimal | None = None
    unit: str | None = None
