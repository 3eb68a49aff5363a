# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway audit bundle`, and `gateway audit verify` of such a file: offline, with trust anchors alone."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gateway.evidence import Bundle, Verdict

MARKS = {"good": "✔", "bad": "✘", "absent": "–", "unchecked": "?"}


def bundle(
    item: Annotated[str, typer.Argument(help="Tracking number of an item that was sent or received.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="File to write; of several records, the name is numbered.")
    ] = None,
    other: Annotated[
        Path | None, typer.Option("--with", help="The other side's bundle, whose log entry is to be added.")
    ] = None,
    config: Annotated[Path, typer.Option("--config", help="Configuration file.")] = Path("gateway.toml"),
) -> None:
    """Write everything that proves one item's records: one file for each record, the latest last.

    A file holds the record itself, so treat it as personal data. No other item's data is in it.
    """
    import asyncio

    from gateway.cli.audit_node import audited
    from gateway.config import load_config
    from gateway.errors import ConfigError, PolicyRefusal
    from gateway.evidence import read_bundle, write_bundle
    from gateway.exchange.evidence import Bundles

    with audited(load_config(config)) as node:
        made = asyncio.run(Bundles(node.organisation, node.store, node.holdings).of(item))
    if not made:
        raise PolicyRefusal("no record of this item was sent or received")
    if other is not None:
        theirs = read_bundle(other.read_bytes())
        made = [_joined(one, theirs) for one in made if one.envelope == theirs.envelope]
        if not made:
            raise ConfigError(f"{other} is about no record of this item")
    # A tracking number is personal data, so it names no file.
    target = out or Path(f"evidence-{made[-1].log.index}.json")
    for number, one in enumerate(made, 1):
        name = target if len(made) == 1 else target.with_stem(f"{target.stem}-{number}")
        name.write_bytes(write_bundle(one))
        typer.echo(f"{name}: entry {one.log.index}, record {one.record.position}")


def _joined(own: "Bundle", theirs: "Bundle") -> "Bundle":
    """Return our bundle with the entry of the other side's log."""
    import msgspec

    known = {part.organisation: part for part in own.materials}
    materials = list(own.materials)
    for part in theirs.materials:
        mine = known.get(part.organisation)
        if mine is None:
            materials.append(part)
            continue
        certificates = {
            purpose: tuple(
                dict.fromkeys((*mine.certificates.get(purpose, ()), *part.certificates.get(purpose, ())))
            )
            for purpose in sorted({*mine.certificates, *part.certificates})
        }
        materials[materials.index(mine)] = msgspec.structs.replace(mine, certificates=certificates)
    return msgspec.structs.replace(own, partner_log=theirs.log, materials=tuple(materials))


def verify_file(raw: bytes, trust: list[str], tsa: list[Path], *, as_json: bool) -> None:
    """Check a bundle and say what came of it; exit 1 if it is bad, 2 if it could not be checked."""
    from gateway.cli.printing import finding_dict, print_json
    from gateway.clock import system_clock
    from gateway.envelope.archive import read_anchors
    from gateway.envelope.timestamp import read_rules
    from gateway.evidence import State, verify_bundle

    now = system_clock()
    verdict = verify_bundle(raw, read_anchors(trust, now), now, read_rules(tsa) if tsa else None)
    if as_json:
        print_json(
            {
                "verdict": verdict.state,
                "checks": [
                    {
                        "name": one.name,
                        "state": one.state,
                        "says": one.says,
                        "findings": [finding_dict(each) for each in one.findings],
                    }
                    for one in verdict.checks
                ],
                "facts": verdict.facts,
            }
        )
    else:
        _print(verdict)
    if verdict.state is not State.GOOD:
        raise typer.Exit(1 if verdict.state is State.BAD else 2)


def _print(verdict: "Verdict") -> None:
    """Print the checklist for people."""
    from gateway.cli.printing import print_findings

    for one in verdict.checks:
        typer.echo(f"{MARKS[one.state]} {one.name}: {one.says}")
    print_findings(verdict.findings)
    for name in ("agreement", "legal_basis", "outcome", "outcome_is", "function", "existed_before"):
        if verdict.facts.get(name):
            typer.echo(f"  {name.replace('_', ' ')}: {verdict.facts[name]}")
    says = {"good": "everything holds", "bad": "do not rely on it", "unchecked": "could not be checked"}
    typer.echo(f"{verdict.state}: {says[verdict.state]}")
