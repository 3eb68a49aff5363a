# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Every message that is not a receipt, by name."""

from collections.abc import Mapping

from adapters.gacc_ceb.message_type import MessageType
from adapters.gacc_ceb.messages_export import EXPORT
from adapters.gacc_ceb.messages_import import IMPORT
from adapters.gacc_ceb.messages_pushed import PUSHED

MESSAGES: Mapping[str, MessageType] = {one.name: one for one in (*EXPORT, *IMPORT, *PUSHED)}
