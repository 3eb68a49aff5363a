# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Two customs gateways on loopback: folders, keys, bundles, agreements, processes.

Everything is what two administrations would do with the command line, done by the same functions: each makes
its node folder, they exchange bundles, both sign each agreement. Ports are free ones of this moment.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib import resources
from pathlib import Path

from gateway.agreement import countersign, file_name, parse, sign
from gateway.clock import system_clock
from gateway.envelope.bundle import export_bundle
from gateway.envelope.identity import KeySet
from gateway.envelope.partners import import_bundle, write_file
from gateway.errors import GatewayError
from gateway.node_folder import make_node_folder

HERE, THERE = "customs-cn", "customs-nl"
HOST = "127.0.0.1"
READY_SECONDS = 60.0
STOP_SECONDS = 30.0


@dataclass(slots=True)
class Party:
    """One gateway: its folder and addresses, and its process while it runs."""

    organisation: str
    folder: Path
    grpc: str
    http: str
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def config(self) -> Path:
        """The configuration file."""
        return self.folder / "gateway.toml"

    @property
    def inbox(self) -> Path:
        """The watched folder."""
        return self.folder / "inbox"

    @property
    def url(self) -> str:
        """The base of the HTTP face."""
        return f"http://{self.http}"

    def start(self, environment: Mapping[str, str] | None = None) -> None:
        """Start the process and wait until it is ready; its log goes to `gateway.log` in the folder.

        Raises:
            GatewayError: it ended or was not ready in time.
        """
        ready = self.folder / "ready.json"
        ready.unlink(missing_ok=True)
        with (self.folder / "gateway.log").open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own module
                [
                    sys.executable,
                    "-m",
                    "gateway",
                    "serve",
                    "--config",
                    str(self.config),
                    "--ready-file",
                    str(ready),
                ],
                stderr=log,
                stdout=log,
                env={**os.environ, **(environment or {})},
            )
        end = time.monotonic() + READY_SECONDS
        while not ready.exists():
            if self.process.poll() is not None or time.monotonic() > end:
                raise GatewayError(f"{self.organisation} did not start; see {self.folder / 'gateway.log'}")
            time.sleep(0.02)
        json.loads(ready.read_text())

    def stop(self) -> int:
        """Drain with SIGTERM and return the exit code; kill it if it does not end in time."""
        process, self.process = self.process, None
        if process is None:
            return 0
        process.send_signal(signal.SIGTERM)
        try:
            return process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def kill(self) -> None:
        """End it without warning, as a power cut would."""
        process, self.process = self.process, None
        if process is not None:
            process.kill()
            process.wait()


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on at this moment."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((HOST, 0))
        return [one.getsockname()[1] for one in sockets]


def packaged_agreements() -> list[bytes]:
    """Return the texts of the sample agreements, one each way."""
    folder = resources.files("gateway.demo") / "agreements"
    return [one.read_bytes() for one in sorted(folder.iterdir(), key=str) if one.name.endswith(".toml")]


def make_parties(
    folder: Path,
    agreements: Sequence[bytes],
    now: datetime | None = None,
    organisations: Sequence[str] = (HERE, THERE),
) -> list[Party]:
    """Make the folders of all parties, introduce each to each, and sign the agreements on both sides."""
    at = now or system_clock()
    ports = iter(free_ports(2 * len(organisations)))
    parties = []
    for name in organisations:
        party = Party(name, folder / name, f"{HOST}:{next(ports)}", f"{HOST}:{next(ports)}")
        make_node_folder(party.folder, name, at, grpc=party.grpc, http=party.http)
        parties.append(party)
    keys = {one.organisation: KeySet.load(one.folder / "keys") for one in parties}
    for party in parties:
        bundle = export_bundle(keys[party.organisation], name=party.organisation, endpoint=party.grpc, now=at)
        for other in parties:
            if other is not party:
                import_bundle(bundle, other.folder / "partners", now=at, own_organisation=other.organisation)
    for text in agreements:
        agreement = parse(text)
        signed = countersign(sign(text, keys[agreement.sender].seal), keys[agreement.recipient].seal)
        for party in parties:
            if party.organisation in (agreement.sender, agreement.recipient):
                write_file(party.folder / "agreements" / file_name(agreement), signed)
    return parties


@contextlib.contextmanager
def running(parties: Sequence[Party]) -> Iterator[Sequence[Party]]:
    """Start all parties, and stop those that still run at the end."""
    try:
        for party in parties:
            party.start()
        yield parties
    finally:
        for party in parties:
            party.stop()
