# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Two customs gateways on loopback: folders, keys, bundles, agreements, processes.

Everything is what two administrations would do with the command line, done by the same functions: each makes
its node folder, they exchange bundles, both sign each agreement. Ports are free ones of this moment.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib import resources
from pathlib import Path

import tomlkit

from gateway.agreement import countersign, file_name, parse, sign
from gateway.clock import system_clock
from gateway.envelope.bundle import export_bundle
from gateway.envelope.identity import KeySet
from gateway.envelope.partners import import_bundle
from gateway.envelope.whole_file import write_file
from gateway.errors import GatewayError
from gateway.node_folder import make_node_folder

HERE, THERE = "customs-cn", "customs-nl"
HOST = "127.0.0.1"
READY_SECONDS = 60.0
STOP_SECONDS = 30.0


@dataclass(slots=True)
class Party:
    """One gateway: its folder and addresses, the command that runs it, and its process while it runs."""

    organisation: str
    folder: Path
    grpc: str
    http: str
    command: Sequence[str] = ("serve",)
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

    @property
    def _ready_file(self) -> Path:
        """Where the process writes its addresses once it is ready."""
        return self.folder / "ready.json"

    def start(self, environment: Mapping[str, str] | None = None) -> None:
        """Start the process and wait until it is ready; its log goes to `gateway.log` in the folder.

        Raises:
            GatewayError: it ended or was not ready in time.
        """
        self.launch(environment)
        self.await_ready()

    def launch(self, environment: Mapping[str, str] | None = None) -> None:
        """Start the process without waiting."""
        self._ready_file.unlink(missing_ok=True)
        with (self.folder / "gateway.log").open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own module
                [
                    sys.executable,
                    "-m",
                    "gateway",
                    *self.command,
                    "--config",
                    str(self.config),
                    "--ready-file",
                    str(self._ready_file),
                ],
                stderr=log,
                stdout=log,
                env={**os.environ, **(environment or {})},
            )

    def await_ready(self) -> None:
        """Wait until the launched process takes work.

        Raises:
            GatewayError: it ended or was not ready in time.
        """
        end = time.monotonic() + READY_SECONDS
        while not self._ready_file.exists():
            if self.process is None or self.process.poll() is not None or time.monotonic() > end:
                raise GatewayError(f"{self.organisation} did not start; see {self.folder / 'gateway.log'}")
            time.sleep(0.02)

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
    collecting: Collection[str] = (),
) -> list[Party]:
    """Make the folders of all parties, introduce each to each, and sign the agreements on both sides.

    The parties in `collecting` take no calls: they fetch from all others what these hold for them.
    """
    at = now or system_clock()
    ports = iter(free_ports(2 * len(organisations)))
    parties = []
    for name in organisations:
        party = Party(name, folder / name, f"{HOST}:{next(ports)}", f"{HOST}:{next(ports)}")
        make_node_folder(party.folder, name, at, grpc=party.grpc, http=party.http)
        if name in collecting:
            others = [one for one in organisations if one != name]
            set_up(party, {"delivery": {"collect_from": others}})
        parties.append(party)
    keys = {one.organisation: KeySet.load(one.folder / "keys") for one in parties}
    for party in parties:
        collects = party.organisation in collecting
        bundle = export_bundle(
            keys[party.organisation],
            name=party.organisation,
            endpoint="" if collects else party.grpc,
            now=at,
            collect_only=collects,
        )
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


def set_up(party: Party, settings: Mapping[str, Mapping[str, object]]) -> None:
    """Write settings, by group and key, into the configuration of a party that is not running.

    The group with an empty name holds the settings that stand in none.
    """
    document = tomlkit.parse(party.config.read_text("utf-8"))
    for group, values in settings.items():
        target = document.setdefault(group, tomlkit.table()) if group else document
        target.update(values)
    party.config.write_text(tomlkit.dumps(document), "utf-8")


@contextlib.contextmanager
def running(parties: Sequence[Party]) -> Iterator[Sequence[Party]]:
    """Start all parties, and stop those that still run at the end."""
    try:
        for party in parties:
            party.launch()
        for party in parties:
            party.await_ready()
        yield parties
    finally:
        for party in parties:
            party.stop()
