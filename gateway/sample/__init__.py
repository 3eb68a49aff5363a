# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Sample messages: seeded, plausible, with a ledger of what must become of each document.

Writes CEB orders, waybills, lists and supplements by itself, so that test data never comes from the code
under test. Names, streets and firms are invented; the countries' and goods' codes are real.
"""

from gateway.sample.faults import FAULTS
from gateway.sample.generate import Expectation, SampleMessage, generate

__all__ = ["FAULTS", "Expectation", "SampleMessage", "generate"]
