# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Several nodes of one organisation on one database of PostgreSQL, behind one address for each face."""

import contextlib
import os
import shutil
import signal

from gateway.demo.stage import HOST, Party, free_ports, set_up
from tests.system.submitting import eventually
from tests.system.tcp_gate import Gate

LEASE_SECONDS = 1.5


class Cluster:
    """The nodes of a party whose folder stays as it is made; its addresses are those of the gates."""

    def __init__(self, party, url, count, settings):
        """Make a folder for each node, with a gate of its own before the database."""
        self.party, self.nodes = party, []
        server = int(url.rpartition("/")[0].rpartition(":")[2])
        self.wires = [Gate([(server, None)]) for _ in range(count)]
        ports = iter(free_ports(2 * count))
        for number, wire in enumerate(self.wires):
            grpc, http = next(ports), next(ports)
            folder = party.folder.with_name(f"{party.organisation}-{number}")
            shutil.copytree(party.folder, folder)
            node = Party(party.organisation, folder, f"{HOST}:{grpc}", f"{HOST}:{http}")
            set_up(
                node,
                {
                    **settings,
                    "node": {"number": number, "lease_seconds": LEASE_SECONDS},
                    "grpc": {"listen": node.grpc, "drain_seconds": 3},
                    "http": {"listen": node.http},
                    "database": {"url": url.replace(f":{server}/", f":{wire.port}/")},
                },
            )
            self.nodes.append(node)
        self.peers, self._calls = (
            Gate(
                [(int(getattr(one, face).rpartition(":")[2]), f"{one.url}/readyz") for one in self.nodes],
                port=int(getattr(party, face).rpartition(":")[2]),
            )
            for face in ("grpc", "http")
        )

    @property
    def url(self):
        """The HTTP address of all nodes."""
        return self.party.url

    @contextlib.contextmanager
    def running(self):
        """Start all nodes, and stop those that still run at the end."""
        try:
            for one in self.nodes:
                one.launch()
            for one in self.nodes:
                one.await_ready()
            # A gate passes nobody on to a node before it has looked and found it well.
            eventually(lambda: self.peers.all_well() and self._calls.all_well())
            yield self
        finally:
            self.stop()
            for one in (self.peers, self._calls, *self.wires):
                one.close()

    def stop(self):
        """Drain every node; return the exit codes."""
        for one in self.wires:
            one.mend()
        for one in self.nodes:
            with contextlib.suppress(ProcessLookupError, AttributeError):
                os.kill(one.process.pid, signal.SIGCONT)
        return [one.stop() for one in self.nodes]
