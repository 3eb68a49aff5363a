# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What all canonical records share."""

import msgspec


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What all canonical records share: immutable, keyword-only, absent fields not written.

    No record holds itself, so the garbage collector need not watch them.
    """
