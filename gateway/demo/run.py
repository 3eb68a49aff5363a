# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The demonstration from beginning to end: set up, exchange, account, trace."""

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeAlias

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from gateway.demo.account import LIST_REFUSED, NOT_SHARED, Account, account, books, check_proofs, open_books
from gateway.demo.stage import Party, make_parties, packaged_agreements
from gateway.demo.traffic import Sent, Traffic, make_traffic, post, returns, send_all
from gateway.errors import GatewayError
from gateway.exchange.query import Query
from gateway.store import SqlStore
from gateway.trace_text import received_lines, trace_lines

SETTLE_SECONDS = 60.0
POLL_SECONDS = 0.1
Ends: TypeAlias = tuple[tuple[Party, SqlStore], tuple[Party, SqlStore]]
UNSETTLED = ("ready", "batched")
QUIET_LOOKS = 3


def run_demo(*, lists: int, seed: int, keep: bool, folder: Path | None) -> bool:
    """Run it and say whether every item is accounted for."""
    console = Console(highlight=False)
    place = folder or Path(tempfile.mkdtemp(prefix="ead-demo-"))
    console.print(f"two customs gateways in {place}: keys, bundles, agreements")
    here, there = parties = make_parties(place, packaged_agreements())
    traffic = make_traffic(lists, seed, "NL")
    finished = False
    try:
        for party in parties:
            party.start()
            console.print(f"  {party.organisation}: gRPC {party.grpc}, HTTP {party.url}, pid {_pid(party)}")
        finished = _exchange(console, here, there, traffic)
    finally:
        if not (keep and finished):
            for party in parties:
                party.stop()
    if keep and finished:
        _leave(console, parties)
    return finished


def _exchange(console: Console, here: Party, there: Party, traffic: Traffic) -> bool:
    """Send everything, wait until it has settled, and account for it."""
    sent, started = Sent(), time.monotonic()
    store_here, store_there = open_books(here), open_books(there)
    try:
        with _progress(console) as progress:
            total = len(traffic.on_time) + len(traffic.late)
            bar = progress.add_task("messages in", total=total)
            settled = progress.add_task("items settled", total=len(traffic.parcels))
            send_all(here, traffic.on_time, sent, lambda: progress.advance(bar))
            send_all(here, traffic.late, sent, lambda: progress.advance(bar))
            _settle(here, store_here, sent.messages, lambda done: progress.update(settled, completed=done))
            progress.update(settled, completed=len(traffic.parcels))
        seconds = time.monotonic() - started
        exported = account(store_here, store_there, traffic.parcels, sent.spoilt)
        ends = ((here, store_here), (there, store_there))
        form, numbers = returns(exported.accepted)
        post(there, form, "supplement")
        _settle(there, store_there, 1, lambda _: None)
        returned = account(store_there, store_here, numbers, [])
        proofs = asyncio.run(_proofs(ends, exported, returned))
        faults = [*sent.surprises, *exported.faults, *returned.faults]
        faults += asyncio.run(_ledger_faults(store_here, store_there))
        _report(console, ends, sent, exported, returned, proofs=proofs, seconds=seconds)
        asyncio.run(_trace(console, ends, exported))
        return _verdict(console, exported, returned, faults)
    finally:
        store_here.shut()
        store_there.shut()


def _settle(party: Party, store: SqlStore, messages: int, show: Callable[[int], None]) -> None:
    """Wait until so many messages are in, the folder is empty, and nothing is on its way any more.

    Raises:
        GatewayError: it takes too long.
    """
    end, quiet = time.monotonic() + SETTLE_SECONDS, 0
    while quiet < QUIET_LOOKS:
        counts = store.run_read(lambda tx: tx.ledger())
        moving = sum(counts.shares.get(state, 0) for state in UNSETTLED)
        show(sum(counts.items.values()) - moving)
        waiting_files = any(one.is_file() for one in party.inbox.iterdir())
        quiet = 0 if moving or waiting_files or counts.messages < messages else quiet + 1
        if time.monotonic() > end:
            raise GatewayError(f"{party.organisation} did not settle in {SETTLE_SECONDS:.0f} s")
        time.sleep(POLL_SECONDS)


async def _proofs(ends: Ends, exported: Account, returned: Account) -> int:
    """Check proofs of records at both ends of both directions."""
    (here, store_here), (there, store_there) = ends
    checked = 0
    for numbers, (sender, sending), (taker, taking) in (
        (exported.accepted, (here, store_here), (there, store_there)),
        (returned.accepted, (there, store_there), (here, store_here)),
    ):
        checked += await check_proofs(sender, taker, sending, numbers, sent=True)
        checked += await check_proofs(taker, sender, taking, numbers, sent=False)
    return checked


async def _ledger_faults(*stores: SqlStore) -> list[str]:
    """Return the equations of the ledgers that do not hold."""
    return [fault for store in stores for fault in (await Query(store).ledger()).faults]


def _report(
    console: Console,
    ends: Ends,
    sent: Sent,
    exported: Account,
    returned: Account,
    *,
    proofs: int,
    seconds: float,
) -> None:
    """Print the account."""
    (here, store_here), (there, store_there) = ends
    table = Table("what", "count", "why", title="the account", title_justify="left")
    table.add_row("messages sent in", f"{sent.messages:,}", "HTTP and folder")
    table.add_row("documents received", f"{sent.documents:,}", "orders, waybills, lists, supplements")
    table.add_row("documents accepted", f"{sent.accepted:,}", "")
    reasons = ", ".join(f"{code} {count}" for code, count in exported.reasons.most_common())
    table.add_row("refusal findings", f"{exported.reasons.total():,}", reasons)
    table.add_row(
        "parcels", f"{exported.parcels:,}", "each is in exactly one of the next rows", end_section=True
    )
    table.add_row(
        "  accepted by the partner", _count(exported, "accepted"), "released, signed, receipted, logged"
    )
    table.add_row("  rejected", _count(exported, "rejected"), "by treatment or by the partner")
    lacking = ", ".join(f"{path} {count}" for path, count in exported.lacking.most_common())
    table.add_row("  waiting", _count(exported, "waiting"), f"for {lacking}" if lacking else "")
    table.add_row("  not shared", _count(exported, NOT_SHARED), "no agreement with the destination")
    table.add_row("  no valid list", _count(exported, LIST_REFUSED), "the list was refused", end_section=True)
    table.add_row(
        "returns announced back", f"{returned.parcels:,}", f"accepted {_count(returned, 'accepted')}"
    )
    for party, store, other in ((here, store_here, there), (there, store_there, here)):
        for log, size in books(store, party, other).logs.items():
            table.add_row(f"log {log}", f"{size:,}", "entries")
    table.add_row("proofs checked", f"{proofs:,}", "record to batch root to signed checkpoint, at both ends")
    rate = exported.parcels / seconds
    table.add_row(
        "parcels/s", f"{rate:,.0f}", f"{sent.documents / seconds:,.0f} documents/s, {seconds:.1f} s in all"
    )
    console.print(table)


def _count(one: Account, state: str) -> str:
    """Return the count of a state."""
    return f"{one.states.get(state, 0):,}"


async def _trace(console: Console, ends: Ends, exported: Account) -> None:
    """Print one item from source field to the partner's field."""
    (here, store_here), (there, store_there) = ends
    number = exported.accepted[0]
    console.rule(f"{number} at {here.organisation}", align="left")
    found = await Query(store_here).trace(number)
    if found is not None:
        _print(console, trace_lines(found))
    console.rule(f"{number} at {there.organisation}", align="left")
    for one in await Query(store_there).received(number):
        _print(console, received_lines(one))
    console.print(f"\nany other: gateway trace NUMBER --config {here.config}", soft_wrap=True)
    console.print(f"           gateway received NUMBER --config {there.config}", soft_wrap=True)


def _print(console: Console, lines: Iterable[str]) -> None:
    """Print lines as they are."""
    for line in lines:
        console.print(line, soft_wrap=True, markup=False)


def _verdict(console: Console, exported: Account, returned: Account, faults: list[str]) -> bool:
    """Print the last line and return whether it is good."""
    accounted = exported.states.total() == exported.parcels and returned.states.total() == returned.parcels
    stuck = sum(one.states.get(state, 0) for one in (exported, returned) for state in UNSETTLED)
    for fault in faults[:20]:
        console.print(f"fault: {fault}", style="red")
    good = accounted and not stuck and not faults
    figures = " ".join(
        f"{name.replace(' ', '_')}={exported.states[name]}" for name in sorted(exported.states)
    )
    console.print(
        f"demo: {'ok' if good else 'FAILED'} parcels={exported.parcels} {figures} "
        f"returns={returned.states.get('accepted', 0)}/{returned.parcels} faults={len(faults)}",
        soft_wrap=True,
    )
    return good


def _progress(console: Console) -> Progress:
    """Return the progress bars."""
    return Progress(
        TextColumn("{task.description:15}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )


def _leave(console: Console, parties: Sequence[Party]) -> None:
    """Say how to reach and how to end what keeps running."""
    for party in parties:
        console.print(
            f"{party.organisation} keeps running: HTTP {party.url}, gRPC {party.grpc}", soft_wrap=True
        )
        console.print(f"  end it with: kill {_pid(party)}")
        console.print(f"  look at it: {party.url}/console", soft_wrap=True)
        party.process = None


def _pid(party: Party) -> int:
    """Return the process id of a running gateway."""
    return party.process.pid if party.process else 0
