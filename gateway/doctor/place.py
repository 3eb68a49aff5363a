# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The place of a node: files that must be private, room on the disk, adapters, rates."""

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from gateway.config import Config
from gateway.doctor.diagnosis import Diagnosis, State
from gateway.errors import GatewayError
from gateway.registry import load_adapters
from gateway.trade.exchange_rates import load_rates

ROOM_WARN, ROOM_FAIL = 0.10, 0.02  # of the file system of the data folder
_PRIVATE = ("*.key", "*.pkcs11")


def private_files(config: Config) -> Iterator[Diagnosis]:
    """Find files with secrets that somebody else of this machine may read."""
    named = [config.http.token_file, config.http.log_token_file, config.http.oidc.client_secret_file]
    for one in config.webhook:
        named += [one.client_key, one.client_secret_file, one.take.key_file]
    files = [path for pattern in _PRIVATE for path in sorted(Path(config.keys).glob(pattern))]
    files += [Path(name) for name in named if name]
    wrong = 0
    for path in files:
        if not path.is_file():
            wrong += 1
            fix = "put the file there, or take it out of gateway.toml"
            yield Diagnosis("permissions", path.name, State.FAIL, "there is no such file", fix)
        elif path.stat().st_mode & 0o077:
            wrong += 1
            detail = f"others may read it (mode {path.stat().st_mode & 0o777:o})"
            yield Diagnosis("permissions", path.name, State.FAIL, detail, f"chmod 600 {path}")
    if not wrong:
        yield Diagnosis("permissions", f"{len(files)} files", State.OK, "only their owner reads them")


def disk(config: Config) -> Iterator[Diagnosis]:
    """Say how much room is left where the data folder lies."""
    folder = Path(config.data)
    while not folder.exists():
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    free = usage.free / usage.total
    detail = f"{usage.free / 1e9:.1f} GB free, {free:.0%}"
    if free >= ROOM_WARN:
        yield Diagnosis("disk", config.data, State.OK, detail)
        return
    state = State.FAIL if free < ROOM_FAIL else State.WARN
    yield Diagnosis("disk", config.data, state, detail, "make room, or move the data folder to a larger disk")


def adapters(config: Config) -> Iterator[Diagnosis]:
    """Load every adapter that the configuration names."""
    try:
        found = load_adapters(config.adapters)
    except GatewayError as error:
        fix = "install what registers that name, or mend `adapters` in gateway.toml"
        yield Diagnosis("adapters", ", ".join(config.adapters), State.FAIL, str(error), fix)
        return
    yield Diagnosis("adapters", ", ".join(found), State.OK, "loaded, tables checked")


def rates(config: Config, now: datetime) -> Iterator[Diagnosis]:
    """Say whether the exchange rates cover today."""
    try:
        table = load_rates(config.statistics.rates)
    except GatewayError as error:
        fix = "mend the file that statistics.rates names"
        yield Diagnosis("code lists", "exchange rates", State.FAIL, str(error), fix)
        return
    until = table.covered_until
    detail = f"{table.about.title} ({table.about.status}), until {until}"
    if table.about.status == "sample":
        fix = "name a table of your own in statistics.rates"
        yield Diagnosis("code lists", "exchange rates", State.WARN, detail, fix)
    elif until is None or until < now.date():
        fix = "add the rates of this month: values of today are not converted"
        yield Diagnosis("code lists", "exchange rates", State.WARN, detail, fix)
    else:
        yield Diagnosis("code lists", "exchange rates", State.OK, detail)
