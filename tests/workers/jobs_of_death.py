# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Jobs for worker processes under test: they answer, raise, or take their process with them."""

import os
import signal
from pathlib import Path

from gateway.exchange.rows import OpenedTransfer, PackedMessage, PreparedBatch
from gateway.finding import finding


class Jobs:
    """Do what the bytes say; `folder` counts the deaths."""

    def __init__(self, folder):
        self._folder = Path(folder)
        self._renewed = 0
        (self._folder / f"started-{os.getpid()}").touch()

    def decode(self, adapter, raw, now=0):
        """Obey: `die` always, `die once` the first time, `raise`, `linger`; else name the process."""
        marker = self._folder / "died"
        if raw == b"die" or (raw == b"die once" and not marker.exists()):
            marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if raw == b"raise":
            raise ValueError("Jan Jansen, Dorpsstraat 1")
        return PackedMessage(
            adapter=adapter,
            message_type="",
            message_id=str(os.getpid()),
            sender="",
            documents=(),
            findings=(finding("INTAKE-UNREADABLE"),),
        )

    def prepare(self, agreement, shares, now):
        """Return an empty batch that names the shares."""
        return PreparedBatch(
            agreement=agreement,
            shares=tuple(one.share for one in shares),
            failed=(),
            payload=b"payload",
            payload_digest=b"",
            commitment_root=b"",
            salts=b"",
        )

    def renew_trust(self):
        """Count how often trust was renewed."""
        self._renewed += 1

    def open(self, partner, envelope, payload, now):
        """Return what came, refused, from a partner named after how often trust was renewed."""
        return OpenedTransfer(
            partner=f"{partner}{self._renewed or ''}",
            statement=payload,
            statement_digest=envelope,
            findings=(finding("RECEIVE-COUNT"),),
        )
