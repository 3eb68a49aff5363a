# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Who may do what: roles, permissions, and the one table that gives every HTTP route its permission."""

from gateway.access.caller import Caller, Names
from gateway.access.permissions import PUBLIC, Permissions, Role, permissions

__all__ = ["PUBLIC", "Caller", "Names", "Permissions", "Role", "permissions"]
