# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The database of a node: whether it answers, has the tables of this program, and adds up."""

from collections.abc import Iterator

from gateway.config import Config
from gateway.doctor.diagnosis import Diagnosis, State
from gateway.errors import ConfigError, GatewayError
from gateway.exchange.query import Query
from gateway.store import database_version, open_store


async def database(config: Config) -> list[Diagnosis]:
    """Examine the database without changing it."""
    try:
        version = database_version(config.database.url)
    except ConfigError as error:
        fix = "gateway serve makes a new one; if there was one, restore it from a backup"
        return [Diagnosis("database", "connection", State.FAIL, str(error), fix)]
    except GatewayError as error:
        fix = "start the server, mend database.url, or restore the file from a backup"
        return [Diagnosis("database", "connection", State.FAIL, str(error), fix)]
    found = [Diagnosis("database", "connection", State.OK, "answers")]
    try:
        store = open_store(config.database.url, create=False)
    except ConfigError as error:
        fix = "gateway serve brings an older one up to date; a newer one needs the newer program"
        return [*found, Diagnosis("migrations", "tables", State.FAIL, str(error), fix)]
    found.append(Diagnosis("migrations", "tables", State.OK, f"version {version}"))
    try:
        return [*found, *await _figures(Query(store))]
    except GatewayError as error:
        return [*found, Diagnosis("database", "rows", State.FAIL, str(error), "restore from a backup")]
    finally:
        await store.close()


async def _figures(query: Query) -> list[Diagnosis]:
    """Look at the ledger and at stopped channels."""
    balance, status = await query.ledger(), await query.status()
    return [*_ledger(balance.faults), *_channels((one.name, one.stopped) for one in status.channels)]


def _ledger(faults: tuple[str, ...]) -> Iterator[Diagnosis]:
    """Say whether what came in, went out and was answered adds up."""
    for fault in faults:
        yield Diagnosis("ledger", "counts", State.FAIL, fault, "gateway audit fsck names the rows")
    if not faults:
        yield Diagnosis("ledger", "counts", State.OK, "every equation holds")


def _channels(channels: Iterator[tuple[str, str]]) -> Iterator[Diagnosis]:
    """Name the channels that stand still, and why."""
    for name, stopped in channels:
        if stopped:
            fix = f"mend the cause, then gateway channel resume {name}"
            yield Diagnosis("channels", name, State.FAIL, stopped, fix)
