# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""One TCP address before several: passes connections on to those that are well, and can be cut.

What a load balancer does for several nodes, and what a network does between a node and its database.
"""

import contextlib
import itertools
import socket
import threading
import urllib.request

HOST = "127.0.0.1"
CHUNK = 65536


class Gate:
    """A listening address; `targets` are (port, address to ask whether it is well, or none)."""

    def __init__(self, targets, port=0, look_seconds=0.25):
        """Listen and pass on at once."""
        self._targets = list(targets)
        self._well = {one: True for one, _ in self._targets}
        self._open = {one: set() for one, _ in self._targets}
        self._turn = itertools.count()
        self.carried = {one: 0 for one, _ in self._targets}
        self._cut = False
        self._ended = threading.Event()
        self._lock = threading.Lock()  # guards _open and _well
        self._listening = socket.create_server((HOST, port))
        self.port = self._listening.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        if any(address for _, address in self._targets):
            self._threads.append(threading.Thread(target=self._look, args=(look_seconds,), daemon=True))
        for one in self._threads:
            one.start()

    def all_well(self):
        """Say whether every target was well when it was last asked."""
        with self._lock:
            return all(self._well.values())

    def cut(self):
        """Break every connection and take no more."""
        self._cut = True
        for port in self._open:
            self._break(port)

    def mend(self):
        """Take connections again."""
        self._cut = False

    def close(self):
        """End."""
        self._ended.set()
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.cut()

    def _accept(self):
        while not self._ended.is_set():
            try:
                caller, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._pass, args=(caller,), daemon=True).start()

    def _pass(self, caller):
        """Connect a caller to one that is well, the next one at each call."""
        ports = [one for one, well in self._well.items() if well]
        if self._cut or not ports:
            caller.close()
            return
        port = ports[next(self._turn) % len(ports)]
        try:
            other = socket.create_connection((HOST, port), timeout=2)
        except OSError:
            caller.close()
            return
        other.settimeout(None)
        with self._lock:
            self._open[port].add((caller, other))
            self.carried[port] += 1
        pumps = [
            threading.Thread(target=_pump, args=pair, daemon=True)
            for pair in ((caller, other), (other, caller))
        ]
        for one in pumps:
            one.start()
        for one in pumps:
            one.join()
        with self._lock:
            self._open[port].discard((caller, other))
        caller.close()
        other.close()

    def _look(self, seconds):
        """Ask each target whether it is well; break what goes to one that is not."""
        while not self._ended.wait(seconds):
            for port, address in self._targets:
                well = _is_well(address)
                self._well[port] = well
                if not well:
                    self._break(port)

    def _break(self, port):
        with self._lock:
            pairs = list(self._open[port])
        for pair in pairs:
            for one in pair:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)


def _pump(source, target):
    """Copy bytes until either end ends, then end both."""
    with contextlib.suppress(OSError):
        while data := source.recv(CHUNK):
            target.sendall(data)
    for one in (source, target):
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


def _is_well(address):
    try:
        with urllib.request.urlopen(address, timeout=0.5) as reply:
            return reply.status == 200
    except OSError:
        return False
