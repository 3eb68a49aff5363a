# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway audit erase|erasures`: destroy what is known of items, and see which partners have confirmed it.

Erasing works whether or not the node is serving; the serving node brings the notices to the partners.
"""

import glob
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.clock import moment

if TYPE_CHECKING:
    from gateway.bootstrap import Steps
    from gateway.config import Config
    from gateway.exchange.erase import Erased
    from gateway.exchange.rows import ErasureRow

CONFIG = Annotated[Path, typer.Option("--config", help="Configuration file.")]
JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def erase(  # noqa: PLR0917 - typer reads parameters as options
    reason: Annotated[str, typer.Option("--reason", help="Why, as the record keeps it; name nobody in it.")],
    item: Annotated[
        list[str] | None, typer.Option("--item", help="Tracking number of an item; repeatable.")
    ] = None,
    party_of: Annotated[
        list[str] | None,
        typer.Option("--party-of", help="Every item of the same party as in this item; repeatable."),
    ] = None,
    role: Annotated[str, typer.Option("--role", help="Which party of --party-of.")] = "addressee",
    before: Annotated[
        str, typer.Option("--before", help="Batches whose retention had ended on this day, YYYY-MM-DD.")
    ] = "",
    agreement: Annotated[str, typer.Option("--agreement", help="With --before: this agreement only.")] = "",
    compact: Annotated[
        bool,
        typer.Option(
            "--compact/--no-compact", help="Write the database files anew, so that no old bytes stay in them."
        ),
    ] = True,
    config: CONFIG = Path("gateway.toml"),
    as_json: JSON = False,
) -> None:
    """Erase items, a party or what is past its retention; exit 1 if there was nothing to erase.

    Salts, secrets and records are destroyed, the erasure is logged, partners are told. Everything else stays
    provable.
    """
    import asyncio

    from gateway.cli.printing import print_json
    from gateway.config import load_config
    from gateway.errors import ConfigError
    from gateway.exchange.seek import ROLES

    if sum(map(bool, (item, party_of, before))) != 1:
        raise ConfigError("name one of --item, --party-of and --before")
    if role not in ROLES:
        raise ConfigError(f"unknown role {role}; known are {', '.join(ROLES)}")
    if not reason.strip() or (agreement and not before):
        raise ConfigError("--reason must say something, and --agreement goes with --before")
    node = load_config(config)
    done = asyncio.run(
        _erase(
            node,
            items=item or [],
            parties=party_of or [],
            role=role,
            before=_day(before),
            agreement=agreement,
            reason=reason.strip(),
        )
    )
    files = _clean_files(node, done)
    if compact:
        from gateway.store import scrub

        scrub(node.database.url)
    result = {
        "items": done.items,
        "records_sent": done.sent,
        "records_received": done.received,
        "notices": done.notices,
        "files": files,
        "compacted": compact,
    }
    if as_json:
        print_json(result)
    else:
        typer.echo(
            f"erased: {done.items} items, {done.sent} records sent, {done.received} records received;"
            f" {len(done.notices)} notices to partners"
        )
        if not compact:
            typer.echo("old bytes stay in the database files until they are compacted", err=True)
    if not (done.items or done.sent or done.received):
        raise typer.Exit(1)


def erasures(config: CONFIG = Path("gateway.toml"), as_json: JSON = False) -> None:
    """List erasures and whether partners have confirmed them; exit 1 if one waits for its confirmation."""
    import asyncio

    from gateway.cli.printing import print_json
    from gateway.config import load_config

    rows = asyncio.run(_list(load_config(config).database.url))
    outcomes = [_outcomes(one) for one in rows]
    if as_json:
        print_json(
            [
                {
                    "notice": one.notice_id,
                    "partner": one.partner,
                    "direction": one.direction,
                    "state": one.state,
                    "records": one.records,
                    "reason": one.reason,
                    "at": _moment(one.created_at),
                    "answered_at": _moment(one.answered_at),
                    "log_index": one.log_index,
                    "outcomes": said,
                }
                for one, said in zip(rows, outcomes, strict=True)
            ]
        )
    else:
        for one, said in zip(rows, outcomes, strict=True):
            told = ", ".join(f"{count} {name}" for name, count in said.items())
            typer.echo(
                f"{_moment(one.created_at)}  {one.notice_id}  {one.direction:8} {one.partner}"
                f"  {one.records} records  {one.state}" + (f" ({told})" if told else "")
            )
    if any(one.state == "pending" for one in rows):
        raise typer.Exit(1)


async def _erase(
    node: "Config",
    *,
    items: Sequence[str],
    parties: Sequence[str],
    role: str,
    before: datetime | None,
    agreement: str,
    reason: str,
) -> "Erased":
    """Run one of the three kinds of erasure."""
    from gateway.exchange.erase import Erased
    from gateway.node import with_steps

    async def work(steps: "Steps") -> "Erased":
        if before is not None:
            return await steps.erasing.expired(before, agreement, reason=reason)
        if items:
            return await steps.erasing.items(items, reason=reason)
        total = Erased()
        for tracking in parties:
            total.add(await steps.erasing.party(tracking, role, reason=reason))
        return total

    return await with_steps(node, work)


def _clean_files(node: "Config", done: "Erased") -> int:
    """Delete submitted files that a watched folder keeps and whose message is gone; return how many."""
    import hashlib

    from gateway.server.folder import DONE, ENCODINGS, REFUSED

    digests, deleted = set(done.digests), 0
    places = [Path(one.path) / place for one in node.intake.folders for place in (DONE, REFUSED)]
    files = [file for place in places if digests and place.is_dir() for file in sorted(place.iterdir())]
    for file in files:
        if not file.is_file():  # it went with the message that it was the receipt of
            continue
        raw = file.read_bytes()
        if file.suffix in ENCODINGS:
            raw = _expanded(raw, ENCODINGS[file.suffix])
        if hashlib.sha256(raw).digest() in digests:
            for beside in file.parent.glob(f"{glob.escape(file.name)}.receipt.*"):
                beside.unlink()
            file.unlink()
            deleted += 1
    return deleted


def _expanded(raw: bytes, encoding: str) -> bytes:
    """Return the message of a compressed file, nothing if it does not expand."""
    from gateway.errors import InputError
    from gateway.exchange.expand import Sizes, expand

    try:
        return expand(raw, encoding, Sizes())
    except InputError:
        return b""


async def _list(url: str) -> "list[ErasureRow]":
    """Return every erasure, in order."""
    from functools import partial

    from gateway.exchange.ports import Transaction
    from gateway.store import open_store

    def page(tx: Transaction, after: int) -> "list[ErasureRow]":
        return tx.erasures(after, 500)

    store = open_store(url, create=False)
    rows: list[ErasureRow] = []
    try:
        while found := await store.read(partial(page, after=rows[-1].id if rows else 0)):
            rows += found
    finally:
        await store.close()
    return rows


def _outcomes(row: "ErasureRow") -> dict[str, int]:
    """Count what the partner, or we, answered for each record."""
    from collections import Counter

    from gateway.wire.convert import parse_erasure_confirmation, unpack_envelope
    from gateway.wire.v1 import envelope_pb2

    if not row.answer:
        return {}
    said = parse_erasure_confirmation(unpack_envelope(row.answer).statement)
    names = envelope_pb2.ErasureConfirmation.Outcome
    return dict(Counter(names.Name(one).removeprefix("OUTCOME_").lower() for one in said.outcomes))


def _day(text: str) -> datetime | None:
    """Read a day; its beginning in UTC counts.

    Raises:
        ConfigError: it is not a day.
    """
    from gateway.errors import ConfigError

    if not text:
        return None
    try:
        return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
    except ValueError as error:
        raise ConfigError(f"--before: {error}") from error


def _moment(at: int) -> str:
    """Write a moment for people."""
    return moment(at).isoformat(timespec="seconds") if at else "-"
