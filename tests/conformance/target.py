# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A real gateway in this process, on a port of its own, with a kit made for it and enrolled."""

import asyncio
import contextlib
import shutil

from gateway import node as nodes
from gateway.agreement import countersign
from gateway.clock import system_clock
from gateway.config import load_config
from gateway.conformance.kit import load_kit, make_kit
from gateway.demo.stage import Party, free_ports, make_parties, running, set_up
from gateway.envelope.bundle import export_bundle
from gateway.envelope.identity import KeySet
from gateway.envelope.partners import import_bundle
from gateway.envelope.whole_file import write_file

TARGET = "customs-nl"


class LocalWorkers:
    """The jobs of a node in its own process, so that a test can take a check out of them."""

    def __init__(self, factory, _count):
        self._jobs = factory()

    def __getattr__(self, name):
        job = getattr(self._jobs, name)

        async def do(*arguments):
            await asyncio.sleep(0)
            return job(*arguments)

        return do

    def close(self):
        """Nothing to end."""


def make_target(folder):
    """Make a node folder and a kit, and do what the target's operator does with the kit's files."""
    (party,) = make_parties(folder, [], organisations=(TARGET,))
    set_up(party, {"grpc": {"listen": "127.0.0.1:0"}, "http": {"listen": "127.0.0.1:0"}})
    own, now = KeySet.load(party.folder / "keys"), system_clock()
    bundle = export_bundle(own, name="Target", endpoint=party.grpc, now=now)
    for file in make_kit(folder / "kit", "kit", bundle, now):
        raw = file.read_bytes()
        if file.name.endswith(".bundle.json"):
            import_bundle(raw, party.folder / "partners", now=now, own_organisation=TARGET)
        else:
            write_file(party.folder / "agreements" / file.name, countersign(raw, own.seal))
    return folder


def copied(template, folder):
    """Return a copy of a target that never ran, with its kit."""
    shutil.copytree(template, folder)
    return folder


@contextlib.asynccontextmanager
async def serving(folder, workers=LocalWorkers):
    """Run the node of a folder in this process; yield its endpoint and the kit."""
    pool, nodes.WorkerPool = nodes.WorkerPool, workers
    try:
        node = nodes.Node(load_config(folder / TARGET / "gateway.toml"))
    finally:
        nodes.WorkerPool = pool
    try:
        yield (await node.start())["grpc"], load_kit(folder / "kit" / "kit.json", system_clock())
    finally:
        await node.stop()


@contextlib.contextmanager
def start(folder):
    """Run the node of a folder in a process of its own, on a port that is known; yield its party."""
    (grpc, http) = free_ports(2)
    party = Party(TARGET, folder / TARGET, f"127.0.0.1:{grpc}", f"127.0.0.1:{http}")
    set_up(party, {"grpc": {"listen": party.grpc}, "http": {"listen": party.http}})
    with running([party]):
        yield party
