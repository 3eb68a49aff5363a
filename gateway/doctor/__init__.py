# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Examine a node and the ways to its partners, layer by layer, and say what mends what is wrong."""

from gateway.doctor.diagnosis import Diagnosis, State
from gateway.doctor.examine import Calls, examine

__all__ = ["Calls", "Diagnosis", "State", "examine"]
