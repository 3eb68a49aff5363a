# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001 - an example beside the pages, not a package
"""The least that a partner without a gateway needs: take posts, check their digest, keep each key once.

`python webhook_partner.py PORT FOLDER`; nothing but the standard library. Without TLS: for one machine only.
"""

import base64
import hashlib
import json
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

KEY = re.compile(r"[A-Za-z0-9-]{1,100}")
LARGEST = 32 * 1024 * 1024


class Taking(BaseHTTPRequestHandler):
    """Take one post after the other."""

    def do_POST(self) -> None:
        """Keep a body under its idempotency key, once."""
        length, key = int(self.headers.get("Content-Length", 0)), self.headers.get("Idempotency-Key", "")
        body = self.rfile.read(min(length, LARGEST))
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        if not KEY.fullmatch(key) or self.headers.get("Content-Digest") != f"sha-256=:{digest}:":
            self._answer(400, {"error": "key or digest"})
            return
        place = Path(sys.argv[2]) / f"{key}.body"
        if place.exists() and place.read_bytes() != body:
            self._answer(422, {"error": "another body under this key"})
            return
        place.write_bytes(body)
        self._answer(202, {"taken": key})

    def log_message(self, *_: object) -> None:
        """Keep quiet: a request line says nothing that the files do not."""

    def _answer(self, status: int, said: dict[str, str]) -> None:
        """Answer in JSON."""
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    with ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Taking) as server:
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            sys.exit(0)
