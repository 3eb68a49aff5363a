# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway audit reconcile`: compare the batches of a day with a partner, both ways."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.clock import milliseconds, system_clock

if TYPE_CHECKING:
    from gateway.config import Config
    from gateway.exchange.reconcile import Comparison, Question, Told

UNCHECKED = 2
SECONDS = 60.0


def reconcile(
    partner: Annotated[str, typer.Argument(help="Whom to compare with.")],
    day: Annotated[str, typer.Option("--day", help="Day of sealing, YYYY-MM-DD, in UTC.")],
    config: Annotated[Path, typer.Option("--config", help="Configuration file.")] = Path("gateway.toml"),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the batches that one side lacks or holds otherwise.

    Exit 0 if both hold the same, 1 if they do not, 2 if they could not be compared.
    """
    import asyncio

    from gateway.cli.printing import print_json
    from gateway.cli.progress import progress
    from gateway.config import load_config
    from gateway.errors import ConfigError, DeliveryError

    try:
        start = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)
    except ValueError as error:
        raise ConfigError(f"--day: {error}") from error
    span = (milliseconds(start), milliseconds(start + timedelta(days=1)))
    try:
        with progress("Comparing with the partner"):
            found = asyncio.run(_compare(load_config(config), partner, span))
    except DeliveryError as error:
        typer.echo(f"gateway: {error}", err=True)
        raise typer.Exit(UNCHECKED) from error
    if as_json:
        print_json([_as_json(one) for one in found])
    else:
        for one in found:
            _print(one, partner)
    if not all(one.equal for one in found):
        raise typer.Exit(1)


async def _compare(node: "Config", partner: str, span: tuple[int, int]) -> "list[Comparison]":
    """Compare every channel between the two."""
    from gateway.client.questions import reconcile as ask_partner
    from gateway.envelope.partners import load_bundle
    from gateway.errors import ConfigError, DeliveryError
    from gateway.exchange.reconcile import Books, Told
    from gateway.jobs import load_trust
    from gateway.store import open_store
    from gateway.wire.v1 import peer_pb2

    own, _, agreements = load_trust(node)
    bundle = load_bundle(Path(node.partners), partner, system_clock())
    organisation = node.node.organisation
    both = (*agreements.between(organisation, partner), *agreements.between(partner, organisation))
    if not both:
        raise ConfigError(f"there is no agreement with {partner}")
    if not bundle.endpoint:
        raise DeliveryError(f"{partner} takes no calls; it must compare with us", retryable=False)

    async def ask(question: "Question") -> "Told":
        reply = await ask_partner(
            bundle,
            own,
            peer_pb2.ReconcileRequest(
                channel=question.channel,
                from_ms=question.span[0],
                until_ms=question.span[1],
                first_sequence=question.places.start,
                end_sequence=question.places.stop,
                nodes=[
                    peer_pb2.ReconcileRequest.Node(level=level, index=index)
                    for level, index in question.nodes
                ],
            ),
            timeout=SECONDS,
        )
        places = range(reply.first_sequence, reply.end_sequence)
        return Told(places, reply.count, reply.root, tuple(reply.hashes))

    store = open_store(node.database.url, create=False, archive=node.archive.folder)
    try:
        books = Books(organisation, store)
        return [await books.compare(name, span, ask) for name in sorted({one.channel for one in both})]
    finally:
        await store.close()


def _as_json(one: "Comparison") -> dict[str, object]:
    """Return a comparison in plain values."""
    return {
        "channel": one.channel,
        "first": one.places.start,
        "end": one.places.stop,
        "ours": one.our_count,
        "theirs": one.their_count,
        "questions": one.rounds,
        "equal": one.equal,
        "differing": list(one.missing.differing),
        "we_lack": list(one.missing.we_lack),
        "they_lack": list(one.missing.they_lack),
    }


def _print(one: "Comparison", partner: str) -> None:
    """Print a comparison for people."""
    state = "equal" if one.equal else "NOT EQUAL"
    counts = f"we hold {one.our_count}, {partner} {one.their_count}"
    typer.echo(f"{one.channel}: {state}; {counts} ({one.rounds} questions)")
    lists = (
        ("held otherwise", one.missing.differing),
        ("we lack", one.missing.we_lack),
        (f"{partner} lacks", one.missing.they_lack),
    )
    for text, numbers in lists:
        if numbers:
            typer.echo(f"  {text}: {', '.join(map(str, numbers))}")
