# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A gateway and a partner without one: folders, keys, signed agreements, settings; the steps in this process.

Store, keys, agreements, adapters and HTTP are the real ones; only the worker processes are spared.
"""

import asyncio
import contextlib

from bench.stages import Here
from gateway.bootstrap import Steps, Trust
from gateway.config import load_config
from gateway.demo.stage import make_parties, set_up
from gateway.jobs import NodeJobs
from gateway.store import open_store
from tests.partner_messages import AGREEMENT
from tests.webhook_partner import SECRET_TEXT

HERE, THERE, OTHER = "customs-cn", "customs-nl", "customs-br"
OUT, IN = f"{HERE}/{THERE}/item", f"{THERE}/{HERE}/item"
TERMS = {"version": 1, "until": "2030-01-01T00:00:00Z", "required": "addressee.name", "then": "send"}
QUICK = {"backoff_first_seconds": 0.01, "backoff_max_seconds": 0.05, "circuit_open_after": 3}


def agreements():
    """Return the texts of the agreements, one each way."""
    ways = ((HERE, THERE, "NL"), (THERE, HERE, "CN"))
    return [
        AGREEMENT.format(
            id=f"{one}-{other}", sender=one, recipient=other, destination=place, **TERMS
        ).encode()
        for one, other, place in ways
    ]


def make_node(folder, url, more="", *, take="", texts=None, form=("ead_json", "EAD")):
    """Make the folder of the gateway, with the partner in its settings; return the party."""
    here, _ = make_parties(folder, texts or agreements(), organisations=(HERE, THERE), collecting=(THERE,))
    set_up(here, {"": {"adapters": ["ead_json", "supplement"]}, "delivery": QUICK, "batch": {"linger_ms": 1}})
    secret = here.folder / "partner.secret"
    secret.write_text(SECRET_TEXT)
    secret.chmod(0o600)
    outgoing = f'url = "{url}"\nadapter = "{form[0]}"\nmessage_type = "{form[1]}"' if url else ""
    lines = ["", "[[webhook]]", f'organisation = "{THERE}"', outgoing, more, "[webhook.take]"]
    lines += [
        f'agreement = "{THERE}-{HERE}"',
        'adapter = "ead_json"',
        'key_file = "partner.secret"',
        take,
        "",
    ]
    with here.config.open("a", encoding="utf-8") as file:
        file.write("\n".join(lines))
    return here


class Stage:
    """The steps of one gateway on its real store; an async context."""

    def __init__(self, party):
        self.party = party
        self.config = load_config(party.config)

    async def __aenter__(self):
        self.trust = Trust(self.config)
        self.store = open_store(self.config.database.url)
        workers = Here(NodeJobs(self.config), None)
        self.steps = Steps(self.config, self.trust, self.store, workers, self.config.node.number)
        await self.steps.logs.publisher.recover()
        return self

    async def __aexit__(self, *_):
        await asyncio.to_thread(self.steps.logs.close)
        await self.store.close()

    @contextlib.asynccontextmanager
    async def running(self):
        """Run what batches and delivers."""
        loops = [*self.steps.batchers, *self.steps.couriers, self.steps.logs.publisher]
        tasks = [asyncio.create_task(one.run()) for one in loops]
        try:
            yield self
        finally:
            for one in tasks:
                one.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def submit(self, raw):
        """Take in a domestic message, which must be taken."""
        done = await self.steps.intake.submit(raw, source="test", submitter="local", adapter="ead_json")
        assert done.outcome == "accepted", done.acknowledgement
        return done

    async def batches(self):
        """Return the batches of the channel to the partner."""
        return await self.store.read(lambda tx: tx.batches_after(OUT, 0, 100))

    async def channel(self):
        """Return the row of that channel."""
        return await self.store.read(lambda tx: tx.channel(OUT))

    async def until(self, condition, seconds=15.0):
        """Wait until a condition on the batches holds."""
        async with asyncio.timeout(seconds):
            while not condition(await self.batches()):  # noqa: ASYNC110 - what is waited for is in the store
                await asyncio.sleep(0.01)

    async def settled(self, count=1):
        """Wait until so many batches have what stands for their receipt."""
        await self.until(lambda rows: sum(one.state != "pending" for one in rows) >= count)
        return await self.batches()
