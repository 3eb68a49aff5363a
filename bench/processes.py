# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""CPU time and memory of gateway processes, as the Linux kernel counts them in /proc (proc(5)).

A node is the process that serves; its children are the workers. `VmHWM` is the peak of everything resident,
which includes pages of the database file that SQLite maps and the kernel may take back at any time;
`RssAnon` is what the process itself holds.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
TICK = os.sysconf("SC_CLK_TCK")
_PARENT, _USER, _SYSTEM = 1, 11, 12  # places in /proc/<pid>/stat behind the name in brackets


@dataclass(frozen=True, slots=True)
class Usage:
    """One process at one moment: CPU seconds since its start, memory in MiB now and at its peak."""

    cpu: float
    anonymous: float
    resident: float
    peak: float


def tree(pid: int) -> dict[str, list[int]]:
    """Return the processes of a node by kind: the node itself and its workers."""
    children = [
        int(one.name) for one in PROC.iterdir() if one.name.isdigit() and _parent(int(one.name)) == pid
    ]
    return {"node": [pid], "worker": sorted(one for one in children if _is_worker(one))}


def usage(pid: int) -> Usage:
    """Return what a process has used."""
    fields = _stat(pid)
    status = _status(pid)
    return Usage(
        cpu=(int(fields[_USER]) + int(fields[_SYSTEM])) / TICK,
        anonymous=status["RssAnon"],
        resident=status["VmRSS"],
        peak=status["VmHWM"],
    )


def machine_busy() -> float:
    """Return the CPU seconds that everything on this machine has used since it started."""
    user, nice, system, _idle, _wait, interrupts, soft, stolen, *_ = (
        int(one) for one in (PROC / "stat").read_text().split("\n", 1)[0].split()[1:]
    )
    return (user + nice + system + interrupts + soft + stolen) / TICK


def total(pids: Mapping[str, list[int]]) -> dict[str, Usage]:
    """Return the use of each kind of process of a node, summed."""
    found: dict[str, Usage] = {}
    for kind, members in pids.items():
        each = [usage(one) for one in members]
        found[kind] = Usage(
            cpu=sum(one.cpu for one in each),
            anonymous=sum(one.anonymous for one in each),
            resident=sum(one.resident for one in each),
            peak=sum(one.peak for one in each),
        )
    return found


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/<pid>/stat behind the name, which may hold blanks."""
    return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()


def _status(pid: int) -> dict[str, float]:
    """Return the sizes of /proc/<pid>/status in MiB."""
    lines = (PROC / str(pid) / "status").read_text().splitlines()
    return {
        name: int(text.split()[0]) / 1024
        for name, _, text in (line.partition(":") for line in lines)
        if text.endswith(" kB")
    }


def _parent(pid: int) -> int:
    """Return the parent of a process, 0 if it has ended meanwhile."""
    try:
        return int(_stat(pid)[_PARENT])
    except OSError:
        return 0


def _is_worker(pid: int) -> bool:
    """Say whether a child is a worker and not the housekeeper of multiprocessing."""
    return b"resource_tracker" not in (PROC / str(pid) / "cmdline").read_bytes()
