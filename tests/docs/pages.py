# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Read a page of docs/ and do what it says, block by block.

The info string of a fence decides what happens with a block:

    sh              run it in the folder of the page's run
    sh NAME         run it in the folder of that name, which stands for a machine
    sh NAME serve   run it in the background, until the marker `<!-- stop NAME -->` or the end
    sh NAME fails   run it as above; the exit code must be 1
    text            what the block before it prints, in this order; `…` stands for anything within a line
"""

import contextlib
import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SECONDS = 60
_FENCE = re.compile(
    r"^```(?P<info>[^\n`]*)\n(?P<body>.*?)^```$|^<!-- stop (?P<stop>\w+) -->$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Block:
    """One thing that a page tells the reader to do, and what it promises."""

    words: tuple[str, ...]
    body: str
    promised: tuple[str, ...] = ()


def blocks(page: Path) -> Iterator[Block]:
    """Yield the shell blocks and stop markers of a page in order, each with the output it promises."""
    waiting: Block | None = None
    for match in _FENCE.finditer(page.read_text("utf-8")):
        if match["stop"]:
            words: tuple[str, ...] = ("stop", match["stop"])
        else:
            words = tuple(match["info"].split())
        if words[:1] == ("text",) and waiting is not None:
            yield Block(waiting.words, waiting.body, tuple(match["body"].splitlines()))
            waiting = None
            continue
        if waiting is not None:
            yield waiting
        waiting = Block(words, match["body"] or "") if words[:1] in {("sh",), ("stop",)} else None
    if waiting is not None:
        yield waiting


def follow(page: Path, folder: Path) -> int:
    """Do what a page says in an empty folder; return how many commands blocks ran.

    Raises:
        AssertionError: a block failed, did not fail as announced, or did not print what is promised.
    """
    assert shutil.which("curl"), "the pages use curl"
    count = 0
    with contextlib.ExitStack() as stack:
        stack.enter_context(_alone())
        servers: dict[str, subprocess.Popen[bytes]] = {}
        stack.callback(lambda: [_stop(one) for one in servers.values()])
        for block in blocks(page):
            kind, *rest = block.words
            side = next((word for word in rest if word not in {"serve", "fails"}), ".")
            if kind == "stop":
                assert _stop(servers.pop(side)) == 0, f"{side} did not stop in order"
            elif "serve" in rest:
                servers[side] = _start(block.body, folder / side)
            else:
                ended = [name for name, one in servers.items() if one.poll() is not None]
                assert not ended, f"ended by itself: {ended}; see gateway.log of the run"
                _run(block, folder / side, expected=1 if "fails" in rest else 0)
            count += 1
    return count


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Follow one page at a time on this machine: pages name their ports."""
    with (Path(tempfile.gettempdir()) / "ead-gateway-pages.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def missing(promised: tuple[str, ...], output: str) -> str:
    """Return the first promised line that the output lacks, in order; empty if it has all of them."""
    lines = iter(output.splitlines())
    for promise in promised:
        wanted = re.compile(".*".join(re.escape(part) for part in promise.rstrip().split("…")))
        if promise.strip() and not any(wanted.fullmatch(line.rstrip()) for line in lines):
            return promise
    return ""


def _environment() -> dict[str, str]:
    """Return the reader's environment: the commands of this installation, and where the clone is."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**os.environ, "PATH": path, "CLONE": str(ROOT), "COLUMNS": "100", "LC_ALL": "C.UTF-8"}


def _run(block: Block, folder: Path, *, expected: int) -> None:
    """Run one block and compare what it printed."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block.body],
        cwd=folder,
        env=_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    said = f"in {folder.name}:\n{block.body}\nprinted:\n{done.stdout}"
    assert done.returncode == expected, f"exit {done.returncode}, expected {expected}, {said}"
    lacks = missing(block.promised, done.stdout)
    assert not lacks, f"the page promises the line {lacks!r}, {said}"


def _start(command: str, folder: Path) -> "subprocess.Popen[bytes]":
    """Start a server that Ctrl-C stops, also where this process itself was started deaf to it."""
    words = ["env", "--default-signal=INT", "bash", "-c", command]
    return subprocess.Popen(words, cwd=folder, env=_environment(), start_new_session=True)


def _stop(server: "subprocess.Popen[bytes]") -> int:
    """Stop a server as Ctrl-C does, and return its exit code."""
    if server.poll() is None:
        server.send_signal(signal.SIGINT)
    try:
        return server.wait(30)
    except subprocess.TimeoutExpired:
        server.kill()
        return server.wait()
