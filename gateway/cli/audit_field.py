# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway audit open-field|verify-field`: show one withheld value, and check it against its batch."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gateway.envelope.trust import Keyring
    from gateway.evidence import FieldOpening, OriginalRecord

CONFIG = Annotated[Path, typer.Option("--config", help="Configuration file.")]


def open_field(  # noqa: PLR0917 - typer reads parameters as options
    item: Annotated[str, typer.Argument(help="Tracking number of an item that was sent.")],
    path: Annotated[str, typer.Argument(help="Field as the record names it: content[0].unit_price.amount.")],
    agreement: Annotated[str, typer.Option("--agreement", help="Records under this agreement only.")] = "",
    version: Annotated[int, typer.Option("--version", help="This version of the release only.")] = 0,
    out: Annotated[
        Path | None, typer.Option("--out", help="File to write; of several records, the name is numbered.")
    ] = None,
    config: CONFIG = Path("gateway.toml"),
) -> None:
    """Open one withheld field for a referral: a small signed file. The access is logged."""
    import asyncio
    import os

    from gateway.cli.audit_node import audited
    from gateway.clock import system_clock
    from gateway.config import load_config
    from gateway.exchange.open_field import FieldOpener

    with audited(load_config(config)) as node:
        opener = FieldOpener(node.store, node.journal(os.urandom), node.own.seal)
        files = asyncio.run(opener.open(item, path, system_clock(), agreement=agreement, version=version))
    target = out or Path("opened-field.json")
    for number, raw in enumerate(files, 1):
        name = target if len(files) == 1 else target.with_stem(f"{target.stem}-{number}")
        name.write_bytes(raw)
        typer.echo(f"{name}: {path}")


def verify_field(
    file: Annotated[Path, typer.Argument(help="File of an opened field.", exists=True, dir_okay=False)],
    bundle: Annotated[
        Path | None,
        typer.Option("--bundle", help="Check offline against this evidence bundle.", exists=True),
    ] = None,
    trust: Annotated[
        list[str] | None,
        typer.Option("--trust", help="With --bundle: authorities or partner bundles; repeatable."),
    ] = None,
    config: CONFIG = Path("gateway.toml"),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check an opened field against the batch it is from; exit 1 if it does not hold, 2 if not checkable."""
    from gateway.cli.printing import print_json
    from gateway.errors import CouldNotCheck
    from gateway.evidence import read_opening, verify_opening

    raw = file.read_bytes()
    opening = read_opening(raw)
    try:
        original, keyring = _offline(bundle, trust or []) if bundle else _from_store(opening, config)
        verify_opening(raw, original, keyring)
    except CouldNotCheck as error:
        typer.echo(f"gateway: could not check: {error}", err=True)
        raise typer.Exit(2) from error
    if as_json:
        print_json(
            {
                "good": True,
                "sender": opening.sender,
                "batch_id": opening.batch_id,
                "position": opening.position,
                "path": opening.path,
                "value": opening.value.decode("utf-8", "replace"),
            }
        )
        return
    typer.echo(f"good: record {opening.position} of batch {opening.batch_id} of {opening.sender}")
    typer.echo(f"{opening.path} = {opening.value.decode('utf-8', 'replace')}")


def _from_store(opening: "FieldOpening", config: Path) -> tuple["OriginalRecord", "Keyring"]:
    """Return the record from the store of a node, and the keys that it trusts."""
    import asyncio

    from gateway.cli.audit_node import audited
    from gateway.config import load_config
    from gateway.errors import PolicyRefusal
    from gateway.exchange.open_field import find_original

    with audited(load_config(config)) as node:
        original = asyncio.run(find_original(node.store, node.organisation, opening))
        if original is None:
            raise PolicyRefusal("this node holds no such record; it was erased or is another partner's")
        return original, node.keyring


def _offline(file: Path, trust: list[str]) -> tuple["OriginalRecord", "Keyring"]:
    """Return the record from a bundle that holds, and the keys of the bundle and of the anchors."""
    from gateway.clock import system_clock
    from gateway.envelope.archive import read_anchors
    from gateway.evidence.verify import original_of

    now = system_clock()
    return original_of(file.read_bytes(), read_anchors(trust, now), now)
