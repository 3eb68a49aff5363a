# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A fresh `gateway demo --keep`, as an operator starts it; both gateways end with the stage."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

LISTS = 100
SECONDS = 300
_KEPT = re.compile(r"^(\S+) keeps running: HTTP (\S+), gRPC \S+\s+end it with: kill (\d+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Kept:
    """One gateway of the demonstration."""

    organisation: str
    url: str
    folder: Path
    pid: int


@contextlib.contextmanager
def kept_demo(folder):
    """Run the demonstration and yield the two gateways that it leaves: ours and the partner's."""
    done = subprocess.run(
        [sys.executable, "-m", "gateway", "demo", "--keep", "--lists", str(LISTS), "--folder", str(folder)],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        env={**os.environ, "COLUMNS": "200"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    kept = [Kept(name, url, folder / name, int(pid)) for name, url, pid in _KEPT.findall(done.stdout)]
    try:
        assert len(kept) == 2, done.stdout
        assert all(f"look at it: {one.url}/console" in done.stdout for one in kept)
        yield kept
    finally:
        for one in kept:
            with contextlib.suppress(ProcessLookupError):
                os.kill(one.pid, signal.SIGTERM)
        end = time.monotonic() + 30
        while any(_alive(one.pid) for one in kept) and time.monotonic() < end:
            time.sleep(0.1)


def _alive(pid):
    """Say whether a process is there and is no remnant of one."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(") ")[2][0] != "Z"
    except OSError:
        return False
