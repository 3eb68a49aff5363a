# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Join the ports to their implementations; the only room that chooses."""

from gateway.bootstrap.membership import Membership
from gateway.bootstrap.steps import MakePeer, Steps
from gateway.bootstrap.trust import Trust

__all__ = ["MakePeer", "Membership", "Steps", "Trust"]
