# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Who is let in: keys, what they allow, and the acts of administrators, each of them an audit entry.

It refuses to know HTTP and pages; those show it what somebody holds.
"""

from gateway.admission.acts import Acts
from gateway.admission.door import Door
from gateway.admission.holders import Holders
from gateway.admission.keys import KEY, Key, Keys, Made
from gateway.admission.places import TooManyLogins
from gateway.admission.provider_login import Begun, ProviderLogin, require_roles
from gateway.admission.refusals import Refusals
from gateway.admission.reveal import Reveals
from gateway.admission.sessions import SESSION, Opened, Sessions

__all__ = [
    "KEY",
    "SESSION",
    "Acts",
    "Begun",
    "Door",
    "Holders",
    "Key",
    "Keys",
    "Made",
    "Opened",
    "ProviderLogin",
    "Refusals",
    "Reveals",
    "Sessions",
    "TooManyLogins",
    "require_roles",
]
