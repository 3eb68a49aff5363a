# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The bar of long work: on a terminal, after a while, on standard error, and gone at the end."""

import os
import pty
import subprocess
import sys

WORK = """
import sys, time
from gateway.cli.progress import progress
with progress("Counting", {total}, after={after}) as step:
    for _ in range(10):
        time.sleep(0.05)
        step(1)
print("data")
"""


def ran(after, *, terminal, total=10):
    """Run work; return standard output and what came to standard error, a terminal or a pipe."""
    ours, theirs = pty.openpty() if terminal else os.pipe()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
    process = subprocess.Popen(
        [sys.executable, "-c", WORK.format(after=after, total=total)],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env=environment,
    )
    os.close(theirs)
    said = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # what a terminal answers whose other side is closed
            break
        if not part:
            break
        said += part
    os.close(ours)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 0, said
    return out, said


def test_long_work_on_a_terminal_has_a_bar() -> None:
    """Words and bar come while the work goes on, and the line is cleared; data stays apart."""
    for total in (10, None):
        out, said = ran(0.1, terminal=True, total=total)
        assert out == b"data\n"
        assert b"Counting" in said
        assert said.rstrip().endswith(b"\x1b[2K")


def test_short_work_has_none() -> None:
    """What ends before the bar begins shows nothing of it."""
    out, said = ran(60, terminal=True)
    assert (out, said) == (b"data\n", b"")


def test_a_pipe_sees_none() -> None:
    """Where nobody looks nothing is written, however long it takes."""
    out, said = ran(0.0, terminal=False)
    assert (out, said) == (b"data\n", b"")
